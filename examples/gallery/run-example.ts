import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program of this folder to its end. */
export function runExample(
  name: string,
  { timeout = 25_000 }: { readonly timeout?: number } = {},
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env, timeout }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}
