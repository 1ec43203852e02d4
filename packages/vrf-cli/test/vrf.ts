import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { retryUntil } from '#testkit';

/** The program as it was built. */
export const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

// Vitest asks for colours; the program reads this when it is loaded.
delete process.env.FORCE_COLOR;
delete process.env.NO_COLOR;
const { main } = await import('../src/main.ts');
// Commands load theirs when they run. Here all is loaded before the first test, whose time is limited.
const actions = new URL('../src/actions/', import.meta.url);
await Promise.all(readdirSync(actions).map((file) => import(fileURLToPath(new URL(file, actions)))));

/** This process's environment without what changes the output of programs; Node itself warns of some of it. */
export function plainEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', ...more };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts `vrf`, or another program; it is ended with its scope. */
export function start(args: readonly string[], command: readonly string[] = [process.execPath, CLI]): Running {
  const [file = '', ...first] = command;
  const child = spawn(file, [...first, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: plainEnvironment(),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // It may end before it has read its input.
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, stdout, stderr }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `vrf` to its end. */
export async function vrf(args: readonly string[], input = ''): Promise<Ended> {
  await using running = start(args);
  running.child.stdin?.end(input);
  return await running.ended;
}

/**
 * Runs a command line of `vrf` in this process, from its sources: a start of the program takes a third of a second, and
 * many tests are about what comes afterwards. One at a time, and not for what reads standard input.
 */
export async function vrfHere(args: readonly string[]): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const output = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const errors = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    await main(args);
    return { code: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.exitCode = exitCode;
    output.mockRestore();
    errors.mockRestore();
  }
}

/** Starts `vrf listen`, and waits until it listens. */
export async function listening(...args: readonly string[]): Promise<Running> {
  const running = start(['listen', ...args]);
  await retryUntil(() => running.stderr().includes('listening on'), 15_000);
  return running;
}
