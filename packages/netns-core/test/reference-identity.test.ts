import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { get, getFromName, none, runInNamespace } from 'netns-core';
import { referenceIdentity } from 'netns-core/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, retryUntil, run, runProgram, uniqueName } from '#testkit';

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

describe("under Node's permission model, where the file may not be read by fs", () => {
  const known = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

  it('is what hops find: a namespace, nothing, or an error; nothing stays open', async () => {
    symlinkSync('circle', path.join(folder, 'circle'));
    writeFileSync(path.join(folder, 'plain'), '');
    const program = `
      import { referenceIdentity } from 'netns-core/identity';
      import { Errno, replaceSyscalls, sys } from 'netns-core/sys';
      const lowest = () => { const fd = sys().open('/dev/null', 0, 0); sys().close(fd); return fd; };
      const look = (ref) => {
        try { const found = referenceIdentity(ref); return found && [found.id, found.ino.toString()]; }
        catch (error) { return error.code + ' ' + error.syscall + ': ' + error.message; }
      };
      referenceIdentity('${RED}');
      const before = lowest();
      const found = [
        '${RED}', { path: '/run/netns/${RED}' }, '${RED}missing', { pid: 0x7ffffffe },
        { path: '${folder}/plain/below' }, { path: '${folder}/circle' },
      ].map((ref) => look(ref) ?? null);
      for (const errno of [Errno.ENOENT, Errno.ENOTDIR, Errno.ESRCH, Errno.EACCES]) {
        const undo = replaceSyscalls(() => ({ open: () => -errno }));
        found.push(look('${RED}') ?? null);
        undo();
      }
      const undo = replaceSyscalls(() => ({ fstat: () => -Errno.ENOMEM }));
      found.push(look('${RED}') ?? null);
      undo();
      console.log(JSON.stringify([...found, lowest() - before]));`;
    const flags = [
      '--no-warnings',
      known('--permission') ? '--permission' : '--experimental-permission',
      '--allow-addons',
      `--allow-fs-read=${process.cwd()}/*`,
    ];
    const { stdout, stderr } = await runProgram(program, { env: { NODE_OPTIONS: flags.join(' ') } });
    expect(stderr).toBe('');
    const { id, ino } = referenceIdentity(RED) ?? { id: '', ino: 0n };
    const red = [id, String(ino)];
    expect(JSON.parse(stdout)).toEqual([
      red,
      red,
      null,
      null,
      null,
      expect.stringMatching(/^ELOOP /),
      null,
      null,
      null,
      expect.stringMatching(/^EACCES /),
      expect.stringMatching(new RegExp(`^ENOMEM fstat: cannot look at .*${RED}`)),
      0,
    ]);
  });
});
