import { spawnSync } from 'node:child_process';
import { Netlink, NetlinkError } from 'netlink-links';
import { sys } from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipJson, makeNamespaces, uniqueName, vethBetween } from '#testkit';
import { loadProgram } from './load-program.ts';

const BPF_PROG_TYPE_XDP = 6;
const XDP_DROP = 1;
const XDP_PASS = 2;

const drop = loadProgram(BPF_PROG_TYPE_XDP, XDP_DROP);
const pass = loadProgram(BPF_PROG_TYPE_XDP, XDP_PASS);

const namespace = uniqueName('xd');
const other = uniqueName('xe');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24'] },
  );
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
  for (const fd of [drop, pass]) sys().close(fd);
});
afterEach(() => {
  for (const mode of ['generic', 'native'] as const) netlink.sync.linkSetXdp('v0', { program: null, mode });
});

const shown = (): { mode?: number; prog?: { id: number } } =>
  ipJson<{ xdp?: { mode: number; prog: { id: number } } }>('link show dev v0', namespace)[0]?.xdp ?? {};
/** Whether the other end answers. */
const answers = (): boolean =>
  spawnSync('ip', ['netns', 'exec', other, 'ping', '-n', '-c', '2', '-i', '0.1', '-W', '1', '192.0.2.1']).status === 0;

// An ordinary user, who is root of a user namespace, may load no program.
describe('an XDP program', () => {
  it('drops every packet while it is attached, and none before and after', () => {
    const { sync } = netlink;
    expect(answers()).toBe(true);
    sync.linkSetXdp('v0', { program: drop, mode: 'generic' });
    expect(answers()).toBe(false);
    expect(shown()).toMatchObject({ mode: 2 });
    const { xdp } = sync.linkByName('v0');
    expect(xdp).toMatchObject({ mode: 'generic', programId: shown().prog?.id });
    sync.linkSetXdp('v0', { program: null });
    expect(sync.linkByName('v0').xdp).toBeUndefined();
    expect(shown()).toEqual({});
    expect(answers()).toBe(true);
  });

  it('is named by its id, and is replaced only if it is the one that is expected', async () => {
    await netlink.linkSetXdp('v0', { program: pass, mode: 'generic' });
    const id = netlink.sync.linkByName('v0').xdp?.programId ?? 0;
    await expect(netlink.linkSetXdp('v0', { program: drop, mode: 'generic', onlyIfNone: true })).rejects.toThrow(
      /^cannot attach an XDP program to link v0: .*\(EBUSY\)$/,
    );
    await expect(netlink.linkSetXdp('v0', { program: pass, mode: 'generic', replaces: drop })).rejects.toThrow(
      NetlinkError,
    );
    await netlink.linkSetXdp('v0', { program: drop, mode: 'generic', replaces: { id } });
    expect(netlink.sync.linkByName('v0').xdp?.programId).not.toBe(id);
    await netlink.linkSetXdp('v0', { program: { id }, mode: 'generic' });
    expect(netlink.sync.linkByName('v0').xdp?.programId).toBe(id);
  });

  it('of the driver is taken away from there without being told where it is', () => {
    netlink.sync.linkSetXdp('v0', { program: drop, mode: 'native' });
    expect(netlink.sync.linkByName('v0').xdp).toMatchObject({ mode: 'native' });
    netlink.sync.linkSetXdp('v0', { program: null });
    expect(netlink.sync.linkByName('v0').xdp).toBeUndefined();
  });
});
