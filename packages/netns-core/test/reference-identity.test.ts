import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { get, getFromName, none, runInNamespace } from 'netns-core';
import { referenceIdentity } from 'netns-core/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';

const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
let lodger: ChildProcess;
const inodeOf = (name: string): bigint => BigInt(run('stat', ['-L', '-c', '%i', `/run/netns/${name}`]));

beforeAll(async () => {
  made = makeNamespaces(RED, BLUE);
  folder = mkdtempSync('/run/identity-');
  lodger = spawn('ip', ['netns', 'exec', BLUE, 'sleep', '600'], { stdio: 'ignore' });
  await retryUntil(() => referenceIdentity({ pid: lodger.pid ?? 0 })?.ino === inodeOf(BLUE));
});
afterAll(() => {
  lodger.kill('SIGKILL');
  rmSync(folder, { recursive: true });
  made.remove();
});

describe('what a reference means at the moment', () => {
  it('is told alike by every kind of reference to one namespace, without a descriptor', () => {
    using home = get();
    using handle = getFromName(RED);
    const before = openFds();
    const wanted = { dev: handle.dev, ino: inodeOf(RED), id: handle.uniqueId() };
    for (const ref of [
      RED,
      { name: RED },
      { name: RED, dir: '/run/netns' },
      { path: `/run/netns/${RED}` },
      handle,
      { fd: handle.fd },
    ])
      expect(referenceIdentity(ref)).toEqual(wanted);
    runInNamespace(RED, () => expect(referenceIdentity('')).toEqual(wanted));
    for (const ref of ['', 'default', { pid: process.pid }, { pid: process.pid, tid: process.pid }])
      expect(referenceIdentity(ref)?.id).toBe(home.uniqueId());
    expect(leakedFds(before)).toEqual([]);
  });

  it('follows symbolic links, also to a file of a process, and never changes while nothing changes', () => {
    const link = path.join(folder, 'link');
    symlinkSync(`/proc/${lodger.pid}/ns/net`, link);
    const seen = new Set(Array.from({ length: 100 }, () => referenceIdentity({ path: link })?.id));
    expect([...seen]).toEqual([referenceIdentity(BLUE)?.id]);
    symlinkSync(`/run/netns/${RED}`, `${link}.new`);
    renameSync(`${link}.new`, link);
    expect(referenceIdentity({ name: 'link', dir: folder })?.ino).toBe(inodeOf(RED));
  });

  it('changes with a remount on the same file and with a mount over it', () => {
    const name = uniqueName('moves');
    using one = makeNamespaces(name);
    void one;
    const first = referenceIdentity(name)?.ino;
    run('mount', ['--bind', `/proc/${lodger.pid}/ns/net`, `/run/netns/${name}`]);
    expect(referenceIdentity(name)?.ino).toBe(inodeOf(BLUE));
    run('umount', [`/run/netns/${name}`]);
    expect(referenceIdentity(name)?.ino).toBe(first);
    run('umount', [`/run/netns/${name}`]);
    expect(referenceIdentity(name)?.dev).not.toBe(referenceIdentity(RED)?.dev);
  });

  it('is nothing where nothing is', () => {
    ip(`netns add ${RED}x`);
    ip(`netns del ${RED}x`);
    symlinkSync('/no/such/target', path.join(folder, 'dangling'));
    writeFileSync(path.join(folder, 'file'), '');
    for (const ref of [
      `${RED}x`,
      { pid: 0x7ffffffe },
      { path: path.join(folder, 'dangling') },
      { path: path.join(folder, 'file', 'below') },
    ])
      expect(referenceIdentity(ref)).toBeUndefined();
  });

  it('is an error where it cannot be found out', () => {
    symlinkSync('loop', path.join(folder, 'loop'));
    expect(() => referenceIdentity({ path: path.join(folder, 'loop') })).toThrow(
      expect.objectContaining({ code: 'ELOOP' }),
    );
    expect(() => referenceIdentity({ fd: 987654 })).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => referenceIdentity(none())).toThrow(expect.objectContaining({ code: 'ERR_CLOSED_HANDLE' }));
    expect(() => referenceIdentity('a/b')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }));
  });
});
