import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';
import {
  addNamed,
  deleteNamed,
  get,
  getFromName,
  getFromPath,
  getFromPid,
  getFromThread,
  listNamed,
  listNamespaces,
  NamespaceWorker,
  NetnsError,
  type NetnsHandle,
  namespaceCookie,
  newNamed,
  newNetns,
  openSocket,
  resolveNamespace,
  runInNamespace,
  set,
  socketNamespaceCookie,
  spawnInNamespace,
  subscribeNamed,
} from 'netns-core';
import {
  AF_NETLINK,
  Errno,
  openReadable,
  replaceSyscalls,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  type Syscalls,
  sys,
} from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';

const RED = uniqueName('red');
const LINK = 'lo';
/** What a stopped process would have said on stderr. */
const said: string[] = [];
const realWrite = fs.writeSync;
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
let home: number;
let homeName: string;
let handle: NetnsHandle;
const here = (): string => readlinkSync('/proc/thread-self/ns/net');

beforeAll(() => {
  made = makeNamespaces(RED);
  fs.writeSync = ((fd: number, text: string) => {
    if (fd !== 2 || !text.startsWith('netns-core:')) return realWrite(fd, text);
    said.push(text);
    return text.length;
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
  handle = getFromName(RED);
  homeName = here();
  home = get().fd;
});
afterAll(() => {
  handle.close();
  made.remove();
  fs.writeSync = realWrite;
  syncBuiltinESMExports();
  for (const entry of readdirSync('/run')) {
    if (!entry.startsWith('faults-')) continue;
    while (spawnSync('umount', ['-l', `/run/${entry}`]).status === 0);
    rmSync(`/run/${entry}`, { recursive: true });
  }
});

interface Operation {
  /** Before each run; not subject to faults. */
  prepare?(): void;
  run(): unknown;
  /** It goes on without what failed. */
  copes?: boolean;
  /** Takes back what a successful run did. */
  undo?(result: never): void | Promise<void>;
}

let name = '';
const freshName = (): void => {
  name = uniqueName('f');
};
const closeHandle = (result: NetnsHandle): void => result.close();
const closeFd = (fd: number): void => {
  sys().close(fd);
};
const forget = (result: NetnsHandle): void => {
  result.close();
  ip(`netns del ${name}`);
};
const goHome = (): void => {
  sys().setns(home, 0);
};

const OPERATIONS: Record<string, Operation> = {
  'runInNamespace by name': { run: () => runInNamespace(RED, () => 1) },
  'runInNamespace by handle': { run: () => runInNamespace(handle, () => 1) },
  'runInNamespace by path': { run: () => runInNamespace({ path: `/run/netns/${RED}` }, () => 1) },
  'runInNamespace by process': { run: () => runInNamespace({ pid: process.pid }, () => 1) },
  'runInNamespace by fd': { run: () => runInNamespace({ fd: handle.fd }, () => 1) },
  "runInNamespace in 'default'": { run: () => runInNamespace('default', () => 1) },
  'runInNamespace, nested': { run: () => runInNamespace(RED, () => runInNamespace({ pid: process.pid }, () => 1)) },
  "resolveNamespace of ''": { run: () => resolveNamespace(''), undo: closeHandle },
  "resolveNamespace of 'default'": { run: () => resolveNamespace('default'), undo: closeHandle },
  'resolveNamespace of a name': { run: () => resolveNamespace(RED), undo: closeHandle },
  'resolveNamespace of { name, dir }': {
    run: () => resolveNamespace({ name: RED, dir: '/run/netns' }),
    undo: closeHandle,
  },
  'resolveNamespace of a handle': { run: () => resolveNamespace(handle), undo: closeHandle },
  'resolveNamespace of { fd }': { run: () => resolveNamespace({ fd: handle.fd }), undo: closeHandle },
  'resolveNamespace of { path }': { run: () => resolveNamespace({ path: `/run/netns/${RED}` }), undo: closeHandle },
  'resolveNamespace of { pid }': { run: () => resolveNamespace({ pid: process.pid }), undo: closeHandle },
  'resolveNamespace of { pid, tid }': {
    run: () => resolveNamespace({ pid: process.pid, tid: process.pid }),
    undo: closeHandle,
  },
  get: { run: () => get(), undo: closeHandle },
  getFromName: { run: () => getFromName(RED), undo: closeHandle },
  getFromPath: { run: () => getFromPath(`/run/netns/${RED}`), undo: closeHandle },
  getFromPid: { run: () => getFromPid(process.pid), undo: closeHandle },
  getFromThread: { run: () => getFromThread(process.pid, process.pid), undo: closeHandle },
  'NetnsHandle.dup': { run: () => handle.dup(), undo: closeHandle },
  set: {
    run: () => set(handle),
    undo: goHome,
  },
  newNetns: {
    run: () => newNetns(),
    undo: (result: NetnsHandle) => {
      result.close();
      goHome();
    },
  },
  newNamed: {
    prepare: freshName,
    run: () => newNamed(name),
    undo: (result: NetnsHandle) => {
      goHome();
      forget(result);
    },
  },
  addNamed: { prepare: freshName, run: () => addNamed(name), undo: forget },
  'addNamed in a directory that is not a mount yet': {
    prepare: () => {
      freshName();
      folder = mkdtempSync('/run/faults-');
    },
    run: () => addNamed(name, { dir: folder }),
    undo: (result: NetnsHandle) => {
      result.close();
      deleteNamed(name, { dir: folder });
    },
  },
  deleteNamed: {
    prepare: () => {
      freshName();
      ip(`netns add ${name}`);
    },
    run: () => deleteNamed(name),
  },
  listNamed: { run: () => listNamed() },
  // Whose calls for holders are as many as the machine has sockets: see list-namespaces.test.ts.
  listNamespaces: { run: () => listNamespaces({ holders: false }) },
  openSocket: { run: () => openSocket({ family: 'ipv4', type: 'stream' }), undo: closeFd },
  'openSocket with every option, IPv4': {
    run: () =>
      openSocket({
        namespace: RED,
        family: 'ipv4',
        type: 'stream',
        tos: 0xb8,
        mark: 7,
        interface: LINK,
        priority: 5,
        reuseAddress: true,
        reusePort: true,
        freebind: true,
        transparent: true,
      }),
    undo: closeFd,
  },
  'openSocket with every option, IPv6': {
    run: () =>
      openSocket({
        namespace: handle,
        family: 'ipv6',
        type: 'dgram',
        tos: 0xb8,
        mark: 7,
        interface: LINK,
        priority: 5,
        reuseAddress: true,
        reusePort: true,
        ipv6Only: true,
        freebind: true,
        transparent: true,
      }),
    undo: closeFd,
  },
  'namespaceCookie of a name': { run: () => namespaceCookie(RED) },
  "namespaceCookie of ''": { run: () => namespaceCookie('') },
  socketNamespaceCookie: {
    copes: true,
    run: () => {
      const fd = sys().socket(2, 2, 0);
      if (fd < 0) return;
      try {
        socketNamespaceCookie(fd);
      } finally {
        sys().close(fd);
      }
    },
  },
  spawnInNamespace: {
    run: () => spawnInNamespace(RED, 'true', [], { stdio: 'ignore' }),
    undo: async (child: ChildProcess) => {
      if (child.exitCode === null) await once(child, 'exit');
    },
  },
  'spawnInNamespace with netnsEtc': {
    run: () => spawnInNamespace(RED, 'true', [], { stdio: 'ignore', netnsEtc: true }),
    undo: async (child: ChildProcess) => {
      if (child.exitCode === null) await once(child, 'exit');
    },
  },
  NamespaceWorker: {
    run: () => new NamespaceWorker(RED, '', { eval: true, stdout: true, stderr: true }),
    undo: async (worker: NamespaceWorker) => {
      await once(worker, 'exit');
    },
  },
  'subscribeNamed, listing what is there': {
    copes: true,
    run: () =>
      subscribeNamed(
        () => {},
        () => {},
        { listExisting: true },
      ),
    undo: (subscription: { close(): void }) => subscription.close(),
  },
  openReadable: {
    run: () => {
      const fd = sys().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', 'the test');
      return openReadable(fd);
    },
    undo: async (stream: Socket) => {
      const closed = once(stream, 'close');
      stream.destroy();
      await closed;
    },
  },
};

/** Calls that cannot fail, or whose failure has no consequence. */
const SPARED = new Set(['abort', 'gettid']);
class Aborted extends Error {}

type Call = (...args: unknown[]) => unknown;

/** Numbers the system calls of `fn`; `answer` may answer one in the kernel's place. */
function intercept(
  answer: (index: number, call: keyof Syscalls, real: () => unknown) => unknown,
  fn: () => unknown,
): unknown {
  let index = 0;
  const undo = replaceSyscalls(
    (real) =>
      Object.fromEntries(
        (Object.entries(real) as [keyof Syscalls, Call][])
          .filter(([call]) => !SPARED.has(call))
          .map(([call, implementation]) => [
            call,
            (...args: unknown[]) => {
              const number = index;
              index += 1;
              return answer(number, call, () => implementation(...args));
            },
          ]),
      ) as unknown as Partial<Syscalls>,
  );
  try {
    return fn();
  } finally {
    undo();
  }
}

/** Where namespaces are mounted. The directory itself becomes a mount of its own, and stays one. */
const mounts = (): string[] => {
  const places = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes('net:['))
    .map((line) => line.split(' ')[4] ?? '');
  return [...new Set(places)].sort();
};
const files = (): string[] => readdirSync('/run/netns').sort();

describe('a system call that fails leaves nothing behind', () => {
  for (const [what, operation] of Object.entries(OPERATIONS)) {
    it(`in ${what}`, async () => {
      const undo = async (result: unknown): Promise<void> => {
        await operation.undo?.(result as never);
      };
      // Once to make what is made once in a process, once to write down the calls.
      operation.prepare?.();
      await undo(operation.run());
      const calls: (keyof Syscalls)[] = [];
      operation.prepare?.();
      await undo(
        intercept((_index, call, real) => {
          calls.push(call);
          return real();
        }, operation.run),
      );

      const moves = calls.flatMap((call, index) => (call === 'setns' ? [index] : []));
      const outcomes: string[] = [];
      for (const errno of [Errno.EMFILE, Errno.EPERM, Errno.ENOMEM, Errno.EINVAL]) {
        for (const [target, failing] of calls.entries()) {
          operation.prepare?.();
          const before = { fds: openFds(), mounts: mounts(), files: files() };
          const title = `${failing} (call ${target + 1} of ${calls.length}: ${calls.join(' ')}) with errno ${errno}`;
          let stopped = false;
          const undoAbort = replaceSyscalls(() => ({
            abort: () => {
              stopped = true;
              throw new Aborted();
            },
          }));
          let error: unknown;
          let result: unknown;
          try {
            result = intercept((index, _call, real) => {
              if (index !== target) return real();
              // A descriptor is gone after close(2), whatever it answers.
              if (failing === 'close') real();
              return -errno;
            }, operation.run);
          } catch (thrown) {
            error = thrown;
          } finally {
            undoAbort();
          }
          if (stopped) {
            expect(failing, title).toBe('setns');
            expect(said, title).toHaveLength(1);
            expect(said[0], title).toMatch(/^netns-core: cannot return from .*\n$/);
            said.length = 0;
            goHome();
          }
          if (error === undefined) await undo(result);
          else if (!stopped) {
            expect(error, title).toBeInstanceOf(NetnsError);
            expect((error as NetnsError).code, title).toMatch(/^(E[A-Z]+|ERR_NOT_A_NAMESPACE)$/);
          }
          // The process is stopped exactly if a return failed.
          if (failing === 'setns' && what !== 'set') {
            const moved = moves.indexOf(target);
            const isReturn = what.startsWith('addNamed') || (what.includes('nested') ? moved >= 2 : moved % 2 === 1);
            expect(stopped, title).toBe(isReturn);
          }
          expect(here(), title).toBe(homeName);
          if (what === 'deleteNamed' && error !== undefined && readdirSync('/run/netns').includes(name))
            deleteNamed(name);
          if (what === 'deleteNamed') before.files = before.files.filter((file) => file !== name);
          if (what === 'deleteNamed') before.mounts = mounts();
          if (!stopped) {
            expect(mounts(), title).toEqual(before.mounts);
            expect(files(), title).toEqual(before.files);
            if (what.startsWith('addNamed in')) expect(readdirSync(folder), title).toEqual([]);
          } else if (what.startsWith('addNamed')) {
            // The process would be gone: what it made with its name stays.
            try {
              deleteNamed(name, what === 'addNamed' ? {} : { dir: folder });
            } catch {
              // Taken back already.
            }
          }
          if (!stopped)
            await retryUntil(() => leakedFds(before.fds).length === 0, 2000).catch(() =>
              expect(leakedFds(before.fds), title).toEqual([]),
            );
          outcomes.push(`${failing}: ${error === undefined ? 'went on' : (error as NetnsError).code}`);
        }
      }
      // What gives a descriptor or moves the thread cannot be done without, so the caller is told.
      const essential = outcomes.filter((outcome) => /^(socket|setns|unshare|socketpair|dup3): went on/.test(outcome));
      expect(operation.copes ? [] : essential).toEqual([]);
    });
  }
});
