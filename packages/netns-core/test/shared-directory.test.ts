import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {
  addNamed,
  addNamedAsync,
  attachNamed,
  deleteNamed,
  deleteNamedAsync,
  listNamed,
  NamespaceNotFoundError,
  NotANamespaceError,
  newNamed,
  resolveNamespace,
  runInNamespace,
  set,
} from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, leakedFds, openFds, run, runProgram, uniqueName } from '#testkit';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/run/shared-');
});
afterEach(() => {
  run('sh', ['-c', `grep -o ' ${folder}[^ ]*' /proc/self/mountinfo | xargs -r -n 1 umount -l; true`]);
  rmSync(folder, { recursive: true, force: true });
});
const mountsBelow = (place: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(place));

/** Swaps a name for something else right before a system call, as another user of the directory could. */
function swappedBefore(call: 'mount' | 'umount2' | 'unlinkat', swap: () => void): () => void {
  let done = false;
  return replaceSyscalls((real) => ({
    [call]: (...args: never[]) => {
      if (!done) swap();
      done = true;
      return (real[call] as (...args: never[]) => number)(...args);
    },
  }));
}

/** Whether this user namespace has one user: files can be given to no other. */
const isOnlyUser = (): boolean => /^\s*\d+\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));

describe('a directory that others may write to', () => {
  let victim: string;
  let dir: string;
  beforeEach(() => {
    victim = path.join(folder, 'victim');
    dir = path.join(folder, 'names');
    mkdirSync(victim);
    mkdirSync(dir);
    run('mount', ['-t', 'tmpfs', 'victim', victim]);
    writeFileSync(path.join(victim, 'file'), 'x');
    chmodSync(dir, 0o777);
  });
  const swapFor = (link: string) => () => {
    run('sh', ['-c', `mv ${dir} ${dir}.away; mkdir ${dir}; ln -s ${link} ${dir}/x`]);
  };

  it('cannot have deleteNamed unmount anything but the name, whatever its path leads to meanwhile', () => {
    addNamed('x', { dir }).close();
    const restore = swappedBefore('umount2', swapFor(victim));
    try {
      deleteNamed('x', { dir });
    } finally {
      restore();
    }
    expect(existsSync(path.join(victim, 'file'))).toBe(true);
    expect(mountsBelow(`${dir}.away/`)).toEqual([]);
    expect(readdirSync(dir)).toEqual(['x']);
  });

  it('cannot have deleteNamed remove a file elsewhere', () => {
    writeFileSync(path.join(dir, 'x'), '');
    const restore = swappedBefore('unlinkat', () => {
      run('sh', ['-c', `mv ${dir} ${dir}.away; ln -s ${victim} ${dir}; touch ${victim}/x`]);
    });
    try {
      deleteNamed('x', { dir });
    } finally {
      restore();
    }
    expect(readdirSync(victim).sort()).toEqual(['file', 'x']);
  });

  for (const [what, make] of [
    ['addNamed', () => addNamed('x', { dir })],
    ['attachNamed', () => attachNamed('x', { pid: process.pid }, { dir })],
  ] as const)
    it(`cannot have ${what} mount a namespace elsewhere`, () => {
      const restore = swappedBefore('mount', swapFor(`${victim}/file`));
      try {
        make().close();
      } finally {
        restore();
      }
      expect(mountsBelow(`${victim}/`)).toEqual([]);
      expect(readFileSync(path.join(victim, 'file'), 'utf8')).toBe('x');
      expect(mountsBelow(`${dir}.away/x`)).toHaveLength(1);
    });

  it('is refused if it belongs to another user, unless it is trusted; nothing is left', async () => {
    // An ordinary user's sandbox knows no second user, but there the machine's own directories belong to another one.
    const ownUsers = isOnlyUser() ? [] : [dir];
    const [foreign = '/usr'] = ownUsers;
    for (const own of ownUsers) chownSync(own, 65534, 65534);
    const before = openFds();
    const content = readdirSync(foreign);
    for (const refused of [
      () => addNamed('x', { dir: foreign }),
      () => attachNamed('x', '', { dir: foreign }),
      () => deleteNamed('x', { dir: foreign }),
    ])
      expect(refused).toThrow(
        expect.objectContaining({
          code: 'ERR_UNTRUSTED_DIRECTORY',
          message: expect.stringContaining('trustDirectory'),
        }),
      );
    expect(leakedFds(before)).toEqual([]);
    await expect(addNamedAsync('x', { dir: foreign })).rejects.toMatchObject({ code: 'ERR_UNTRUSTED_DIRECTORY' });
    await expect(deleteNamedAsync('x', { dir: foreign })).rejects.toMatchObject({ code: 'ERR_UNTRUSTED_DIRECTORY' });
    expect(readdirSync(foreign)).toEqual(content);
    for (const own of ownUsers) {
      addNamed('x', { dir: own, trustDirectory: true }).close();
      deleteNamed('x', { dir: own, trustDirectory: true });
    }
  });

  it('cannot hold up a call for ever by its lock', () => {
    let tries = 0;
    const restore = replaceSyscalls(() => ({
      flock: () => {
        tries += 1;
        return -11;
      },
    }));
    try {
      expect(() => addNamed('x', { dir })).toThrow(expect.objectContaining({ code: 'EBUSY', syscall: 'flock' }));
      expect(tries).toBeGreaterThan(10);
    } finally {
      restore();
    }
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('deleteNamed', () => {
  it('never removes a file with content, whatever its permissions, also not for an ordinary user', async () => {
    const file = path.join(folder, 'content');
    const empty = path.join(folder, 'empty');
    for (const each of [file, empty]) {
      writeFileSync(each, each === file ? 'text' : '');
      chmodSync(each, 0);
    }
    chmodSync(folder, 0o777);
    const { stdout, stderr } = await runProgram(
      `import { deleteNamed } from 'netns-core';
       for (const name of ['content', 'empty']) try { deleteNamed(name, { dir: '${folder}' }); console.log('removed'); } catch (error) { console.log(error.code); }`,
      { through: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('ERR_NOT_A_NAMESPACE\nremoved\n');
    expect(readFileSync(file, 'utf8')).toBe('text');
  });

  it('removes a symlinked name of a living namespace and of one that is gone, and not what it leads to', () => {
    const name = uniqueName('real');
    addNamed(name).close();
    symlinkSync(`/run/netns/${name}`, path.join(folder, 'alias'));
    symlinkSync('/proc/2147483646/ns/net', path.join(folder, 'gone'));
    deleteNamed('alias', { dir: folder });
    deleteNamed('gone', { dir: folder });
    expect(readdirSync(folder)).toEqual([]);
    expect(ip('netns list')).toMatch(new RegExp(`^${name}( |$)`, 'm'));
    deleteNamed(name);
  });

  it('says that the name does not exist when another process was first, at any step', () => {
    for (const [call, errno] of [
      ['openat', 2],
      ['unlinkat', 2],
    ] as const) {
      writeFileSync(path.join(folder, 'x'), '');
      const restore = replaceSyscalls(() => ({ [call]: () => -errno }));
      try {
        expect(() => deleteNamed('x', { dir: folder })).toThrow(NamespaceNotFoundError);
      } finally {
        restore();
      }
      unlinkSync(path.join(folder, 'x'));
    }
  });

  it('deletes what another process has made in the very moment', () => {
    writeFileSync(path.join(folder, 'x'), '');
    const restore = swappedBefore('unlinkat', () =>
      run('mount', ['--bind', '/proc/self/ns/net', path.join(folder, 'x')]),
    );
    try {
      deleteNamed('x', { dir: folder });
    } finally {
      restore();
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(mountsBelow(folder)).toEqual([]);
  });
});

describe('a name', () => {
  it('is made again if another program removes its file before it is mounted', () => {
    const restore = swappedBefore('mount', () => unlinkSync(path.join(folder, 'x')));
    try {
      addNamed('x', { dir: folder }).close();
    } finally {
      restore();
    }
    runInNamespace({ name: 'x', dir: folder }, () => 1);
    deleteNamed('x', { dir: folder });
  });

  it('is made and deleted by several processes at once, each of which succeeds or hears that it exists or does not', async () => {
    const program = `import { addNamed, deleteNamed } from 'netns-core';
      const said = new Set();
      for (let i = 0; i < 40; i += 1) {
        try { addNamed('one', { dir: '${folder}' }).close(); } catch (error) { said.add('add ' + error.code); }
        try { deleteNamed('one', { dir: '${folder}' }); } catch (error) { said.add('delete ' + error.code); }
      }
      console.log([...said].join());`;
    const results = await Promise.all([1, 2, 3].map(() => runProgram(program)));
    for (const { stdout, stderr } of results) {
      expect(stderr).toBe('');
      expect(stdout.trim()).toMatch(/^(add EEXIST|delete ENOENT|,)*$/);
    }
  });

  it("leaves nothing mounted on a directory of one's own, which can be removed afterwards", async () => {
    const dir = path.join(folder, 'own');
    addNamed('x', { dir }).close();
    await deleteNamedAsync('x', { dir });
    (await addNamedAsync('y', { dir })).close();
    expect(mountsBelow(dir)).toEqual([`${dir}/y`]);
    deleteNamed('y', { dir });
    expect(() => addNamed('z', { dir: `${dir}/none/none` })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    rmdirSync(dir);
  });

  it('is made in /var/run/netns if only that exists', async () => {
    const { stdout, stderr } = await runProgram(
      `import { execFileSync } from 'node:child_process'; import { existsSync } from 'node:fs';
       import { addNamed, addNamedAsync, deleteNamed, getFromName, listNamed, newNamed } from 'netns-core';
       execFileSync('sh', ['-c', 'mount -t tmpfs t /run; mount -t tmpfs t /var; mkdir -p /var/run/netns']);
       addNamed('a').close(); (await addNamedAsync('b')).close(); newNamed('c').close();
       console.log(['a', 'b', 'c'].map((name) => existsSync('/var/run/netns/' + name)).join(), existsSync('/run/netns'));
       getFromName('a').close(); deleteNamed('a'); console.log(listNamed().join());`,
      { through: ['unshare', '--mount', '--propagation', 'private'] },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('true,true,true false\nb,c\n');
  });

  it('in a relative directory is the one of the moment of the call', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const made = addNamedAsync('x', { dir: 'names' });
      process.chdir('/');
      (await made).close();
    } finally {
      process.chdir(before);
    }
    expect(listNamed({ dir: path.join(folder, 'names') })).toEqual(['x']);
    deleteNamed('x', { dir: path.join(folder, 'names') });
  });
});

describe('attachNamed', () => {
  it('gives an existing namespace a name as `ip netns attach` does', () => {
    const name = uniqueName('at');
    const second = uniqueName('at');
    using made = addNamed(name);
    const before = openFds();
    {
      using attached = attachNamed(second, made);
      expect(attached.equals(made)).toBe(true);
    }
    expect(leakedFds(before)).toEqual([]);
    expect(ip('netns', 'exec', second, 'stat', '-L', '-c', '%i', '/proc/self/ns/net').trim()).toBe(String(made.ino));
    expect(() => attachNamed(second, made)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(() => attachNamed('x', 'nowhere')).toThrow(NamespaceNotFoundError);
    expect(() => attachNamed('x', { path: '/etc/passwd' }, { dir: folder })).toThrow(NotANamespaceError);
    expect(readdirSync(folder)).toEqual([]);
    expect(leakedFds(before)).toEqual([]);
    deleteNamed(second);
    deleteNamed(name);
  });

  it('leaves the thread of newNamed where it was if the name cannot be mounted', () => {
    using home = resolveNamespace('');
    const restore = replaceSyscalls((real) => ({
      mount: (...args) => (args[1].startsWith('/proc/') ? -1 : real.mount(...args)),
    }));
    const name = uniqueName('nn');
    try {
      expect(() => newNamed(name)).toThrow(expect.objectContaining({ syscall: 'mount' }));
    } finally {
      restore();
    }
    using now = resolveNamespace('');
    const stayed = now.equals(home);
    if (!stayed) set(home);
    expect(stayed).toBe(true);
    expect(listNamed()).not.toContain(name);
  });
});
