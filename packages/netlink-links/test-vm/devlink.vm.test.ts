import { spawnSync } from 'node:child_process';
import { Netlink } from 'netlink-links';
import { Attributes } from 'netlink-links/attributes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '#testkit';
import { type DevlinkEswitchSettings, writeEswitch } from '../src/devlink/eswitch.ts';
import { devlinkMessage } from '../src/devlink/request.ts';

let netlink: Netlink;
beforeAll(() => {
  netlink = Netlink.open();
});
afterAll(() => netlink.close());

it('no device is there, as devlink shows it', async () => {
  expect(JSON.parse(run('devlink', ['-j', 'dev', 'show']))).toEqual({ dev: {} });
  expect(await netlink.devlinkList()).toEqual([]);
  expect(netlink.sync.devlinkPortList()).toEqual([]);
});

it('a device that is not there is an error that names it', async () => {
  await expect(netlink.devlinkInfoGet('pci/0000:99:00.0')).rejects.toThrow(
    /^cannot read the information of pci\/0000:99:00\.0: there is no device pci\/0000:99:00\.0 in the namespace \(ENODEV\)$/,
  );
  expect(() => netlink.sync.devlinkEswitchGet('pci/0000:99:00.0')).toThrow(/\(ENODEV\)$/);
  expect(() => netlink.sync.devlinkEswitchSet('pci/0000:99:00.0', { mode: 'legacy' })).toThrow(/\(ENODEV\)$/);
});

/** What `devlink` sends to the family. */
function sentByDevlink(line: string): unknown[] {
  const { stderr } = spawnSync(
    'strace',
    ['-e', 'trace=sendto,sendmsg', '-e', 'write=all', '-s', '0', 'devlink', ...line.split(' ')],
    { encoding: 'utf8' },
  );
  const messages: string[] = [];
  for (const row of stderr.split('\n')) {
    const dump = /^ \| ([0-9a-f]{5,}) {2}((?:[0-9a-f]{2} {1,2}){0,16})/.exec(row);
    if (dump === null) continue;
    if (/^0+$/.test(dump[1] ?? '')) messages.push('');
    messages.push(`${messages.pop() ?? ''}${(dump[2] ?? '').replace(/ /g, '')}`);
  }
  const family = netlink.sync.genericFamilyGet('devlink').id;
  return messages
    .map((hex) => Buffer.from(hex, 'hex'))
    .filter((message) => message.readUInt16LE(4) === family)
    .map(payloadOf);
}

/**
 * The command and the attributes, behind the `nlmsghdr` and without the version: `devlink` says 0, and has what was there
 * before in the bytes between attributes.
 */
const payloadOf = (message: Uint8Array): unknown => [
  message[16],
  [...Attributes.of(message.subarray(20))].map(({ type, data }) => [type, Buffer.from(data).toString('hex')]),
];

it.each<[string, DevlinkEswitchSettings]>([
  ['mode switchdev', { mode: 'switchdev' }],
  [
    'mode legacy inline-mode transport encap-mode basic',
    { mode: 'legacy', inlineMode: 'transport', encapMode: 'basic' },
  ],
])('"devlink dev eswitch set … %s" sends what is sent here', (words, settings) => {
  const [sent] = sentByDevlink(`dev eswitch set pci/0000:99:00.0 ${words}`);
  const device = { bus: 'pci', device: '0000:99:00.0' };
  const message = devlinkMessage(0, 30, 0, device, (writer) => writeEswitch(writer, settings));
  expect(payloadOf(message)).toEqual(sent);
});

it.each([
  ['dev info pci/0000:99:00.0', 51],
  ['dev eswitch show pci/0000:99:00.0', 29],
])('"devlink %s" sends what is sent here', (line, command) => {
  const [sent] = sentByDevlink(line);
  const message = devlinkMessage(0, command, 0, { bus: 'pci', device: '0000:99:00.0' });
  expect(payloadOf(message)).toEqual(sent);
});
