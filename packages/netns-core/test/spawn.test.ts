import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  getFromName,
  InvalidNameError,
  NamespaceNotFoundError,
  type SpawnInNamespaceOptions,
  spawnInNamespace,
} from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
  mkdirSync(`/etc/netns/${RED}`, { recursive: true });
  writeFileSync(`/etc/netns/${RED}/resolv.conf`, 'nameserver 192.0.2.53\n');
  writeFileSync(`/etc/netns/${RED}/hosts`, '192.0.2.99 of-red\n');
  writeFileSync(`/etc/netns/${RED}/no-such-file-in-etc`, 'x');
});
afterAll(() => {
  made.remove();
  rmSync(`/etc/netns/${RED}`, { recursive: true, force: true });
});

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const spawned = (command: string, args: string[], options?: SpawnInNamespaceOptions): ReturnType<typeof ended> =>
  ended(spawnInNamespace(RED, command, args, options));

describe('spawnInNamespace', () => {
  it('starts a process that lives in the namespace, as `ip netns identify` says', async () => {
    const child = spawnInNamespace(RED, 'sleep', ['60']);
    expect(ip(`netns identify ${child.pid}`).trim().split('\n')).toContain(RED);
    child.kill();
    await once(child, 'exit');
    using red = getFromName(RED);
    expect(await spawned('readlink', ['/proc/self/ns/net'])).toEqual({
      code: 0,
      stdout: `net:[${red.ino}]\n`,
      stderr: '',
    });
  });

  it('passes standard input, environment, exit code and signals through, with netnsEtc as well', async () => {
    for (const netnsEtc of [false, true]) {
      const child = spawnInNamespace(
        RED,
        'sh',
        ['-c', 'read line; echo "$line $MINE $1"; exit 7', 'sh', 'a "quoted" $arg'],
        {
          env: { ...process.env, MINE: 'yes' },
          netnsEtc,
        },
      );
      child.stdin?.end('in\n');
      expect(await ended(child)).toEqual({ code: 7, stdout: 'in yes a "quoted" $arg\n', stderr: '' });

      const sleeping = spawnInNamespace(RED, 'sleep', ['60'], { netnsEtc });
      await retryUntil(() => ip(`netns pids ${RED}`).split('\n').includes(String(sleeping.pid)));
      sleeping.kill('SIGTERM');
      expect((await once(sleeping, 'exit'))[1]).toBe('SIGTERM');
    }
  });

  it('reports a command that is not found as Node does, with netnsEtc by exit code 127', async () => {
    const [error] = (await once(spawnInNamespace(RED, '/no/such/command'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ENOENT');
    expect((await spawned('/no/such/command', [], { netnsEtc: true })).code).toBe(127);
  });

  it('throws before anything is started when there is no such namespace, and leaves nothing open', () => {
    const before = openFds();
    expect(() => spawnInNamespace('no-such-name', 'true')).toThrow(NamespaceNotFoundError);
    expect(leakedFds(before)).toEqual([]);
  });

  it('with netnsEtc shows the process what `ip netns exec` shows it, and no other process', async () => {
    const look =
      'cat /etc/resolv.conf /etc/hosts; ls /sys/class/net; ls -d /etc/no-such-file-in-etc 2>/dev/null; readlink /proc/self/ns/net; awk \'$5 ~ "^/etc/" { print $5 }\' /proc/self/mountinfo | sort -u';
    const ours = await spawned('sh', ['-c', look], { netnsEtc: true });
    expect(ours.stderr).toBe('');
    expect(ours.stdout).toBe(ip('netns', 'exec', RED, 'sh', '-c', look));
    expect(ours.stdout).toContain('nameserver 192.0.2.53\n192.0.2.99 of-red\nlo\n');
    expect((await spawned('cat', ['/etc/hosts'])).stdout).not.toContain('of-red');
  });

  it('takes the name for netnsEtc where the reference has none, and refuses to guess', async () => {
    using handle = getFromName(RED);
    expect((await ended(spawnInNamespace(handle, 'cat', ['/etc/hosts'], { netnsEtc: RED }))).stdout).toBe(
      '192.0.2.99 of-red\n',
    );
    expect(() => spawnInNamespace(handle, 'true', [], { netnsEtc: true })).toThrow(
      /needs the name of a directory in \/etc\/netns/,
    );
    for (const name of ['..', 'a/b', ''])
      expect(() => spawnInNamespace(handle, 'true', [], { netnsEtc: name })).toThrow(InvalidNameError);
    for (const options of [{ shell: true }, { uid: 1 }, { gid: 1 }, { argv0: 'x' }])
      expect(() => spawnInNamespace(RED, 'true', [], { netnsEtc: true, ...options })).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARGUMENT',
          message: expect.stringContaining(Object.keys(options)[0] ?? ''),
        }),
      );
  });

  it('with netnsEtc starts nothing where something cannot be mounted, and says so', async () => {
    const folder = mkdtempSync('/run/programs-');
    // A mount that refuses what the system's own would do.
    writeFileSync(`${folder}/mount`, '#!/bin/sh\necho "mount: not here" >&2\nexit 32\n', { mode: 0o755 });
    const outcome = await spawned('echo', ['started'], {
      netnsEtc: true,
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    expect(outcome).toEqual({ code: 126, stdout: '', stderr: 'mount: not here\n' });
    rmSync(folder, { recursive: true });
  });

  it('does not take a name for an option of mount', async () => {
    const name = `-o${uniqueName('x')}`;
    mkdirSync(`/etc/netns/${name}`);
    writeFileSync(`/etc/netns/${name}/hosts`, 'dashed\n');
    expect((await spawned('cat', ['/etc/hosts'], { netnsEtc: name })).stdout).toBe('dashed\n');
    expect((await spawned('ls', ['/sys/class/net'], { netnsEtc: name })).stdout).toBe('lo\n');
    rmSync(`/etc/netns/${name}`, { recursive: true });
  });
});
