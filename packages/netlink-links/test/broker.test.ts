import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, deleteNamed } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, retryUntil, uniqueName, withoutPrivileges } from '#testkit';

const PROGRAM = fileURLToPath(new URL('../../netns-core/dist/netns-broker.js', import.meta.url));
/** `<linux/rtnetlink.h>` */
const RTNLGRP_IPV4_MROUTE_R = 30;
const RTNLGRP_IPV6_MROUTE_R = 31;
const RED = uniqueName('red');
const directory = mkdtempSync(path.join(tmpdir(), 'netlink-links-broker-'));
const SOCKET = path.join(directory, 'socket');
const config = path.join(directory, 'config.json');
let made: Disposable;
let broker: ChildProcess;

function startBroker(): void {
  broker = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: 'inherit' });
  // Waits for it.
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(RED);
}

async function stopBroker(): Promise<void> {
  const ended = once(broker, 'exit');
  broker.kill();
  await ended;
}

beforeAll(() => {
  made = makeNamespaces(RED);
  chmodSync(directory, 0o755);
  const rules = [{ users: [process.getuid?.(), 65_534], namespaces: [`${RED}*`] }];
  writeFileSync(config, JSON.stringify({ path: SOCKET, policy: { rules }, log: 'none' }));
  startBroker();
});
afterAll(async () => {
  await stopBroker();
  made[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const WITHOUT_PRIVILEGES = withoutPrivileges(PROGRAM);
// Beside the packages that it imports.
const CONSUMER = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** A program that may not enter any namespace, until it is disposed of. */
class Unprivileged implements Disposable {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(source: string) {
    const [command = '', ...args] = [...WITHOUT_PRIVILEGES, process.execPath, '--input-type=module', '--eval', source];
    this.#child = spawn(command, args, {
      cwd: CONSUMER,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', NETNS_BROKER: SOCKET },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  said(text: string): Promise<unknown> {
    return retryUntil(() => this.output.includes(text), 15_000);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

/** Says each update of a subscription, and how it ended. */
const FOLLOW = `
  const say = (...words) => console.log(words.join(' '));
  const follow = async (name, updates, of) => {
    try {
      for await (const update of updates) say(name, update.type, of(update));
      say(name, 'ended');
    } catch (error) {
      say(name, error.code);
    }
  };`;

it("a process without capabilities reads what drives a device, on the broker's socket and in its namespace", async () => {
  ipIn(RED, 'link add d0 type veth peer name d1');
  const [{ ifindex } = { ifindex: 0 }] = ipJson<{ ifindex: number }>('link show d1', RED);
  using program = new Unprivileged(`
    import { connectBroker } from 'netns-core';
    import { Netlink } from 'netlink-links';
    const netlink = Netlink.open('${RED}', { source: connectBroker(process.env.NETNS_BROKER) });
    const { driver } = netlink.sync.ethtoolDriverGet('d0');
    const { peer_ifindex } = await netlink.ethtoolDriverStatsGet('d0');
    const tables = await netlink.neighTableList();
    const [stats] = await netlink.linkStatsList('d0');
    console.log(driver, Number(peer_ifindex), tables.length > 1, typeof stats.link.rxBytes);
    netlink.close();`);
  expect(await program.ended).toBe(0);
  expect(program.output).toBe(`veth ${ifindex} true bigint\n`);
  ipIn(RED, 'link del d0');
});

describe('subscriptions of a process without capabilities, through a broker', () => {
  it('tell what exists in a namespace that the process may not enter, and then what changes', async () => {
    using program = new Unprivileged(`
      import { connectBroker, hopSource, useSocketSource } from 'netns-core';
      import * as links from 'netlink-links';
      ${FOLLOW}
      const options = { namespace: '${RED}', listExisting: true };
      follow('link', links.linkSubscribe(options), ({ link }) => link.name);
      follow('address', links.addrSubscribe(options), ({ address }) => address?.address);
      follow('route', links.routeSubscribe(options), ({ route }) => route?.dst);
      follow('neighbour', links.neighSubscribe(options), ({ neighbour }) => neighbour?.dst);
      follow('nexthop', links.nexthopSubscribe(options), ({ nexthop }) => nexthop?.id);
      useSocketSource(hopSource);
      const source = connectBroker(process.env.NETNS_BROKER);
      const raw = { namespace: '${RED}', groups: [1], source };
      follow('raw', links.rawSubscribe(raw), ({ message }) => message.type);
      const code = (subscribe) => { try { return subscribe(); } catch (error) { return error.code; } };
      say('by hop', code(() => links.linkSubscribe(options)));
      say('generic', code(() => links.genericSubscribe({ namespace: '${RED}', family: 'nlctrl', source })));
      say('ready');`);
    await program.said('ready');
    await program.said('link existing lo');
    ipIn(RED, 'link add v0 type veth peer name v1');
    ipIn(RED, 'link set v1 up');
    ipIn(RED, 'link set v0 up');
    ipIn(RED, 'addr add 192.0.2.1/24 dev v0');
    ipIn(RED, 'route add 198.51.100.0/24 via 192.0.2.9');
    ipIn(RED, 'neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev v0 nud permanent');
    ipIn(RED, 'nexthop add id 7 dev v0');
    await program.said('link new v0');
    await program.said('address new 192.0.2.1/24');
    await program.said('route new 198.51.100.0/24');
    await program.said('neighbour new 192.0.2.7');
    await program.said('nexthop new 7');
    await program.said('raw message 16');
    expect(program.output).toContain('by hop EPERM');
    expect(program.output).toContain('generic ERR_BROKER_DENIED');
  });

  it('list everything anew, also after the broker has restarted, when notifications were lost', async () => {
    const go = path.join(directory, 'go');
    using program = new Unprivileged(`
      import { existsSync } from 'node:fs';
      import { linkSubscribe } from 'netlink-links';
      const updates = linkSubscribe({ namespace: '${RED}', bufferSize: 2048 });
      console.log('ready');
      // Meanwhile nothing is read from the socket.
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (let waited = 0; waited < 1500 && !existsSync('${go}'); waited += 1) Atomics.wait(pause, 0, 0, 10);
      for await (const update of updates)
        if (update.type === 'resync') {
          console.log('resync', update.links.some(({ name }) => name === 'w19'));
          break;
        }`);
    await program.said('ready');
    for (let n = 0; n < 20; n += 1) ipIn(RED, `link add w${n} type bridge`);
    await stopBroker();
    startBroker();
    writeFileSync(go, '');
    expect(await program.ended).toBe(0);
    expect(program.output).toContain('resync true');
  });

  it('end with an error when the namespace is removed or replaced, and go on while the broker is away', async () => {
    const name = `${RED}-2`;
    using _first = makeNamespaces(name);
    using program = new Unprivileged(`
      import { linkSubscribe, rawSubscribe } from 'netlink-links';
      ${FOLLOW}
      follow('link', linkSubscribe({ namespace: '${name}', listExisting: true }), ({ link }) => link?.name);
      follow('raw', rawSubscribe({ namespace: '${name}', groups: [1] }), ({ message }) => message?.type);`);
    await program.said('link existing lo');
    await stopBroker();
    ipIn(name, 'link add br0 type bridge');
    await program.said('link new br0');
    startBroker();
    ipIn(name, 'link add br1 type bridge');
    await program.said('link new br1');
    expect(program.output).not.toContain('ERR_');
    deleteNamed(name);
    await program.said('link ERR_NAMESPACE_REPLACED');
    await program.said('raw ERR_NAMESPACE_REPLACED');
    expect(await program.ended).toBe(0);
  });

  it('may be members of every group of rtnetlink but those that take a capability', async () => {
    using program = new Unprivileged(`
      import { rawSubscribe } from 'netlink-links';
      const refused = [];
      for (let group = 1; group <= 36; group += 1)
        try {
          rawSubscribe({ namespace: '${RED}', groups: [group] }).close();
        } catch (error) {
          refused.push([group, error.code]);
        }
      console.log(JSON.stringify(refused));`);
    expect(await program.ended).toBe(0);
    // Which groups there are depends on the kernel.
    const refused = (JSON.parse(program.output) as [number, string][]).filter(([, code]) => code !== 'EINVAL');
    expect(refused).toEqual([
      [RTNLGRP_IPV4_MROUTE_R, 'EPERM'],
      [RTNLGRP_IPV6_MROUTE_R, 'EPERM'],
    ]);
  });
});
