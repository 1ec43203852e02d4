import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { escaped, shown } from '../checks/escaped.js';
import { checkKnownOptions } from '../checks/known-options.js';
import { checkOptionsObject } from '../checks/option-checks.js';
import { InvalidOptionError, NamespaceNotFoundError, NetnsError } from '../errors.js';
import { threadSys } from '../thread/thread.js';
import { getFromPid } from './current.js';
import type { NetnsHandle } from './handle.js';

/** Where the process and control group file systems are; tests put trees of their own there. */
export interface DockerOptions {
  /** @default '/proc' */
  procRoot?: string | undefined;
}

/**
 * The name of a control group that is a container's: its id (64 hexadecimal digits) alone, or behind what the engine puts
 * before it (`docker-`, `libpod-payload-`, `cri-containerd-`, `…slice:cri-containerd:`, `crio-`), and with systemd's suffix.
 * It may stand at any depth: below a slice of the user's, a pod's group, another container's.
 */
const CONTAINER_GROUP = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope|\.service)?$/;

/** The id of the container that a control group belongs to by its name; `undefined` for a group of something else. */
function containerId(group: string): string | undefined {
  const [, before = '', id] = CONTAINER_GROUP.exec(group) ?? [];
  // The engine's monitor has a group of its own beside the container, in the engine's namespace.
  return before.split(/[-:]/).includes('conmon') ? undefined : id;
}

/**
 * The namespace of a running container, found by its id or the beginning of it: in the control groups (v1, v2 and
 * hybrid), wherever the engine has put them, and in what `/proc/<pid>/cgroup` says. Docker, podman, containerd, CRI-O,
 * nerdctl, finch, Kubernetes, with and without systemd. The engine is not asked.
 *
 * @param idPrefix hexadecimal digits
 * @throws NamespaceNotFoundError if no running container has it; NetnsError `ERR_AMBIGUOUS_CONTAINER`, which names the
 *   containers, if several have; `ERR_INVALID_CONTAINER_ID`; InvalidOptionError
 */
export function getFromDocker(idPrefix: string, options: DockerOptions = {}): NetnsHandle {
  if (typeof idPrefix !== 'string')
    throw new InvalidOptionError('idPrefix', `a container id must be a string, got ${shown(idPrefix)}`);
  if (!/^[0-9a-f]{1,64}$/.test(idPrefix))
    throw new NetnsError(`a container id is up to 64 hexadecimal digits, not "${escaped(idPrefix, 80)}"`, {
      code: 'ERR_INVALID_CONTAINER_ID',
    });
  checkOptionsObject(options, 'getFromDocker');
  checkKnownOptions(options, { callee: 'getFromDocker', names: ['procRoot'] });
  const { procRoot = '/proc' } = options;
  if (typeof procRoot !== 'string' || procRoot === '')
    throw new InvalidOptionError('procRoot', `the option procRoot must be a path, not ${shown(procRoot)}`);
  threadSys();

  const roots = cgroupRoots(procRoot);
  const containers = new Map<string, string[]>();
  for (const root of roots) findContainers(root, idPrefix, containers);
  const only = onlyContainer(containers.keys(), idPrefix);
  for (const directory of (only !== undefined && containers.get(only)) || []) {
    const handle = namespaceOfOne(processesOf(directory));
    if (handle !== undefined) return handle;
  }
  // In a control group namespace the hierarchy shows a part only, and the processes tell.
  const processes = containersOfProcesses(procRoot, only ?? idPrefix);
  const running = onlyContainer(processes.keys(), idPrefix);
  const handle = namespaceOfOne((running !== undefined && processes.get(running)) || []);
  if (handle !== undefined) return handle;
  const id = only ?? running;
  if (id !== undefined)
    throw new NamespaceNotFoundError(`the container ${id.slice(0, 16)} has no running process: is it stopped?`, {
      code: 'ENOENT',
      path: containers.get(id)?.[0],
    });
  throw new NamespaceNotFoundError(
    `no running container has an id that begins with ${idPrefix}: looked in the control groups below ${roots.map((root) => escaped(root, 300)).join(', ') || `${escaped(procRoot, 300)}/mounts (which names none)`} and at the processes in ${escaped(procRoot, 300)}`,
    { code: 'ENOENT' },
  );
}

/** @throws NetnsError `ERR_AMBIGUOUS_CONTAINER` */
function onlyContainer(ids: Iterable<string>, idPrefix: string): string | undefined {
  const found = [...ids];
  if (found.length > 1)
    throw new NetnsError(
      `several containers have ids that begin with ${idPrefix}: ${found.map((id) => id.slice(0, 16)).join(', ')}. Give more digits`,
      { code: 'ERR_AMBIGUOUS_CONTAINER' },
    );
  return found[0];
}

function namespaceOfOne(pids: Iterable<number>): NetnsHandle | undefined {
  for (const pid of pids) {
    try {
      return getFromPid(pid);
    } catch (error) {
      // It ended meanwhile; another one of the container will do.
      if (!(error instanceof NamespaceNotFoundError)) throw error;
    }
  }
  return undefined;
}

/** Where the control group hierarchies are mounted. */
function cgroupRoots(procRoot: string): string[] {
  const roots = new Set<string>();
  for (const line of readLines(path.join(procRoot, 'mounts'))) {
    const [, mountPoint = '', type] = line.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    roots.add(
      mountPoint.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
  }
  return [...roots];
}

/** Walks a hierarchy for groups of containers, also of containers in containers. */
function findContainers(root: string, idPrefix: string, found: Map<string, string[]>): void {
  const pending = [root];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop())
    for (const name of directoriesIn(parent)) {
      const directory = path.join(parent, name);
      pending.push(directory);
      const id = containerId(name);
      if (!id?.startsWith(idPrefix)) continue;
      const known = found.get(id);
      if (known) known.push(directory);
      else found.set(id, [directory]);
    }
}

/** Running containers by what the processes say of their control groups. */
function containersOfProcesses(procRoot: string, idPrefix: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of directoriesIn(procRoot)) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid < 1) continue;
    for (const line of readLines(path.join(procRoot, name, 'cgroup'))) {
      // The innermost one counts: the others are containers around it.
      const id = line
        .split('/')
        .map(containerId)
        .findLast((candidate) => candidate !== undefined);
      if (!id?.startsWith(idPrefix)) continue;
      const known = found.get(id);
      if (known === undefined) found.set(id, [pid]);
      else if (!known.includes(pid)) known.push(pid);
    }
  }
  return found;
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

/** The processes of a container's group and of the groups below it, except those of containers inside. */
function* processesOf(directory: string): Generator<number> {
  const pending = [directory];
  for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
    for (const file of ['cgroup.procs', 'tasks'])
      for (const line of readLines(path.join(group, file))) {
        const pid = Number(line);
        // 0 is a process that this one's PID namespace has no number for.
        if (Number.isInteger(pid) && pid > 0) yield pid;
      }
    for (const name of directoriesIn(group)) if (containerId(name) === undefined) pending.push(path.join(group, name));
  }
}
