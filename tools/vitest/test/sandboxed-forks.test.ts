import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('a test file', () => {
  it('has network and mount namespaces that the run around it has not', () => {
    for (const kind of ['net', 'mnt'])
      expect(readlinkSync(`/proc/self/ns/${kind}`)).not.toBe(readlinkSync(`/proc/${process.ppid}/ns/${kind}`));
  });

  it('starts with lo, which is up, and no other link', () => {
    expect(execFileSync('ip', ['-o', 'link', 'show', 'up'], { encoding: 'utf8' })).toMatch(/^1: lo: [^\n]*\n$/);
  });

  it('starts without named namespaces, and with an /etc of its own', () => {
    expect(readdirSync('/run/netns')).toEqual([]);
    const file = `/etc/of-this-file-${process.pid}`;
    writeFileSync(file, '');
    try {
      expect(existsSync(`/proc/${process.ppid}/root${file}`)).toBe(false);
    } finally {
      rmSync(file);
    }
  });

  it('runs in a process that has had no other before it', () => {
    expect(readFileSync('/proc/self/cmdline', 'utf8')).toContain('sandboxed-worker.mjs');
  });

  it('leaves no process running, whichever way it was started', () => {
    const SECONDS = `300.${process.pid}`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        path.join(ROOT, 'tools/vitest/test/left-running.config.ts'),
      ],
      { cwd: ROOT, encoding: 'utf8', env: { ...process.env, SECONDS, NO_COLOR: '1' } },
    );
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/Tests +1 passed/);
    expect(spawnSync('pgrep', ['-f', `sleep ${SECONDS}$`], { encoding: 'utf8' }).stdout).toBe('');
  });
});
