import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {
  addNamed,
  deleteNamed,
  get,
  getFromName,
  listNamed,
  listNamespaces,
  NamespaceNotFoundError,
  NetnsError,
  NotANamespaceError,
  newNamed,
  newNetns,
  resolveNamespace,
  runInNamespace,
  set,
} from 'netns-core';
import { afterEach, describe, expect, it } from 'vitest';
import { ip, leakedFds, openFds, run, runProgram, uniqueName } from '#testkit';

const mountLines = (place: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === place);
const inodeIn = (name: string): bigint =>
  BigInt(ip('netns', 'exec', name, 'stat', '-L', '-c', '%i', '/proc/self/ns/net'));
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const folders: string[] = [];
const makeFolder = (): string => {
  const folder = mkdtempSync('/run/named-');
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0).reverse()) {
    run('sh', ['-c', `while umount -l ${folder} 2>/dev/null; do :; done`]);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('addNamed and iproute2', () => {
  it('what addNamed makes, `ip netns` lists, enters and deletes; the caller stays at home', () => {
    const name = uniqueName('n');
    const home = here();
    using handle = addNamed(name);
    expect(here()).toBe(home);
    expect(ip('netns list')).toMatch(new RegExp(`^${name}( |$)`, 'm'));
    expect(inodeIn(name)).toBe(handle.ino);
    expect(ip('-n', name, '-o', 'link').trim().split('\n')).toHaveLength(1);
    ip(`netns del ${name}`);
    expect(listNamed()).not.toContain(name);
    expect(() => getFromName(name)).toThrow(NamespaceNotFoundError);
  });

  it('what `ip netns add` makes, ours lists, enters and deletes', () => {
    const name = uniqueName('n');
    ip(`netns add ${name}`);
    expect(listNamed()).toContain(name);
    using handle = getFromName(name);
    expect(handle.ino).toBe(inodeIn(name));
    expect(runInNamespace(name, here)).toBe(`net:[${handle.ino}]`);
    deleteNamed(name);
    expect(ip('netns list')).not.toMatch(new RegExp(`^${name}( |$)`, 'm'));
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
    expect(mountLines(`/run/netns/${name}`)).toEqual([]);
  });

  it('makes the same files and the same mounts as `ip netns add`, shared propagation included', () => {
    const [ours, theirs] = [uniqueName('n'), uniqueName('n')];
    addNamed(ours).close();
    ip(`netns add ${theirs}`);
    const shape = (name: string): unknown => {
      const [line = ''] = mountLines(`/run/netns/${name}`);
      const [, , device, root, , options, ...rest] = line.split(' ');
      const { mode, size } = statSync(`/run/netns/${name}`);
      return {
        device,
        root: root?.replace(/\d+/, 'N'),
        options,
        shared: rest.some((word) => /^shared:\d+$/.test(word)),
        type: rest.slice(-3),
        mode,
        size,
      };
    };
    expect(shape(ours)).toEqual(shape(theirs));
    expect(shape(ours)).toMatchObject({ shared: true, root: 'net:[N]' });
    const [directory = ''] = mountLines('/run/netns');
    expect(directory).toMatch(/ shared:\d+/);
    deleteNamed(theirs);
    ip(`netns del ${ours}`);
  });

  it('is seen and deleted across mount namespaces, as shared propagation is for', async () => {
    addNamed(uniqueName('n')).close();
    // A second mount namespace that receives what is mounted here, as a service of systemd's does.
    const other = spawn('unshare', ['--mount', '--propagation', 'slave', 'sleep', '60'], { stdio: 'ignore' });
    try {
      await once(other, 'spawn');
      const root = `/proc/${other.pid}/root`;
      const sees = (name: string): boolean =>
        readFileSync(`/proc/${other.pid}/mountinfo`, 'utf8').includes(` /run/netns/${name} `);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const name = uniqueName('n');
      addNamed(name).close();
      expect(sees(name)).toBe(true);
      expect(existsSync(`${root}/run/netns/${name}`)).toBe(true);
      deleteNamed(name);
      expect(sees(name)).toBe(false);
    } finally {
      const ended = once(other, 'exit');
      other.kill('SIGKILL');
      await ended;
    }
  });

  it('keeps every name when several processes make them at once in a fresh directory, some of them with iproute2', async () => {
    const dir = makeFolder();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        runProgram(
          `import { addNamed } from 'netns-core';
          for (let i = 0; i < 10; i += 1) addNamed('p${index}-' + i, { dir: '${dir}' }).close();`,
        ),
      ),
    );
    expect(results.map(({ stderr, code }) => ({ stderr, code }))).toEqual(results.map(() => ({ stderr: '', code: 0 })));
    expect(listNamed({ dir })).toHaveLength(60);
    // The directory is not a mount, so that it can be removed later, and every name can be entered.
    expect(mountLines(dir)).toHaveLength(0);
    const cookies = new Set(listNamed({ dir }).map((name) => runInNamespace({ name, dir }, here)));
    expect(cookies.size).toBe(60);
    for (const name of listNamed({ dir })) deleteNamed(name, { dir });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('lets one of several processes win that want the same name', async () => {
    const name = uniqueName('n');
    const results = await Promise.all(
      Array.from({ length: 4 }, () =>
        runProgram(
          `import { addNamed } from 'netns-core';
          try { addNamed('${name}').close(); console.log('made'); } catch (error) { console.log(error.code); }`,
        ),
      ),
    );
    expect(results.map(({ stdout }) => stdout.trim()).sort()).toEqual(['EEXIST', 'EEXIST', 'EEXIST', 'made']);
    runInNamespace(name, () => 1);
    deleteNamed(name);
  });

  it('refuses a name that exists, and leaves what is there', () => {
    const name = uniqueName('n');
    ip(`netns add ${name}`);
    const before = { inode: inodeIn(name), fds: openFds() };
    expect(() => addNamed(name)).toThrow(
      expect.objectContaining({ code: 'EEXIST', message: expect.stringContaining(name) }),
    );
    expect(() => newNamed(name)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(inodeIn(name)).toBe(before.inode);
    expect(leakedFds(before.fds)).toEqual([]);
    ip(`netns del ${name}`);
  });

  it("works in a directory of one's own, which is made if its parent is there", () => {
    const dir = `${makeFolder()}/sub`;
    folders.push(dir);
    addNamed('x', { dir }).close();
    expect(listNamed({ dir })).toEqual(['x']);
    expect(listNamed()).not.toContain('x');
    runInNamespace({ name: 'x', dir }, () => 1);
    run('nsenter', [`--net=${dir}/x`, 'true']);
    deleteNamed('x', { dir });
    expect(listNamed({ dir })).toEqual([]);
    expect(listNamed({ dir: `${dir}/none` })).toEqual([]);
    expect(() => addNamed('x', { dir: `${dir}/a/b` })).toThrow(
      expect.objectContaining({ code: 'ENOENT', path: `${dir}/a/b` }),
    );
    writeFileSync(`${dir}/file`, '');
    expect(() => listNamed({ dir: `${dir}/file` })).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => addNamed('x', { dir: `${dir}/file` })).toThrow(NetnsError);
  });
});

describe('deleteNamed', () => {
  it('takes away all mounts that are stacked on a name', () => {
    const name = uniqueName('n');
    ip(`netns add ${name}`);
    for (let i = 0; i < 3; i += 1) run('mount', ['--bind', '/proc/self/ns/net', `/run/netns/${name}`]);
    expect(mountLines(`/run/netns/${name}`).length).toBeGreaterThan(1);
    deleteNamed(name);
    expect(mountLines(`/run/netns/${name}`)).toEqual([]);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });

  it('removes what an interrupted `ip netns add` left', () => {
    const name = uniqueName('n');
    ip(`netns add ${name}`);
    run('umount', [`/run/netns/${name}`]);
    deleteNamed(name);
    expect(listNamed()).not.toContain(name);
  });

  it('refuses what is not a namespace, and leaves it', () => {
    const dir = makeFolder();
    writeFileSync(`${dir}/file`, 'content');
    mkdirSync(`${dir}/directory`);
    execFileSync('mkfifo', [`${dir}/fifo`]);
    symlinkSync('/etc/passwd', `${dir}/link`);
    writeFileSync(`${dir}/mnt`, '');
    run('sh', ['-c', `mount --bind /proc/self/ns/uts ${dir}/mnt`]);
    for (const [name, reason] of [
      ['file', /regular file/],
      ['directory', /directory/],
      ['fifo', /neither/],
      ['link', /symbolic link/],
      ['mnt', /another type \(UTS\)/],
    ] as const) {
      expect(() => deleteNamed(name, { dir })).toThrow(NotANamespaceError);
      expect(() => deleteNamed(name, { dir })).toThrow(reason);
    }
    expect(readdirSync(dir).sort()).toEqual(['directory', 'fifo', 'file', 'link', 'mnt']);
    expect(mountLines(`${dir}/mnt`)).toHaveLength(1);
    run('umount', [`${dir}/mnt`]);
    expect(() => deleteNamed('missing', { dir })).toThrow(NamespaceNotFoundError);
  });

  it('leaves the namespace alive for those who hold it', () => {
    const name = uniqueName('n');
    using handle = addNamed(name);
    deleteNamed(name);
    expect(runInNamespace(handle, here)).toBe(`net:[${handle.ino}]`);
  });
});

describe('the fallback to /var/run/netns', () => {
  it('is per name: what is missing in the first directory is found in the second', async () => {
    // On most systems the second is a link to the first; here it is a directory of its own, as in some containers.
    const result = run('unshare', [
      '--mount',
      '--propagation',
      'private',
      process.execPath,
      '--input-type=module',
      '-e',
      `
      import { execFileSync } from 'node:child_process';
      import { mkdirSync, readlinkSync } from 'node:fs';
      const core = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
      const real = readlinkSync('/var/run').startsWith('/') ? readlinkSync('/var/run') : '/' + readlinkSync('/var/run');
      void real;
      mkdirSync('/run/elsewhere/run/netns', { recursive: true });
      core.addNamed('both').close();
      core.addNamed('first').close();
      execFileSync('mount', ['--bind', '/run/elsewhere', '/var']);
      core.addNamed('both', { dir: '/var/run/netns' }).close();
      core.addNamed('second', { dir: '/var/run/netns' }).close();
      const ino = (ref) => { using handle = undefined; return undefined; };
      const of = (ref) => { const handle = core.resolveNamespace(ref); const { ino } = handle; handle.close(); return ino; };
      console.log(JSON.stringify({
        both: of('both') === of({ path: '/run/netns/both' }),
        different: of({ path: '/run/netns/both' }) !== of({ path: '/var/run/netns/both' }),
        first: of('first') === of({ path: '/run/netns/first' }),
        second: of('second') === of({ path: '/var/run/netns/second' }),
        list: core.listNamed().filter((name) => ['both', 'first', 'second'].includes(name)),
      }));
      core.deleteNamed('second');
      core.deleteNamed('both');
      console.log(of('both') !== undefined, core.listNamed().includes('second'));
      `.replace(/const ino = .*\n/, ''),
    ]);
    const [first = '', second] = result.trim().split('\n');
    expect(JSON.parse(first)).toEqual({
      both: true,
      different: true,
      first: true,
      second: true,
      list: ['both', 'first', 'second'],
    });
    expect(second).toBe('true false');
    for (const name of ['both', 'first']) if (existsSync(`/run/netns/${name}`)) deleteNamed(name);
    rmSync('/run/elsewhere', { recursive: true, force: true });
  });
});

describe('newNetns and newNamed', () => {
  it('move the calling thread to a fresh namespace, as in Go', () => {
    using home = get();
    try {
      using fresh = newNetns();
      expect(here()).toBe(`net:[${fresh.ino}]`);
      expect(fresh.equals(home)).toBe(false);
      const name = uniqueName('n');
      using named = newNamed(name);
      expect(here()).toBe(`net:[${named.ino}]`);
      expect(inodeIn(name)).toBe(named.ino);
      deleteNamed(name);
    } finally {
      set(home);
    }
    expect(here()).toBe(`net:[${home.ino}]`);
  });

  it('inside a hop are undone by its way back, which makes a namespace without moving anybody', () => {
    const home = here();
    using fresh = runInNamespace({ pid: process.pid }, newNetns);
    expect(here()).toBe(home);
    expect(runInNamespace(fresh, here)).toBe(`net:[${fresh.ino}]`);
  });
});

describe('listNamespaces', () => {
  it('tells what lsns and `ip netns` tell: names, files, processes', () => {
    const name = uniqueName('n');
    using handle = addNamed(name);
    const child = spawn('ip', ['netns', 'exec', name, 'sleep', '60'], { stdio: 'ignore' });
    try {
      const deadline = Date.now() + 3000;
      let found = listNamespaces().find(({ names }) => names.includes(name));
      while (found?.pids.length !== 1 && Date.now() < deadline)
        found = listNamespaces().find(({ names }) => names.includes(name));
      expect(found).toEqual({
        id: handle.uniqueId(),
        dev: handle.dev,
        ino: handle.ino,
        names: [name],
        paths: [`/run/netns/${name}`],
        pids: [child.pid],
      });
      const lsns = JSON.parse(run('lsns', ['-J', '-t', 'net', '-o', 'NS,NPROCS'])) as {
        namespaces: { ns: number | string; nprocs: number | string }[];
      };
      const theirs = lsns.namespaces.map(({ ns }) => BigInt(ns));
      const ours = listNamespaces()
        .filter(({ pids }) => pids.length > 0)
        .map(({ ino }) => ino);
      expect(ours).toEqual(expect.arrayContaining(theirs.filter((ino) => ino === handle.ino)));
      using mine = get();
      expect(listNamespaces().find(({ ino }) => ino === mine.ino)?.pids).toContain(process.pid);
    } finally {
      child.kill('SIGKILL');
      deleteNamed(name);
    }
    expect(resolveNamespace(handle).isOpen()).toBe(true);
  });
});
