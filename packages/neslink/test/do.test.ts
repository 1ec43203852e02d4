import { existsSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ActionError,
  DefaultMountPath,
  Do,
  DoFd,
  MustDo,
  MustNsDo,
  NADeleteNamed,
  NADeleteNamedAt,
  NAExec,
  NAExecNescript,
  NAGeneric,
  NAGetNsFd,
  NANewNs,
  NANewNsAt,
  Namespace,
  NPGeneric,
  NPName,
  NPNameAt,
  NPNew,
  NPNewNamed,
  NPNow,
  NPPath,
  NPProcess,
  NPThread,
  NsDo,
  NsFdNone,
  ProviderError,
} from 'neslink';
import { NAGetProcesses } from 'neslink/process';
import { Script } from 'neslink/script';
import { deleteNamed, resolveNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, namespaceOfThreads, openFds, runProgram, uniqueName } from '#testkit';

let fds: Map<number, string>;
const home = readlinkSync('/proc/self/ns/net');

beforeEach(() => {
  resolveNamespace('').close();
  fds = openFds();
});
afterEach(() => {
  expect(leakedFds(fds).filter((fd) => !/pipe|anon_inode|socket/.test(fd) || fd.includes('net:['))).toEqual([]);
  expect(new Set(namespaceOfThreads().values())).toEqual(new Set([home]));
});

const inode = (name: string): bigint => {
  using handle = resolveNamespace(name);
  return handle.ino;
};
/** Which namespace a process started by an action sees. */
const where = NAGeneric('where', async (context) => {
  const [process] = await DoFd(context.namespace, NAExec('readlink', ['/proc/self/ns/net']));
  return (await process.result()).stdout.trim();
});

describe('Do', () => {
  it('does actions in the namespace, in order, and gives what each answered with, typed', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    const order: number[] = [];
    const { err, ok, results } = await NsDo(
      NPName(name),
      NAGeneric('first', () => order.push(1)),
      NAGeneric('second', async ({ run }) => {
        void run;
        order.push(2);
        return 'two';
      }),
      NAGetNsFd(),
      where,
    );
    expect(err).toBeUndefined();
    expect(ok).toBe(true);
    const [first, second, fd, seen] = results;
    const typed: [number, string] = [first, second];
    expect(typed).toEqual([1, 'two']);
    expect(order).toEqual([1, 2]);
    expect(fd.ino).toBe(inode(name));
    expect(seen).toBe(`net:[${fd.ino}]`);
    fd.close();
  });

  it('names the failing action and its position, does not begin the rest, and keeps what the earlier ones gave', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    let begun = false;
    const { err, ok, results } = await NsDo(
      NPName(name),
      NAGeneric('fine', () => 'kept'),
      NAGeneric('breaks', () => {
        throw Object.assign(new Error('on purpose'), { code: 'EXAMPLE' });
      }),
      NAGeneric('never', () => {
        begun = true;
      }),
    );
    expect(ok).toBe(true);
    expect(err).toBeInstanceOf(ActionError);
    expect(err).toMatchObject({ position: 2, action: 'breaks', code: 'EXAMPLE' });
    expect(err?.message).toMatch(new RegExp(`^action 2 \\(breaks\\) failed in namespace "${name}": .*on purpose`));
    expect(results).toEqual(['kept', undefined, undefined]);
    expect(begun).toBe(false);
    await expect(
      Do(
        NPName(name),
        NAGeneric('', () => Promise.reject(new Error('x'))),
      ),
    ).rejects.toThrow('action 1 (unnamed-action)');
  });

  it("tells a provider's failure from an action's, with ok true", async () => {
    const { err, ok } = await NsDo(NPName('no-such-namespace'), NAGetNsFd());
    expect(ok).toBe(true);
    expect(err).toBeInstanceOf(ProviderError);
    expect(err?.message).toContain('provider "NPName" gives no namespace');
    expect(err?.message).toContain('no-such-namespace');
    expect(err).toMatchObject({ code: 'ENOENT', provider: 'NPName' });
    await expect(Do(NPProcess(0x7ffffff0))).rejects.toMatchObject({ provider: 'NPProcess', code: 'ENOENT' });
    await expect(Do(NPName('../x'))).rejects.toBeInstanceOf(ProviderError);
    await expect(Do(NPPath('/etc/passwd'))).rejects.toThrow('/etc/passwd');
    await expect(Do(NPGeneric('mine', () => Promise.reject(new Error('no idea'))))).rejects.toThrow('"mine"');
  });

  it('does nothing at all when no action is given, but a provider that creates still creates', async () => {
    expect(await NsDo(NPNow())).toEqual({ err: undefined, ok: true, results: [] });
    const name = uniqueName('do');
    expect(await Do(NPNewNamed(name))).toEqual([]);
    expect(ip('netns list')).toContain(name);
    const again = await NsDo(NPNewNamed(name));
    expect(again.err).toMatchObject({ code: 'EEXIST', provider: 'NPNewNamed' });
    deleteNamed(name);
  });

  it('runs later actions in the namespace that NANewNs has made, also after its name is deleted', async () => {
    const name = uniqueName('do');
    const [namespace, made, , still] = await Do(NPNow(), NANewNs(name), where, NADeleteNamed(name), where);
    expect(namespace.toString()).toBe(`${DefaultMountPath}/${name}`);
    expect(made).not.toBe(home);
    expect(still).toBe(made);
    expect(existsSync(namespace.path)).toBe(false);
    using _ = makeNamespaces(name);
    await expect(Do(NPNow(), NANewNs(name))).rejects.toMatchObject({ code: 'EEXIST', action: 'NANewNs' });
  });

  it('makes namespaces in a directory of one’s own, and leaves no file behind when that fails', async () => {
    const folder = mkdtempSync(path.join('/run', 'neslink-'));
    const directory = path.join(folder, 'deep', 'er');
    try {
      const [namespace, seen] = await Do(NPNow(), NANewNsAt(directory, 'a'), where);
      expect(namespace.exists()).toBe(true);
      const [same] = await Do(NPNameAt(directory, 'a'), where);
      expect(same).toBe(seen);
      await Do(NPNow(), NADeleteNamedAt(directory, 'a'));
      expect(existsSync(namespace.path)).toBe(false);
      await expect(Do(NPNow(), NANewNsAt(directory, '../b'))).rejects.toBeInstanceOf(ActionError);
      expect(existsSync(path.join(folder, 'deep', 'b'))).toBe(false);
    } finally {
      // Nothing is mounted there any more.
      rmSync(folder, { recursive: true });
    }
  });

  it('gives fd 0 no special meaning', async () => {
    const { code, stdout, stderr } = await runProgram(`
      import { closeSync, openSync } from 'node:fs';
      import { resolveNamespace } from 'netns-core';
      import { Do, NAGetNsFd, NPGeneric } from 'neslink';
      closeSync(0);
      const fd = openSync('/proc/self/ns/net');
      const [handle] = await Do(NPGeneric('fd', () => ({ fd })), NAGetNsFd());
      console.log(fd, handle.equals(resolveNamespace('')));
    `);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trim()).toBe('0 true');
  });
});

describe('providers', () => {
  it('find the same namespace by name, path, process, thread and handle', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    const [sleeper] = await Do(NPName(name), NAExec('sleep', ['100']));
    using handle = resolveNamespace(name);
    const expected = `net:[${inode(name)}]`;
    for (const provider of [
      NPName(name),
      NPPath(`/run/netns/${name}`),
      NPNameAt('/run/netns', name),
      NPProcess(sleeper.pid),
      NPThread(sleeper.pid, sleeper.pid),
      NPGeneric('a name', () => name),
      NPGeneric('a namespace', async () => new Namespace(`/run/netns/${name}`)),
      NPGeneric('a handle', () => handle),
    ]) {
      const [seen] = await Do(provider, where);
      expect(seen, provider.name).toBe(expected);
      const provided = await provider.provide();
      expect(provided.exists(), provider.name).toBe(true);
      provided.close();
    }
    await sleeper[Symbol.asyncDispose]();
  });

  it('make a new namespace without moving the caller', async () => {
    const [one] = await Do(NPNew(), where);
    const [two] = await Do(NPNew(), where);
    expect(one).not.toBe(home);
    expect(two).not.toBe(home);
    using provided = await NPNew().provide();
    expect(provided.exists()).toBe(true);
    const name = uniqueName('do');
    const [named] = await Do(NPNewNamed(name), where);
    expect(named).toBe(`net:[${inode(name)}]`);
    deleteNamed(name);
    const now = await NPNow().provide();
    expect(readlinkSync(now.path)).toBe(home);
  });

  it('say whether a namespace exists, the right way round', () => {
    const name = uniqueName('do');
    expect(Namespace.named(name).exists()).toBe(false);
    {
      using _ = makeNamespaces(name);
      expect(Namespace.named(name).exists()).toBe(true);
    }
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'neslink-')), 'file');
    writeFileSync(file, '');
    expect(new Namespace(file).exists()).toBe(false);
    rmSync(path.dirname(file), { recursive: true });
    expect(NsFdNone.isOpen()).toBe(false);
  });
});

describe('processes in namespaces', () => {
  it('run there, with input, output and exit code', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    const script = new Script('read x; ip -o link show | wc -l; echo "$x"; readlink /proc/self/ns/net; exit 4').withEnv(
      {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      },
    );
    const [process] = await Do(NPName(name), NAExecNescript(script));
    await process.write('hello\n');
    const result = await process.result();
    expect(result).toMatchObject({ exitCode: 4, stdout: expect.stringMatching(/\nhello\n/) });
    expect(result.stdout).toContain(`net:[${inode(name)}]`);
    const [other] = await Do(
      NPName(name),
      NAExecNescript(new Script('console.log(1)'), [globalThis.process.execPath, '-e']),
    );
    expect((await other.result()).stdout).toBe('1\n');
    const [env] = await Do(NPName(name), NAExec('env', [], { env: { ONLY: 'this' }, cwd: '/' }));
    expect((await env.result()).stdout).toBe('ONLY=this\n');
    const failed = await NsDo(NPName(name), NAExec('no-such-program-here'));
    expect(failed.err).toMatchObject({ action: 'NAExec', code: 'ENOENT' });
    fds = openFds();
  });

  it('are listed with their threads, and those of other namespaces are not', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    const [one, two] = await Do(
      NPName(name),
      NAExec('sleep', ['100']),
      NAExec(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)']),
    );
    await new Promise((resolve) => two.stdout.once('data', resolve));
    const [tasks] = await Do(NPName(name), NAGetProcesses());
    const device = tasks[0]?.device;
    expect(tasks.find((task) => task.process === one.pid)).toEqual({
      process: one.pid,
      task: one.pid,
      rootTask: true,
      device,
      inode: inode(name),
    });
    const threads = tasks.filter((task) => task.process === two.pid);
    expect(threads.length).toBeGreaterThan(4);
    expect(threads.filter(({ rootTask }) => rootTask)).toHaveLength(1);
    expect(new Set(tasks.map((task) => task.process))).toEqual(new Set([one.pid, two.pid]));
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    const [none] = await Do(NPName(name), NAGetProcesses());
    expect(none).toEqual([]);
    fds = openFds();
  });
});

describe('a thread that cannot return', () => {
  const program = (call: string) => `
    import { replaceSyscalls, sys } from 'netns-core/sys';
    import { NsDo, MustNsDo, Do, NPNew, NPNow, NAGeneric, NAExec } from 'neslink';
    let calls = 0;
    const real = sys().setns;
    const result = ${call};
    console.log(JSON.stringify({ ok: result.ok, err: result.err?.message, code: result.err?.code }));
    const later = await NsDo(NPNow(), NAGeneric('x', () => 1));
    console.log(JSON.stringify({ ok: later.ok, code: later.err?.code }));
  `;
  const actions = `NPNew(), NAGeneric('strand', (context) => {
      replaceSyscalls(() => ({ setns: (fd, type) => (++calls === 2 ? -1 : real(fd, type)) }));
      context.run(() => 1);
    })`;

  it('is reported by NsDo with ok false, and does nothing more', async () => {
    const { stdout, code } = await runProgram(program(`await NsDo(${actions})`));
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ ok: false, code: 'ERR_NAMESPACE_RESTORE' });
    expect(first?.err).toContain('action 1 (strand)');
    expect(second).toEqual({ ok: false, code: 'ERR_POISONED_THREAD' });
    expect(code).toBe(0);
  });

  it('ends the process under MustNsDo', async () => {
    const { stdout, signal, stderr } = await runProgram(program(`await MustNsDo(${actions})`));
    expect(signal).toBe('SIGABRT');
    expect(stderr).toContain('cannot return');
    expect(stdout).toBe('');
  });

  it('does not concern them as long as all goes well', async () => {
    const name = uniqueName('do');
    using _ = makeNamespaces(name);
    expect((await MustNsDo(NPName(name), where)).results[0]).toBe(`net:[${inode(name)}]`);
    expect(await MustDo(NPName(name), where)).toEqual([`net:[${inode(name)}]`]);
  });
});
