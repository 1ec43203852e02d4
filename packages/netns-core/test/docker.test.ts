import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getFromDocker, getFromName, listNamespaces, NamespaceNotFoundError, NetnsError } from 'netns-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';

const RED = uniqueName('red');
const ID = 'abcdef0123456789'.repeat(4);
const OTHER = `abcd${'f'.repeat(60)}`;
let made: ReturnType<typeof makeNamespaces>;
/** A process that lives in the namespace, as a container's first process does. */
let container: ChildProcess;
let tree: string;

beforeAll(async () => {
  made = makeNamespaces(RED);
  container = spawn('ip', ['netns', 'exec', RED, 'sleep', '600'], { stdio: 'ignore' });
  await retryUntil(() =>
    listNamespaces().some(({ names, pids }) => names.includes(RED) && pids.includes(container.pid ?? 0)),
  );
});
afterAll(() => {
  container.kill('SIGKILL');
  made.remove();
});
beforeEach(() => {
  tree = mkdtempSync('/run/cgroups-');
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

type Hierarchy = { mount: string; type: 'cgroup' | 'cgroup2' };
const V1: Hierarchy[] = [
  { mount: 'sys/fs/cgroup/memory', type: 'cgroup' },
  { mount: 'sys/fs/cgroup/systemd', type: 'cgroup' },
];
const V2: Hierarchy[] = [{ mount: 'sys/fs/cgroup', type: 'cgroup2' }];
const HYBRID: Hierarchy[] = [
  { mount: 'sys/fs/cgroup/unified', type: 'cgroup2' },
  { mount: 'sys/fs/cgroup/memory', type: 'cgroup' },
];

/** A /proc that names control group hierarchies below the tree; this process is in `own` of each. */
function makeProc(hierarchies: Hierarchy[], own = '/'): { procRoot: string } {
  const proc = path.join(tree, 'proc');
  mkdirSync(path.join(proc, 'self'), { recursive: true });
  writeFileSync(
    path.join(proc, 'mounts'),
    `proc /proc proc rw 0 0\ntmpfs /run tmpfs rw 0 0\n${hierarchies.map(({ mount, type }) => `${type} ${path.join(tree, mount).replaceAll(' ', '\\040')} ${type} rw 0 0\n`).join('')}`,
  );
  writeFileSync(path.join(proc, 'self/cgroup'), hierarchies.map((_, index) => `${index}::${own}\n`).join(''));
  for (const { mount } of hierarchies) mkdirSync(path.join(tree, mount), { recursive: true });
  return { procRoot: proc };
}

function makeGroup(
  hierarchy: Hierarchy | undefined,
  group: string,
  pids: (number | undefined)[],
  file = 'cgroup.procs',
): void {
  const directory = path.join(tree, hierarchy?.mount ?? '', group);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, file), pids.map((pid) => `${pid}\n`).join(''));
}

const LAYOUTS: Record<string, (id: string) => string> = {
  'docker before 1.0': (id) => id,
  'docker with lxc': (id) => `lxc/${id}`,
  docker: (id) => `docker/${id}`,
  finch: (id) => `finch/${id}`,
  nerdctl: (id) => `default/${id}`,
  'podman, cgroupfs': (id) => `libpod_parent/libpod-${id}`,
  'docker, systemd': (id) => `system.slice/docker-${id}.scope`,
  'nerdctl, systemd': (id) => `system.slice/nerdctl-${id}.scope`,
  'podman, systemd': (id) => `machine.slice/libpod-${id}.scope`,
  'podman without root': (id) => `user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`,
  'kubepods, guaranteed': (id) => `kubepods/pod1-2-3/${id}`,
  'kubepods, burstable': (id) => `kubepods/burstable/pod1-2-3/${id}`,
  'kubepods, best effort': (id) => `kubepods/besteffort/pod1-2-3/${id}`,
  'kubepods.slice, docker, guaranteed': (id) => `kubepods.slice/kubepods-pod1.slice/docker-${id}.scope`,
  'kubepods.slice, docker, burstable': (id) =>
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/docker-${id}.scope`,
  'kubepods.slice, docker, best effort': (id) =>
    `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/docker-${id}.scope`,
  'kubepods.slice, containerd': (id) => `kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`,
  'kubepods.slice, containerd, burstable': (id) =>
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-${id}.scope`,
  'kubepods.slice, CRI-O': (id) => `kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`,
  'kubepods.slice, CRI-O, best effort': (id) =>
    `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/crio-${id}.scope`,
};

describe('getFromDocker', () => {
  for (const [layout, group] of Object.entries(LAYOUTS))
    it(`finds a container of ${layout}, in cgroup v1, v2 and hybrid trees, below the root and below its own group`, () => {
      const variants: [Hierarchy[], number, string, string][] = [
        [V1, 0, '/', 'tasks'],
        [V1, 1, '/', 'cgroup.procs'],
        [V2, 0, '/', 'cgroup.procs'],
        [HYBRID, 0, '/', 'cgroup.procs'],
        [HYBRID, 1, '/', 'tasks'],
        [V2, 0, '/outer/inner', 'cgroup.procs'],
      ];
      for (const [hierarchies, index, own, file] of variants) {
        const options = makeProc(hierarchies, own);
        makeGroup(hierarchies[index], path.join(own, group(ID)), [container.pid], file);
        for (const prefix of [ID, ID.slice(0, 12), ID.slice(0, 1)]) {
          using handle = getFromDocker(prefix, options);
          using red = getFromName(RED);
          expect(handle.equals(red)).toBe(true);
        }
        rmSync(tree, { recursive: true });
        mkdirSync(tree);
      }
    });

  const UNIT = 'user.slice/user-1000.slice/user@1000.service';
  const POD = 'kubepods-burstable-pod00000000_1111_2222.slice';
  for (const [layout, group] of Object.entries({
    'podman in a systemd unit': `system.slice/web.service/libpod-payload-${ID}`,
    'podman in a unit of a user': `${UNIT}/app.slice/web.service/libpod-payload-${ID}`,
    'podman in a pod': `machine.slice/machine-libpod_pod_${'9'.repeat(64)}.slice/libpod-${ID}.scope`,
    'docker without root': `${UNIT}/user.slice/docker-${ID}.scope`,
    'a parent group of its own': `my.slice/my-own.slice/docker-${ID}.scope`,
    'containerd without systemd groups': `system.slice/containerd.service/${POD}:cri-containerd:${ID}`,
    kind: `kubelet.slice/kubelet-kubepods.slice/kubelet-${POD}/cri-containerd-${ID}.scope`,
    'CRI-O in a container': `docker/${'9'.repeat(64)}/kubepods.slice/${POD}/crio-${ID}.scope`,
    'a namespace of containerd': `k8s.io/${ID}`,
  }))
    it(`finds a container of ${layout}, in groups at any depth below it, and by the processes alone`, () => {
      using red = getFromName(RED);
      for (const below of ['', '/container', '/container/init.scope']) {
        const options = makeProc(V2);
        makeGroup(V2[0], `${group}${below}`, [container.pid]);
        using handle = getFromDocker('abcdef', options);
        expect(handle.equals(red)).toBe(true);
        rmSync(path.join(tree, 'sys'), { recursive: true });
        // In a control group namespace the hierarchy shows nothing of it.
        const processes = path.join(tree, 'proc', String(container.pid));
        mkdirSync(processes);
        writeFileSync(path.join(processes, 'cgroup'), `0::/../../${group}${below}\n`);
        using again = getFromDocker('abcdef', options);
        expect(again.equals(red)).toBe(true);
        rmSync(tree, { recursive: true });
        mkdirSync(tree);
      }
    });

  it('tells a container from those inside it, and from a pod', () => {
    const options = makeProc(V2);
    const outer = '9'.repeat(64);
    makeGroup(V2[0], `docker/${outer}/docker/${ID}`, [container.pid]);
    makeGroup(V2[0], `docker/${outer}/init`, [process.pid]);
    makeGroup(V2[0], `machine.slice/machine-libpod_pod_${'8'.repeat(64)}.slice`, [process.pid]);
    using inner = getFromDocker('abc', options);
    using around = getFromDocker('999', options);
    using red = getFromName(RED);
    expect(inner.equals(red)).toBe(true);
    expect(around.equals(red)).toBe(false);
    expect(() => getFromDocker('888', options)).toThrow(NamespaceNotFoundError);
  });

  it("finds a process in a group below the container's, as on cgroup v2 with systemd or crun inside", () => {
    const options = makeProc(V2);
    makeGroup(V2[0], `machine.slice/libpod-${ID}.scope`, []);
    makeGroup(V2[0], `machine.slice/libpod-${ID}.scope/container`, [container.pid]);
    using handle = getFromDocker('abc', options);
    using red = getFromName(RED);
    expect(handle.equals(red)).toBe(true);
  });

  it('passes over processes that are gone or of another PID namespace', () => {
    const options = makeProc(V2);
    makeGroup(V2[0], `docker/${ID}`, [0, 0x7ffffff0, container.pid]);
    using handle = getFromDocker('abc', options);
    using red = getFromName(RED);
    expect(handle.equals(red)).toBe(true);
  });

  it('says which containers a prefix could mean, and takes the longer prefix', () => {
    const options = makeProc(HYBRID);
    makeGroup(HYBRID[0], `docker/${ID}`, [container.pid]);
    makeGroup(HYBRID[1], `docker/${ID}`, [container.pid]);
    makeGroup(HYBRID[0], `kubepods/burstable/pod1/${OTHER}`, [process.pid]);
    expect(() => getFromDocker('abcd', options)).toThrow(
      expect.objectContaining({
        code: 'ERR_AMBIGUOUS_CONTAINER',
        message: expect.stringMatching(/abcdef0123456789, abcdffff|abcdffff.*, abcdef/),
      }),
    );
    getFromDocker('abcde', options).close();
    using other = getFromDocker('abcdf', options);
    using red = getFromName(RED);
    expect(other.equals(red)).toBe(false);
  });

  it('says that a container has stopped, and that there is none', () => {
    const before = openFds();
    const options = makeProc(V1);
    makeGroup(V1[0], `docker/${ID}`, []);
    expect(() => getFromDocker('abc', options)).toThrow(
      /the container abcdef0123456789 has no running process: is it stopped\?/,
    );
    expect(() => getFromDocker('123', options)).toThrow(NamespaceNotFoundError);
    expect(() => getFromDocker('123', options)).toThrow(/looked in the control groups below/);
    expect(() => getFromDocker('123', { procRoot: '/no/such/proc' })).toThrow(/which names none/);
    expect(leakedFds(before)).toEqual([]);
  });

  it('refuses what can be no id, so that no pattern or path gets in', () => {
    const options = makeProc(V1);
    for (const prefix of ['', '..', '*', 'abc/', 'ABC', `${ID}0`, 'xyz', 'abc\0'])
      expect(() => getFromDocker(prefix, options)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_CONTAINER_ID' }),
      );
    // @ts-expect-error the compiler refuses it, too
    expect(() => getFromDocker(undefined, options)).toThrow(NetnsError);
  });

  it('does not take what an engine puts beside a container for one', () => {
    const options = makeProc(V2);
    makeGroup(V2[0], `machine.slice/libpod-conmon-${ID}.scope`, [process.pid]);
    makeGroup(V2[0], `machine.slice/libpod-${ID}.scope`, [container.pid]);
    getFromDocker('abcdef', options).close();
    expect(() => getFromDocker('c', options)).toThrow(NamespaceNotFoundError);
  });
});
