import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ip, ipIn, retryUntil } from '#testkit';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The first program of a README, as printed. */
function firstExample(readme: string): string {
  const text = readFileSync(path.join(ROOT, readme), 'utf8');
  const [, program] = /^```(?:js|ts|javascript|typescript)\n(.*?)^```$/ms.exec(text) ?? [];
  if (program === undefined) throw new Error(`${readme} has no example`);
  return program;
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

  function runExample(readme: string): { child: ChildProcess; said: () => string } {
    // From here the five packages resolve to what was built, as they do for a user.
    const folder = mkdtempSync(path.join(ROOT, 'examples/.run-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'example.mjs');
    writeFileSync(file, firstExample(readme));
    return start(process.execPath, [file]);
  }

  async function endsWell({ child, said }: { child: ChildProcess; said: () => string }): Promise<string> {
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(said()).not.toContain('Error');
    expect(code).toBe(0);
    return said();
  }

  function namespace(name: string, ...addresses: string[]): void {
    ip(`netns add ${name}`);
    cleanups.push(() => ip(`netns del ${name}`));
    ipIn(name, 'link set lo up');
    for (const address of addresses) ipIn(name, `addr add ${address} dev lo`);
  }

  async function httpServer(name: string, address: string, answer: string): Promise<void> {
    const program = `require('node:http').createServer((q, s) => s.end(${JSON.stringify(answer)})).listen(80, '${address}', () => console.log('ready'))`;
    const { said } = start('ip', ['netns', 'exec', name, process.execPath, '-e', program]);
    await retryUntil(() => said().includes('ready'), 10_000);
  }

  it('the project', async () => {
    namespace('ns-management', '192.0.2.1/24');
    await httpServer('ns-management', '192.0.2.1', 'from management');
    const { said } = runExample('README.md');
    await retryUntil(() => said().includes('from management'), 10_000);
    // The server of the example, asked by a stranger who is in the VRF.
    const curl = (): string => {
      try {
        return ip('netns', 'exec', 'ns-management', 'curl', '-s', 'http://192.0.2.1:8080/');
      } catch {
        return '';
      }
    };
    expect(await retryUntil(() => curl() || undefined, 10_000)).toBe('hello\n');
    expect(said()).not.toContain('Error');
  });

  it('vrf-dial', async () => {
    expect(await endsWell(runExample('packages/vrf-dial/README.md'))).toBe('hello from red\nhello from blue\n');
  });

  it('cni-types', async () => {
    namespace('web');
    cleanups.push(() => rmSync('/tmp/cni', { recursive: true, force: true }));
    const said = await endsWell(runExample('packages/cni-types/README.md'));
    expect(said).toContain('192.0.2.7/24');
  });

  it('go-template', async () => {
    const said = await endsWell(runExample('packages/go-template/README.md'));
    expect(said).toContain("ip route add 203.0.113.0/24 via '198.51.100.2'");
  });

  it('neslink', async () => {
    const said = await endsWell(runExample('packages/neslink/README.md'));
    expect(said).toContain("'br0'");
    expect(said).toContain('192.0.2.1/24');
  });
});
