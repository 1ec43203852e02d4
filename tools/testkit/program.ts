import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TIME_FACTOR } from './process.ts';

/** A folder from whose files all five packages (their built `dist`) resolve as a user's do. */
const CONSUMER = fileURLToPath(new URL('../../examples/', import.meta.url));

/** How a program ended. */
export interface ProgramResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a Node program given as text, in a process of its own, against the built packages. For what needs a process:
 * its death, its first hop, its CommonJS loader.
 *
 * @param options.type `'module'` (default) or `'commonjs'`
 * @param options.through a command that starts it, `['setpriv', '--bounding-set=-all']`
 */
export async function runProgram(
  source: string,
  options: {
    type?: 'module' | 'commonjs';
    args?: readonly string[];
    timeout?: number;
    env?: NodeJS.ProcessEnv;
    through?: readonly string[];
  } = {},
): Promise<ProgramResult> {
  const folder = mkdtempSync(path.join(CONSUMER, '.run-'));
  const file = path.join(folder, options.type === 'commonjs' ? 'program.cjs' : 'program.mjs');
  writeFileSync(file, source);
  try {
    return await new Promise((resolve, reject) => {
      const command = [...(options.through ?? []), process.execPath, file, ...(options.args ?? [])];
      const child = spawn(command[0] ?? '', command.slice(1), {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', ...options.env },
        timeout: (options.timeout ?? 20_000) * TIME_FACTOR,
        killSignal: 'SIGKILL',
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
