import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { retryUntil } from '#testkit';

const SANDBOX = fileURLToPath(new URL('../sandbox.mjs', import.meta.url));

// These tests run in a sandbox themselves. Without its mark the next one is made anew, inside the first.
const outside = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { NETNS_SANDBOX: _, ...env } = process.env;
  return { ...env, ...extra };
};
const inSandbox = (script: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [SANDBOX, '--', 'sh', '-c', script], { encoding: 'utf8', env: outside(env) });

describe('the sandbox', () => {
  const folders: string[] = [];
  const temporary = (): string => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-test-'));
    folders.push(folder);
    return folder;
  };
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('gives the command network and mount namespaces of its own', () => {
    const { stdout, status } = inSandbox('readlink /proc/self/ns/net /proc/self/ns/mnt');
    const [net, mnt] = stdout.trim().split('\n');
    expect(status).toBe(0);
    expect(net).toMatch(/^net:\[\d+\]$/);
    expect(net).not.toBe(readlinkSync('/proc/self/ns/net'));
    expect(mnt).not.toBe(readlinkSync('/proc/self/ns/mnt'));
  });

  it('has lo, which is up, and no other interface that could send', () => {
    const { stdout } = inSandbox('ip -o link show up');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stdout).toMatch(/^1: lo: <[^>]*UP[,>]/);
  });

  // What mount(8) notes down of its own mounts, in /run/mount, is its business.
  it('has an empty /run and an /etc that can be written to, and neither outlives it', () => {
    const name = `sandbox-test-${process.pid}`;
    const { stdout, status } = inSandbox(
      `ls /run --ignore=mount; mkdir -p /etc/netns/x && touch /etc/${name} /run/${name} && ls /etc/${name}`,
    );
    expect(status).toBe(0);
    expect(stdout).toBe(`netns\n/etc/${name}\n`);
    expect(existsSync(`/etc/${name}`)).toBe(false);
    expect(existsSync(`/run/${name}`)).toBe(false);
  });

  it('has an empty /etc/netns, whatever the machine has there', () => {
    const folder = `/etc/netns/outside-${process.pid}`;
    mkdirSync(folder, { recursive: true });
    folders.push(folder);
    const { stdout, stderr } = inSandbox('ls /etc/netns; mkdir -p /etc/netns/x && ls /etc/netns');
    expect(stdout, stderr).toBe('x\n');
    expect(readdirSync('/etc/netns')).toEqual([path.basename(folder)]);
  });

  it('lets namespaces be named inside, which are invisible outside', () => {
    const name = `sb${process.pid}`;
    const { stdout, status, stderr } = inSandbox(`ip netns add ${name} && ip netns list`);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trim()).toBe(name);
    expect(existsSync(`/run/netns/${name}`)).toBe(false);
  });

  it('ends with the exit code of the command', () => {
    expect(inSandbox('exit 37').status).toBe(37);
    expect(inSandbox('no-such-program-anywhere').status).toBe(127);
  });

  it('ends by the signal that ended the command', () => {
    const { status, signal } = inSandbox('kill -KILL $$');
    expect(status).toBeNull();
    expect(signal).toBe('SIGKILL');
  });

  it('passes signals in', async () => {
    const child = spawn(
      process.execPath,
      [
        SANDBOX,
        '--',
        process.execPath,
        '-e',
        'process.on("SIGTERM", () => process.exit(23)); console.log("ready"); setInterval(() => {}, 1000)',
      ],
      { env: outside(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(23);
  });

  it('ends what the command leaves running', async () => {
    const file = path.join(temporary(), 'pid');
    // Processes are the machine's: another run's must not be taken for ours.
    const seconds = `300.${process.pid}`;
    const { status } = inSandbox(`sleep ${seconds} & echo $! > ${file}; setsid sleep ${seconds} & exit 0`);
    expect(status).toBe(0);
    const running = () => spawnSync('pgrep', ['-f', `^sleep ${seconds}$`], { encoding: 'utf8' }).stdout.trim();
    await retryUntil(() => running() === '');
  });

  it('is entered once: what runs inside needs no second one', () => {
    const { stdout } = spawnSync(process.execPath, [SANDBOX, '--', 'readlink', '/proc/self/ns/net'], {
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe(readlinkSync('/proc/self/ns/net'));
  });

  it('says what forbids it, and what to do', () => {
    // An `unshare` that refuses, as the kernel does where user namespaces are disabled.
    const folder = temporary();
    const program = path.join(folder, 'unshare');
    writeFileSync(program, '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n');
    chmodSync(program, 0o755);
    const { status, stderr } = inSandbox('true', { PATH: `${folder}:${process.env.PATH}` });
    expect(status).toBe(125);
    expect(stderr).toContain('allows neither network namespaces');
    expect(stderr).toContain('Operation not permitted');
    expect(stderr).toContain('run this as root');
  });

  it('names util-linux where unshare is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [SANDBOX, '--', 'true'], {
      encoding: 'utf8',
      env: outside({ PATH: temporary() }),
    });
    expect(status).toBe(125);
    expect(stderr).toContain('util-linux');
  });

  it('refuses to run without a command', () => {
    expect(spawnSync(process.execPath, [SANDBOX, '--'], { encoding: 'utf8' }).stderr).toContain('usage:');
  });
});
