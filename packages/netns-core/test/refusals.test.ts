import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { getFromName, runInNamespace } from 'netns-core';
import { describeRefusal } from 'netns-core/checks';
import { Errno, NS_GET_NSTYPE, replaceSyscalls } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, retryUntil, run, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
let box: ChildProcess;
beforeAll(async () => {
  made = makeNamespaces(RED);
  box = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' });
  await once(box, 'spawn');
  await retryUntil(() => readdirSync('/proc').includes(String(box.pid)));
});
afterAll(() => {
  box.kill('SIGKILL');
  made.remove();
});

const without = (capability: string): string[] => [
  'setpriv',
  `--bounding-set=-${capability}`,
  `--inh-caps=-${capability}`,
];
async function messages(through: readonly string[], ...calls: string[]): Promise<string[]> {
  const { stdout, stderr } = await runProgram(
    `import * as core from 'netns-core';
     for (const call of [${calls.map((call) => `() => ${call}`).join(', ')}])
       try { call(); console.log('no error'); } catch (error) { console.log(error.code, error.message); }`,
    { through: [...through] },
  );
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('a refusal by the kernel', () => {
  it('names the capability that root lacks and how to grant it, and does not advise to be root', async () => {
    const [entered = ''] = await messages(without('sys_admin'), `core.runInNamespace('${RED}', () => 1)`);
    expect(entered).toMatch(/^EPERM .*lacks CAP_SYS_ADMIN .*AmbientCapabilities=CAP_SYS_ADMIN .*--cap-add SYS_ADMIN/);
    const [opened = ''] = await messages(without('sys_ptrace'), `core.getFromPid(${box.pid})`);
    expect(opened).toMatch(/^EACCES .*lacks CAP_SYS_PTRACE/);
    const [marked = ''] = await messages(
      without('net_admin,-net_raw'),
      "core.openSocket({ family: 'ipv4', type: 'stream', mark: 1 })",
    );
    expect(marked).toMatch(/^EPERM .*lacks CAP_NET_ADMIN or CAP_NET_RAW/);
    for (const message of [entered, opened, marked]) expect(message).not.toMatch(/as root/);
  });

  it('is not explained by a capability that the process has', () => {
    const restore = replaceSyscalls(() => ({ setns: () => -Errno.EPERM }));
    try {
      expect(() => runInNamespace(RED, () => 1)).toThrow(/the process has CAP_SYS_ADMIN/);
      expect(() => runInNamespace(RED, () => 1)).not.toThrow(/lacks/);
    } finally {
      restore();
    }
    expect(describeRefusal(['CAP_NET_ADMIN'])).toMatch(/has CAP_NET_ADMIN/);
  });

  it('of a call that fails for another reason is told as that call', () => {
    const EIO = 5;
    const failing: [string, Parameters<typeof replaceSyscalls>[0]][] = [
      ['fstatfs', () => ({ fstatfs: () => -EIO })],
      [
        'ioctl',
        (real) => ({
          ioctl: (fd, request, argument) => (request === NS_GET_NSTYPE ? -EIO : real.ioctl(fd, request, argument)),
        }),
      ],
    ];
    for (const [syscall, make] of failing) {
      const restore = replaceSyscalls(make);
      try {
        expect(() => getFromName(RED)).toThrow(
          expect.objectContaining({ name: 'NetnsError', syscall, errno: EIO, code: 'EIO' }),
        );
        expect(() => getFromName(RED)).not.toThrow(/not a network namespace:|empty file/);
      } finally {
        restore();
      }
    }
  });

  it('of the real kernel, put in by strace, is told as what it is', async () => {
    for (const [call, errno] of [
      ['fstatfs', 'EIO'],
      ['fstatfs', 'ENOSYS'],
      ['fstatfs', 'EACCES'],
    ] as const) {
      const [said = ''] = await messages(
        ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${errno}`],
        `core.getFromName('${RED}')`,
      );
      expect(said).toMatch(new RegExp(`^${errno} .*${call}: ${errno}`));
      expect(said).not.toMatch(/not a network namespace|empty file/);
    }
  });

  it('of an unmounted name, which an ordinary user may not open, names mount propagation', async () => {
    run('ip', ['netns', 'add', `${RED}u`]);
    run('umount', [`/run/netns/${RED}u`]);
    const [said = ''] = await messages(
      ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
      `core.getFromName('${RED}u')`,
    );
    run('ip', ['netns', 'del', `${RED}u`]);
    expect(said).toMatch(/^ERR_NOT_A_NAMESPACE .*no namespace mounted on it here.*rslave/);
  });
});

describe("Node's permission model", () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';

  it('is named with the flag that is missing', async () => {
    const program = `const core = require('netns-core');
      for (const call of [() => core.getFromName('${RED}'), () => core.listNamed(), () => core.listNamespaces()])
        try { call(); console.log('no error'); } catch (error) { console.log(error.code, error instanceof core.NetnsError, error.message); }`;
    const flags = ['--no-warnings', permission, '--allow-fs-read=/proc/self', `--allow-fs-read=${process.cwd()}/*`];
    const closed = await runProgram(program, { type: 'commonjs', env: { NODE_OPTIONS: flags.join(' ') } });
    expect(closed.stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^ERR_ACCESS_DENIED true .*--allow-addons/),
      expect.stringMatching(/^ERR_ACCESS_DENIED true .*--allow/),
      expect.stringMatching(/^ERR_ACCESS_DENIED true .*--allow/),
    ]);
  });

  it('lets everything pass that hops do, and names the file or the flag where it does not', async () => {
    const program = `const core = require('netns-core'), { referenceIdentity } = require('netns-core/identity');
      const calls = {
        hop: () => core.runInNamespace('${RED}', () => 'ok'),
        identity: () => referenceIdentity('${RED}').id === core.getFromName('${RED}').uniqueId(),
        own: () => referenceIdentity('').id === core.get().uniqueId(),
        missing: () => referenceIdentity('no-such-name'),
        socket: () => core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' }) > 2,
        list: () => core.listNamed(),
        lsns: () => core.listNamespaces(),
        identify: () => core.identify('${RED}'),
        watch: () => core.watchNamed(),
        child: () => core.spawnInNamespace('${RED}', 'true'),
        worker: () => new core.NamespaceWorker('${RED}', '', { eval: true }),
      };
      for (const [name, call] of Object.entries(calls))
        try { console.log(name, call()); } catch (error) { console.log(name, error.code, error.name, error.message); }`;
    const flags = ['--no-warnings', permission, '--allow-addons', `--allow-fs-read=${process.cwd()}/*`];
    const { stdout, stderr } = await runProgram(program, { type: 'commonjs', env: { NODE_OPTIONS: flags.join(' ') } });
    expect(stderr).toBe('');
    const denied = (name: string, what: RegExp): unknown =>
      expect.stringMatching(new RegExp(`^${name} ERR_ACCESS_DENIED NetnsError .*${what.source}`));
    expect(stdout.trim().split('\n')).toEqual([
      'hop ok',
      'identity true',
      'own true',
      'missing undefined',
      'socket true',
      denied('list', /--allow-fs-read=\/run\/netns/),
      denied('lsns', /--allow-fs-read=\/proc/),
      denied('identify', /--allow-fs-read=\/run\/netns/),
      denied('watch', /--allow-fs-read=\/run\/netns/),
      denied('child', /--allow-child-process/),
      denied('worker', /--allow-worker/),
    ]);
  });
});
