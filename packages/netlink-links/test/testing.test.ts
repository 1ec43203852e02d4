import type { Netlink } from 'netlink-links';
import { addrAdd, linkSetUp } from 'netlink-links/operations';
import { linkFixture, ScriptError, scriptedNetlink } from 'netlink-links/testing';
import { describe, expect, it } from 'vitest';

/** Code of a user. */
async function configure(netlink: Netlink, name: string): Promise<number> {
  const link = await netlink.linkByName(name);
  await netlink.addrAdd(link, '192.0.2.1/24');
  netlink.sync.linkSetUp(link.index);
  return link.index;
}

describe('a scripted Netlink', () => {
  it('answers from its script, without a kernel', async () => {
    const { netlink, executed, done } = scriptedNetlink([
      { operation: 'linkByName', target: 'eth0', answer: linkFixture({ name: 'eth0', index: 7 }) },
      { operation: 'addrAdd', target: '192.0.2.1/24' },
      { operation: 'linkSetUp' },
    ]);
    expect(await configure(netlink, 'eth0')).toBe(7);
    expect(executed.map(({ description }) => description)).toEqual([
      'find link eth0',
      'add address 192.0.2.1/24 on link eth0',
      'set up link #7',
    ]);
    expect(executed[1]?.message).toEqual(addrAdd(7, '192.0.2.1/24').single?.message);
    done();
  });

  it('raises the errors of its script as the kernel would', async () => {
    const { netlink } = scriptedNetlink([
      { operation: 'linkSetUp', error: 'EPERM' },
      { operation: 'addrAdd', error: { code: 'EEXIST', message: 'Address already assigned' } },
    ]);
    await expect(netlink.linkSetUp('eth0')).rejects.toMatchObject({ name: 'NetlinkError', code: 'EPERM' });
    await expect(netlink.addrAdd('eth0', '192.0.2.1/24')).rejects.toThrow(
      'cannot add address 192.0.2.1/24 on link eth0: Address already assigned (EEXIST)',
    );
  });

  it('refuses what the script does not expect, and tells what is left of it', async () => {
    const { netlink, done } = scriptedNetlink([{ operation: 'linkSetUp', target: 'eth0' }]);
    await expect(netlink.linkSetDown('eth0')).rejects.toThrow(ScriptError);
    await expect(netlink.linkSetUp('eth1')).rejects.toThrow('expects linkSetUp of eth0, but it was linkSetUp of eth1');
    expect(done).toThrow('1 steps of the script were not reached: linkSetUp');
    await expect(netlink.addrAdd('eth0', 'nonsense')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  });

  it('executes batches and iterators from the script, too', async () => {
    const { netlink } = scriptedNetlink([
      { operation: 'linkSetUp' },
      { operation: 'linkSetUp', error: 'ENODEV' },
      {
        operation: 'linkList',
        answer: [linkFixture({ name: 'a' }), linkFixture({ name: 'b', type: 'vlan', vlanId: 5 })],
      },
    ]);
    await expect(netlink.batch([linkSetUp('a'), linkSetUp('b')])).rejects.toMatchObject({
      position: 2,
      code: 'ENODEV',
    });
    const names: string[] = [];
    for await (const link of netlink.links()) names.push(link.name);
    expect(names).toEqual(['a', 'b']);
  });
});
