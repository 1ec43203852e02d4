import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SANDBOX = fileURLToPath(new URL('../../sandbox/sandbox.mjs', import.meta.url));
const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));

/** Runs a short and small campaign, in a sandbox of its own. */
async function campaign(seconds: number, ...args: string[]): Promise<{ output: string; code: number | null }> {
  const small = [RUN, String(seconds), '--scale', '0.2', '--seed', '12', ...args];
  const child = spawn(process.execPath, [SANDBOX, '--', process.execPath, ...small], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NETNS_SANDBOX: '' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { output, code };
}

describe('a campaign', () => {
  // Side by side: these two are to fail, not to keep to a time.
  it.concurrent.each([
    ['home', 'no connection and no question reached the servers at home'],
    ['packet', 'no packet was captured at home'],
  ])('fails with a client that uses the home namespace: %s', { timeout: 180_000 }, async (kind, caughtBy) => {
    const { output, code } = await campaign(3, '--only', 'none', '--wrong', kind);
    expect(output).toContain(`failed: ${caughtBy}`);
    expect(output).toContain(`--seed 12 --wrong ${kind}`);
    expect(code).toBe(1);
  });

  const remembering = {
    agent: 'wrong on purpose: agent',
    dns: 'wrong on purpose: dns',
    tls: 'no TLS ticket of one namespace was offered to another',
    listener: 'listenInVrf',
    handle: 'no connection came to a namespace that no name meant',
  };
  it('fails with clients that remember what they should not', { timeout: 180_000 }, async () => {
    const wrong = [...Object.keys(remembering), 'descriptor'].flatMap((kind) => ['--wrong', kind]);
    const { output, code } = await campaign(8, '--changes', '200', '--only', 'none', ...wrong);
    for (const caughtBy of Object.values(remembering)) expect(output).toContain(`failed: ${caughtBy}`);
    expect(output).toMatch(/failed: wrong: nothing left behind: .*\d × \/dev\/null/);
    expect(code).toBe(1);
  });

  it('without clients finds nothing and leaves nothing behind', { timeout: 180_000 }, async () => {
    const { output, code } = await campaign(3, '--only', 'none');
    expect(output).toMatch(/^\d+ passed, 0 failed, 0 skipped$/m);
    expect(code).toBe(0);
  });
});
