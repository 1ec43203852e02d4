import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the example that picks the VRF by the origin reaches each network through its own VRF, and no other', () => {
  const program = fileURLToPath(new URL('vrf-per-origin.mjs', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 25_000 });
  expect(stdout, stderr).toBe(
    [
      'http://192.0.2.1:8080/ hello from office',
      'http://198.51.100.1:8080/ hello from lab',
      'http://203.0.113.1/ no VRF for 203.0.113.1',
      '',
    ].join('\n'),
  );
  expect(status).toBe(0);
});
