import { spawnSync } from 'node:child_process';
import { Netlink, type Route } from 'netlink-links';
import { sys } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipJson, leakedFds, makeNamespaces, openFds, uniqueName, vethBetween } from '#testkit';
import { loadProgram } from './load-program.ts';

const BPF_PROG_TYPE_LWT_OUT = 11;
const BPF_OK = 0;
const BPF_DROP = 2;

const pass = loadProgram(BPF_PROG_TYPE_LWT_OUT, BPF_OK);
const drop = loadProgram(BPF_PROG_TYPE_LWT_OUT, BPF_DROP);
const here = uniqueName('be');
const there = uniqueName('bf');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(here, there);
  vethBetween(
    { namespace: here, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: there, name: 'v1', addresses: ['192.0.2.2/24', '198.51.100.1/24'] },
  );
  netlink = Netlink.open(here);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
  for (const fd of [pass, drop]) sys().close(fd);
});

const DST = '198.51.100.0/24';
const pings = (): boolean =>
  spawnSync('ip', ['netns', 'exec', here, 'ping', '-c', '2', '-i', '0.2', '-W', '1', '198.51.100.1']).status === 0;
/** The id of a program, from what the kernel says of its descriptor. */
const idOf = (fd: number): number => {
  const info = spawnSync('cat', [`/proc/${process.pid}/fdinfo/${fd}`], { encoding: 'utf8' }).stdout;
  return Number(/^prog_id:\s+(\d+)$/m.exec(info)?.[1]);
};

// An ordinary user, who is root of a user namespace, may load no program.
describe('the BPF programs of a route', () => {
  it('see its packets, and are told by name', async () => {
    const route = { dst: DST, gateway: '192.0.2.2' };
    netlink.sync.routeAdd({ ...route, encap: { type: 'bpf', out: { program: pass, name: 'pass' }, headroom: 14 } });
    expect(ipJson(`route show ${DST}`, here)).toMatchObject([{ encap: 'bpf', out: 'pass' }]);
    const [read] = netlink.sync.routeList({ dst: DST });
    expect(read?.encap).toMatchObject({ type: 'bpf', out: { name: 'pass' } });
    expect(pings()).toBe(true);
    const before = openFds();
    await netlink.routeReplace({
      ...route,
      encap: { type: 'bpf', out: { program: { id: idOf(drop) }, name: 'drop' } },
    });
    expect(leakedFds(before)).toEqual([]);
    expect(pings()).toBe(false);
    // The kernel does not tell which program it is: it has to be given, and is not needed to remove the route.
    const [dropping] = netlink.sync.routeList({ dst: DST });
    expect(() => netlink.sync.routeAdd(dropping as Route)).toThrow(
      /^encap\.out\.program is missing: the kernel tells the name of a program alone, so it has to be given$/,
    );
    netlink.sync.routeDel(dropping as Route);
    expect(netlink.sync.routeList({ dst: DST })).toEqual([]);
    netlink.sync.routeAdd({ ...(read as Route), encap: { type: 'bpf', out: { program: pass, name: 'pass' } } });
    expect(netlink.sync.routeList({ dst: DST })).toEqual([read]);
    netlink.sync.routeDel(read as Route);
  });

  it('that are not there are an error that says which', async () => {
    const encap = { type: 'bpf', in: { program: { pinned: '/sys/fs/bpf/none' }, name: 'x' } } as const;
    await expect(netlink.routeAdd({ dst: DST, gateway: '192.0.2.2', encap })).rejects.toThrow(
      /^cannot add route 198\.51\.100\.0\/24 via 192\.0\.2\.2: the BPF program at \/sys\/fs\/bpf\/none cannot be opened/,
    );
    await expect(netlink.nexthopAdd({ id: 7, oif: 'v0', gateway: '192.0.2.2', encap })).rejects.toThrow(
      /^cannot add nexthop 7: the BPF program at /,
    );
  });
});
