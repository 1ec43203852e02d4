import { expect, it } from 'vitest';
import { ip } from '#testkit';
import { runExample } from './run-example.ts';

it('wireguard-tunnel: a request goes through before and after the keys are changed', async () => {
  const { code, stdout, stderr } = await runExample('wireguard-tunnel.mjs', { timeout: 200_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [first, peer, handshake, counters, last, end] = stdout.split('\n');
  expect([first, last, end]).toEqual(['south says: hello, 198.51.100.1', 'south says: hello, 198.51.100.1', '']);
  expect(peer).toBe("north's peer: 192.0.2.2:51820, networks 198.51.100.2/32");
  expect(handshake).toMatch(/^handshake: \d{4}-\d\d-\d\dT/);
  expect(counters).toMatch(/^received [1-9]\d+ bytes, sent [1-9]\d+ bytes$/);
  expect(ip('netns list')).not.toMatch(/ns-(north|south)/);
});
