import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  addNamed,
  deleteNamed,
  getFromName,
  InvalidNameError,
  listNamed,
  NamespaceNotFoundError,
  NetnsError,
  NotANamespaceError,
  newNamed,
  parseAddress,
  resolveNamespace,
  runInNamespace,
  spawnInNamespace,
  vrfToNetns,
  watchNamed,
} from 'netns-core';
import { checkName, checkReference, describeNamespace, namespaceName } from 'netns-core/checks';
import { replaceSyscalls } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, uniqueName } from '#testkit';

/** The names of the system calls that `fn` makes. */
function callsOf(fn: () => void): string[] {
  const names: string[] = [];
  const undo = replaceSyscalls((real) =>
    Object.fromEntries(
      Object.entries(real).map(([name, call]) => [
        name,
        (...args: never[]) => {
          names.push(name);
          return (call as (...args: never[]) => unknown)(...args);
        },
      ]),
    ),
  );
  try {
    fn();
  } finally {
    undo();
  }
  return names;
}

const INVALID: [string, string, RegExp][] = [
  ['empty', '', /is empty/],
  ['.', '.', /is a directory/],
  ['..', '..', /is a directory/],
  ['with a slash', 'a/b', /contains a slash/],
  ['that leads out of the directory', '../../proc/1/ns/net', /contains a slash/],
  ['with a NUL', 'a\0b', /NUL/],
  ['of 256 bytes', 'x'.repeat(256), /256 bytes long: 255 at most/],
  ['of 256 bytes in UTF-8', 'ü'.repeat(128), /256 bytes long/],
];

describe('a name', () => {
  for (const [what, name, message] of INVALID)
    it(`${what} is refused by everything that takes one, before any system call`, () => {
      const takers: (() => unknown)[] = [
        () => checkName(name),
        () => getFromName(name),
        () => resolveNamespace({ name }),
        () => resolveNamespace({ name, dir: '/tmp' }),
        () => addNamed(name),
        () => newNamed(name),
        () => deleteNamed(name),
        () => checkReference({ name }),
        // '' as a string is the caller's own namespace.
        ...(name === ''
          ? []
          : [
              () => resolveNamespace(name),
              () => runInNamespace(name, () => 1),
              () => spawnInNamespace(name, 'true'),
              () => spawnInNamespace('default', 'true', [], { netnsEtc: name }),
              () => vrfToNetns(name) === `ns-${name}` && resolveNamespace({ vrf: name.startsWith('.') ? '/' : name }),
            ]),
      ];
      for (const take of takers) {
        let caught: unknown;
        const calls = callsOf(() => {
          try {
            take();
          } catch (error) {
            caught = error;
          }
        });
        expect(caught, take.toString()).toBeInstanceOf(InvalidNameError);
        expect(caught).toMatchObject({ code: 'ERR_INVALID_NAME' });
        expect(calls, take.toString()).toEqual([]);
      }
      expect(() => checkName(name)).toThrow(message);
    });

  it('that is not a string is refused', () => {
    // @ts-expect-error the compiler refuses it, too
    expect(() => checkName(7)).toThrow(/must be a string, not number/);
    // @ts-expect-error the compiler refuses it, too
    expect(() => resolveNamespace({ vrf: 7 })).toThrow(NetnsError);
  });

  it('of 255 bytes is as good as any other, in ASCII and in UTF-8', () => {
    for (const name of ['y'.repeat(255), `${'ü'.repeat(127)}z`, '-rf', ' ', 'ns with space', '…']) {
      addNamed(name).close();
      try {
        expect(listNamed()).toContain(name);
        runInNamespace({ name }, () => 1);
      } finally {
        deleteNamed(name);
      }
      expect(listNamed()).not.toContain(name);
    }
  });

  it('is shown cut short in the message when it is long', () => {
    expect(() => checkName('x'.repeat(5000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }),
    );
  });

  it("of a directory must not hold a NUL, which would cut it short in the kernel's eyes", () => {
    for (const dir of ['', '/tmp\0/x']) {
      expect(() => addNamed('x', { dir })).toThrow(/the option dir/);
      expect(() => deleteNamed('x', { dir })).toThrow(/the option dir/);
      expect(() => listNamed({ dir })).toThrow(/the option dir/);
      expect(() => watchNamed({ dir })).toThrow(/the option dir/);
      expect(() => resolveNamespace({ name: 'x', dir })).toThrow(/invalid namespace reference: dir/);
      expect(() => resolveNamespace({ path: dir })).toThrow(/invalid namespace reference: path/);
    }
  });
});

describe('vrfToNetns and parseAddress', () => {
  it('know the four cases of a VRF name', () => {
    expect(['', 'default', 'ns-x', 'x'].map(vrfToNetns)).toEqual(['', 'default', 'ns-x', 'ns-x']);
  });

  it('take [<vrf>/]address:port apart, and refuse a second slash with the address in the message', () => {
    expect(parseAddress('192.0.2.1:80')).toEqual({ namespace: '', address: '192.0.2.1:80' });
    expect(parseAddress('management/192.0.2.1:80')).toEqual({ namespace: 'ns-management', address: '192.0.2.1:80' });
    expect(parseAddress('default/[2001:db8::1]:80')).toEqual({ namespace: 'default', address: '[2001:db8::1]:80' });
    expect(parseAddress('ns-x/:80')).toEqual({ namespace: 'ns-x', address: ':80' });
    expect(parseAddress('/:80')).toEqual({ namespace: '', address: ':80' });
    expect(() => parseAddress('a/b/c:1')).toThrow(/"a\/b\/c:1" has more than one slash/);
  });
});

describe('a reference', () => {
  it('is described by what it means', () => {
    expect(describeNamespace('')).toBe("the caller's namespace");
    expect(describeNamespace('red')).toBe('the namespace "red"');
    expect(describeNamespace({ vrf: 'red' })).toBe('the namespace "ns-red"');
    expect(describeNamespace({ pid: 7 })).toBe('the namespace of process 7');
    expect(describeNamespace({ pid: 7, tid: 8 })).toBe('the namespace of thread 8 of process 7');
    expect(describeNamespace({ path: '/x' })).toBe('the namespace /x');
    expect(describeNamespace({ fd: 3 })).toBe('the namespace of file descriptor 3');
    expect(namespaceName({ vrf: 'red' })).toBe('ns-red');
    expect(namespaceName({ pid: 7 })).toBeUndefined();
  });

  it('that means nothing is refused, naming what is wrong', () => {
    const wrong: [unknown, RegExp][] = [
      [undefined, /a name, a handle.* not undefined/],
      [null, /not null/],
      [5, /not 5/],
      [{}, /has none of name, vrf, pid, path and fd/],
      [{ pid: 0 }, /pid must be a positive number, not 0/],
      [{ pid: -1 }, /not -1/],
      [{ pid: 1.5 }, /not 1.5/],
      [{ pid: '1' }, /pid/],
      [{ pid: 1, tid: 0 }, /tid/],
      [{ fd: -1 }, /fd must be a file descriptor, not -1/],
      [{ fd: 0.5 }, /fd/],
      [{ path: '' }, /path must be a path/],
      [{ path: 7 }, /path must be a path/],
    ];
    for (const [ref, message] of wrong) {
      const calls = callsOf(() => {
        expect(() => resolveNamespace(ref as string)).toThrow(message);
        expect(() => runInNamespace(ref as string, () => 1)).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
        );
        expect(() => checkReference(ref as string)).toThrow(message);
      });
      expect(calls).toEqual([]);
    }
  });
});

describe('what is not a network namespace', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  let made: ReturnType<typeof makeNamespaces>;
  const lost = uniqueName('lost');

  beforeAll(() => {
    folder = mkdtempSync('/run/what-');
    made = makeNamespaces(lost);
    writeFileSync(at('regular'), 'text');
    writeFileSync(at('empty'), '');
    mkdirSync(at('directory'));
    symlinkSync('/nowhere/at/all', at('dangling'));
    symlinkSync(at('loop'), at('loop'));
    execFileSync('mkfifo', [at('fifo')]);
    for (const kind of ['mnt', 'uts', 'ipc', 'user', 'pid', 'cgroup']) symlinkSync(`/proc/self/ns/${kind}`, at(kind));
    execFileSync('umount', [`/run/netns/${lost}`]);
  });
  afterAll(() => {
    made.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const CASES: [string, string, typeof NetnsError, RegExp][] = [
    ['a regular file', 'regular', NotANamespaceError, /it is a regular file/],
    ['an empty file that lost its mount', 'empty', NotANamespaceError, /no namespace mounted on it/],
    ['a directory', 'directory', NotANamespaceError, /it is a directory/],
    ['a FIFO, which must not block', 'fifo', NotANamespaceError, /neither a namespace nor a regular file/],
    [
      'a dangling symbolic link',
      'dangling',
      NamespaceNotFoundError,
      /a symbolic link to \/nowhere\/at\/all, which does not exist/,
    ],
    ['a loop of symbolic links', 'loop', NetnsError, /ELOOP/],
    ['a missing file', 'missing', NamespaceNotFoundError, /does not exist/],
    ["a mount namespace's file", 'mnt', NotANamespaceError, /of another type \(mount\)/],
    ["a UTS namespace's file", 'uts', NotANamespaceError, /of another type \(UTS\)/],
    ["an IPC namespace's file", 'ipc', NotANamespaceError, /of another type \(IPC\)/],
    ["a user namespace's file", 'user', NotANamespaceError, /of another type \(user\)/],
    ["a PID namespace's file", 'pid', NotANamespaceError, /of another type \(PID\)/],
    ["a cgroup namespace's file", 'cgroup', NotANamespaceError, /of another type \(cgroup\)/],
  ];

  for (const [what, file, type, message] of CASES)
    it(`${what} has its own error, by path and by name, to open and to enter`, () => {
      const before = openFds();
      const refs = [{ path: at(file) }, { name: file, dir: folder }];
      for (const ref of refs)
        for (const use of [() => resolveNamespace(ref), () => runInNamespace(ref, () => 1)]) {
          let caught: unknown;
          try {
            use();
          } catch (error) {
            caught = error;
          }
          expect(caught).toBeInstanceOf(type);
          expect((caught as Error).message).toMatch(message);
          expect((caught as Error).message).toContain(file);
        }
      expect(leakedFds(before)).toEqual([]);
    });

  it('a name whose mount is not seen here names mount propagation, and does not say to remove anything', () => {
    expect(() => getFromName(lost)).toThrow(/no namespace mounted on it here: .*rslave, MountFlags=slave/);
    expect(() => getFromName(lost)).not.toThrow(/remove it/);
  });

  it('a missing name lists where it was looked for', () => {
    expect(() => getFromName('no-such')).toThrow(
      expect.objectContaining({
        name: 'NamespaceNotFoundError',
        code: 'ENOENT',
        errno: 2,
        syscall: 'open',
        path: '/run/netns/no-such',
        message: expect.stringContaining('looked in /run/netns and in /var/run/netns'),
      }),
    );
    expect(() => resolveNamespace({ name: 'x', dir: '/no/dir' })).toThrow(
      /no such directory: no namespace has a name here yet/,
    );
  });

  it('a file of /proc that is none is not taken for a lost mount', () => {
    expect(() => resolveNamespace({ path: '/proc/self/status' })).toThrow(
      /it is a file of \/proc, but not one of a namespace/,
    );
  });

  it('a process or thread that does not exist is not found', () => {
    expect(() => resolveNamespace({ pid: 0x7ffffffe })).toThrow(NamespaceNotFoundError);
    expect(() => resolveNamespace({ pid: process.pid, tid: 0x7ffffffe })).toThrow(/thread 2147483646 of process/);
  });

  it('a file descriptor that is none, or not open, says which of the two', () => {
    expect(() => resolveNamespace({ fd: 1 })).toThrow(NotANamespaceError);
    expect(() => resolveNamespace({ fd: 987654 })).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => runInNamespace({ fd: 987654 }, () => 1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
