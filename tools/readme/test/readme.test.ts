import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ip } from '#testkit';
import { codeBlocksOf } from '../code-blocks.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The first program of a README, as printed, or the first that uses a function. */
function firstExample(readme: string, using: string): string {
  const blocks = codeBlocksOf(readme, readFileSync(path.join(ROOT, readme), 'utf8'));
  const program = blocks.find(({ source }) => source.includes(using));
  if (program === undefined) throw new Error(`${readme} has no example of ${using}`);
  return program.source;
}

describe('the first example of a README runs as printed:', () => {
  const running: ChildProcess[] = [];
  const cleanups: (() => void)[] = [];
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const cleanup of cleanups.splice(0).reverse()) cleanup();
  });

  /** Starts a program and gives what it prints, as it comes. */
  function start(command: string, args: readonly string[]): { child: ChildProcess; said: () => string } {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    running.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    return { child, said: () => text };
  }

  function runExample(readme: string, using = ''): { child: ChildProcess; said: () => string } {
    // From here the packages resolve to what was built, as they do for a user.
    const folder = mkdtempSync(path.join(ROOT, 'examples/.run-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'example.mjs');
    writeFileSync(file, firstExample(readme, using));
    return start(process.execPath, [file]);
  }

  async function endsWell({ child, said }: { child: ChildProcess; said: () => string }): Promise<string> {
    const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
    expect(said()).not.toContain('Error');
    expect(code).toBe(0);
    return said();
  }

  it('the project', async () => {
    expect(await endsWell(runExample('README.md'))).toBe('hello from red\n\n');
  });

  it('vrf-dial', async () => {
    expect(await endsWell(runExample('packages/vrf-dial/README.md'))).toBe('hello from red\nhello from blue\n');
  });

  it('cni-types, where it runs plugins', async () => {
    ip('netns add web');
    cleanups.push(() => ip('netns del web'));
    cleanups.push(() => rmSync('/tmp/cni', { recursive: true, force: true }));
    const said = await endsWell(runExample('packages/cni-types/README.md', 'addNetworkList'));
    expect(said).toContain('192.0.2.7/24');
  });

  it('neslink', async () => {
    const said = await endsWell(runExample('packages/neslink/README.md'));
    expect(said).toContain("'br0'");
    expect(said).toContain('192.0.2.1/24');
  });
});
