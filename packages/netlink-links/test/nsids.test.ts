import { Netlink } from 'netlink-links';
import { NamespaceNotFoundError } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, run, uniqueName } from '#testkit';

describe('identifiers of namespaces', () => {
  const here = uniqueName('ni');
  const there = uniqueName('nj');
  let namespaces: Disposable;
  let netlink: Netlink;
  beforeEach(() => {
    namespaces = makeNamespaces(here, there);
    netlink = Netlink.open(here);
  });
  afterEach(() => {
    netlink.close();
    namespaces[Symbol.dispose]();
  });
  const shown = () =>
    JSON.parse(run('ip', ['-n', here, '-j', 'netns', 'list-id']) || '[]') as { nsid: number; name?: string }[];

  it('are none until one is given, and then what ip shows', () => {
    expect(netlink.sync.nsidGet(there)).toBeUndefined();
    netlink.sync.nsidSet(there, 42);
    expect(netlink.sync.nsidGet(there)).toBe(42);
    expect(shown()).toMatchObject([{ nsid: 42, name: there }]);
    expect(() => netlink.sync.nsidSet(there, 43)).toThrow(/^cannot give an identifier to .*\(EEXIST\)$/);
  });

  it('are chosen by the kernel when a link reaches over', async () => {
    ip(`link add va netns ${here} type veth peer name vb netns ${there}`);
    const nsid = await netlink.nsidGet({ name: there });
    expect(nsid).toBeTypeOf('number');
    expect(netlink.sync.linkByName('va').linkNetnsId).toBe(nsid);
    expect(shown()).toMatchObject([{ nsid, name: there }]);
  });

  it('leak no file descriptor, and name the namespace that is not there', async () => {
    netlink.sync.nsidGet(there);
    await netlink.nsidGet(there);
    const before = openFds();
    for (let round = 0; round < 5; round += 1) {
      netlink.sync.nsidGet(there);
      await netlink.nsidGet(there);
    }
    expect(leakedFds(before)).toEqual([]);
    expect(() => netlink.sync.nsidGet('no-such-namespace')).toThrow(NamespaceNotFoundError);
    await expect(netlink.nsidGet('no-such-namespace')).rejects.toThrow(/no-such-namespace/);
    expect(() => netlink.sync.nsidSet(there, -1)).toThrow(/nsid must be an integer/);
  });
});
