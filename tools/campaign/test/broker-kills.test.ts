import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SANDBOX = fileURLToPath(new URL('../../sandbox/sandbox.mjs', import.meta.url));
const KILLS = fileURLToPath(new URL('../broker-kills.mjs', import.meta.url));

it('brokers and clients that are killed at any moment leave nothing, nor does a flood of connections', {
  timeout: 180_000,
}, async () => {
  const args = [SANDBOX, '--', process.execPath, KILLS, '8', '1000', '--seed', '3'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NETNS_SANDBOX: '' },
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(output).toMatch(/brokers killed .* [1-9]\d* sockets checked; [1-9]\d* served beside 1000 connections/);
  expect(output).not.toContain('failed');
  expect(code).toBe(0);
});
