import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NamespaceNotFoundError, NetnsError } from '../errors.js';
import { threadSys } from '../hop/thread.js';
import { getFromPid } from './current.js';
import type { NetnsHandle } from './handle.js';

/** Where the process and control group file systems are; tests put trees of their own there. */
export interface DockerOptions {
  /** `/proc` if nothing is said. */
  procRoot?: string | undefined;
}

// Where container engines put the control group of a container, below a hierarchy's root or below the group that
// this process is in: one pattern a layout, `*` for any one directory, `<id>` for the container's id. The last
// component decides, so no tree is walked.
const LAYOUTS: readonly string[] = [
  '<id>', // docker before 1.0
  'lxc/<id>', // docker with the lxc driver
  'docker/<id>', // docker, cgroupfs driver
  'finch/<id>', // finch
  'default/<id>', // nerdctl, cgroupfs driver
  'libpod_parent/libpod-<id>', // podman, cgroupfs manager
  'system.slice/docker-<id>.scope', // docker, systemd driver
  'system.slice/nerdctl-<id>.scope', // nerdctl, systemd driver
  'machine.slice/libpod-<id>.scope', // podman, systemd manager
  'user.slice/*/*/user.slice/libpod-<id>.scope', // podman without root
  'kubepods/pod*/<id>', // Kubernetes, guaranteed, cgroupfs driver
  'kubepods/*/pod*/<id>', // Kubernetes, burstable and best effort
  'kubepods.slice/*/docker-<id>.scope', // Kubernetes with docker and systemd, guaranteed
  'kubepods.slice/*/*/docker-<id>.scope',
  'kubepods.slice/*/cri-containerd-<id>.scope', // Kubernetes with containerd and systemd
  'kubepods.slice/*/*/cri-containerd-<id>.scope',
  'kubepods.slice/*/crio-<id>.scope', // Kubernetes with CRI-O
  'kubepods.slice/*/*/crio-<id>.scope',
];

/** A container's id is 64 hexadecimal digits; what an engine appends to a group of its own beside it is not. */
const ID = /^[0-9a-f]{64}$/;

/**
 * The namespace of a running container, found by its id or the beginning of it in the control groups (v1, v2 and
 * hybrid; Docker, podman, containerd, CRI-O, nerdctl, finch, with and without systemd or Kubernetes). No engine is
 * asked.
 *
 * @param idPrefix hexadecimal digits
 * @throws NamespaceNotFoundError if no running container has it; NetnsError `ERR_AMBIGUOUS_CONTAINER`, which names the
 *   containers, if several have; `ERR_INVALID_CONTAINER_ID`
 */
export function getFromDocker(idPrefix: string, { procRoot = '/proc' }: DockerOptions = {}): NetnsHandle {
  if (typeof idPrefix !== 'string' || !/^[0-9a-f]{1,64}$/.test(idPrefix))
    throw new NetnsError(`a container id is up to 64 hexadecimal digits, not ${JSON.stringify(idPrefix)}`, {
      code: 'ERR_INVALID_CONTAINER_ID',
    });
  threadSys();
  const bases = cgroupBases(procRoot);
  const groups = new Map<string, string[]>();
  for (const base of bases)
    for (const layout of LAYOUTS)
      for (const { id, directory } of matches(base, layout, idPrefix)) {
        const known = groups.get(id);
        if (known) known.push(directory);
        else groups.set(id, [directory]);
      }
  if (groups.size > 1)
    throw new NetnsError(
      `several containers have ids that begin with ${idPrefix}: ${[...groups.keys()].map((id) => id.slice(0, 16)).join(', ')}. Give more digits`,
      { code: 'ERR_AMBIGUOUS_CONTAINER' },
    );
  for (const [id, directories] of groups) {
    for (const directory of directories) {
      for (const pid of processesOf(directory)) {
        try {
          return getFromPid(pid);
        } catch (error) {
          // It ended meanwhile; another one of the container will do.
          if (!(error instanceof NamespaceNotFoundError)) throw error;
        }
      }
    }
    throw new NamespaceNotFoundError(`the container ${id.slice(0, 16)} has no running process: is it stopped?`, {
      code: 'ENOENT',
      path: directories[0],
    });
  }
  throw new NamespaceNotFoundError(
    `no running container has an id that begins with ${idPrefix}: looked in the control groups below ${bases.join(', ') || `${procRoot}/mounts (which names none)`}`,
    { code: 'ENOENT' },
  );
}

/** The roots below which layouts are looked for: each hierarchy's, and there the group that this process is in. */
function cgroupBases(procRoot: string): string[] {
  const own = new Set(readLines(path.join(procRoot, 'self/cgroup')).map((line) => line.split(':').slice(2).join(':')));
  const bases = new Set<string>();
  for (const line of readLines(path.join(procRoot, 'mounts'))) {
    const [, mountPoint = '', type] = line.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const root = mountPoint.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    bases.add(root);
    for (const group of own)
      if (group !== '/' && group !== '' && !group.includes('..')) bases.add(path.join(root, group));
  }
  return [...bases];
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

function* matches(base: string, layout: string, idPrefix: string): Generator<{ id: string; directory: string }> {
  const components = layout.split('/');
  const last = components.pop() ?? '';
  const [before = '', after = ''] = last.split('<id>');
  let parents = [base];
  for (const component of components) {
    if (component.includes('*')) {
      const start = component.slice(0, component.indexOf('*'));
      parents = parents.flatMap((parent) =>
        directoriesIn(parent)
          .filter((name) => name.startsWith(start))
          .map((name) => path.join(parent, name)),
      );
    } else parents = parents.map((parent) => path.join(parent, component));
  }
  for (const parent of parents)
    for (const name of directoriesIn(parent)) {
      if (!name.startsWith(`${before}${idPrefix}`) || !name.endsWith(after)) continue;
      const id = name.slice(before.length, name.length - after.length);
      if (ID.test(id)) yield { id, directory: path.join(parent, name) };
    }
}

/** The processes of a group, then of those directly below it: on cgroup v2 only leaves have processes. */
function* processesOf(directory: string): Generator<number> {
  const candidates = [directory, ...directoriesIn(directory).map((name) => path.join(directory, name))];
  for (const candidate of candidates)
    for (const file of ['cgroup.procs', 'tasks'])
      for (const line of readLines(path.join(candidate, file))) {
        const pid = Number(line);
        // 0 is a process that this one's PID namespace has no number for.
        if (Number.isInteger(pid) && pid > 0) yield pid;
      }
}
