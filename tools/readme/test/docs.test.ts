import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildLab, type Lab } from 'neslink/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, ROOT } from '../code-blocks.mjs';

/** What the examples find: a namespace `ns-management` with a web server, one that greets, and a DNS server. */
const MANAGEMENT = `
require('node:http').createServer((q, s) => s.end('hello from management')).listen(80);
require('node:net').createServer((socket) => socket.end('banner of router\\n').on('error', () => {})).listen(22);
`;

/** Programs of all pages that can be run. */
const programs = codeBlocks().filter(({ kind }) => kind === 'run');
const MARK = '\u0001';
const FAILED = '\u0002';

/**
 * Runs the programs one after the other in one process, so that the packages are loaded once. Each begins when there is
 * nothing left to do of the one before.
 */
const RUNNER = `
const { programs } = JSON.parse(process.argv[2]);
const write = process.stdout.write.bind(process.stdout);
for (const { file, until } of programs) {
  let text = '';
  process.stdout.write = (chunk, ...rest) => {
    text += chunk;
    if (until !== null && text.includes(until)) setImmediate(() => process.emit('SIGTERM'));
    return write(chunk, ...rest);
  };
  write('${MARK}');
  await import(file).catch((error) => write('${FAILED}' + (error?.stack ?? error)));
  await new Promise((resolve) => {
    process.once('beforeExit', resolve);
    // A program that did nothing asynchronous has left no turn of the event loop, and no further 'beforeExit'.
    setImmediate(() => {});
  });
}
`;

describe('the programs of the documentation', () => {
  let lab: Lab | undefined;
  let outputs: readonly string[] = [];
  let ended = '';
  const folder = mkdtempSync(path.join(ROOT, 'examples/.run-'));

  beforeAll(async () => {
    lab = await buildLab(
      {
        nodes: {
          management: {
            kind: 'host',
            addresses: ['192.0.2.1/24'],
            services: { dns: { records: { 'router.example': '192.0.2.1' } } },
            processes: { servers: { command: [process.execPath, '-e', MANAGEMENT], port: 22 } },
          },
        },
      },
      { prefix: 'ns-' },
    );
    const files = programs.map(({ source, language, until }, index) => {
      const file = path.join(folder, `${index}.${language === 'ts' ? 'mts' : 'mjs'}`);
      writeFileSync(file, source);
      return { file, until: until ?? null };
    });
    const runner = path.join(folder, 'run.mjs');
    writeFileSync(runner, RUNNER);
    const child = spawn(process.execPath, [runner, JSON.stringify({ programs: files })], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complained = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    outputs = said.split(MARK).slice(1);
    ended = `${code === 0 ? '' : `it ended with ${code}: `}${complained}`;
  }, 60_000);

  afterAll(async () => {
    await lab?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(programs.map((program, index) => ({ ...program, index })))(
    '$page:$line prints what it says',
    ({ index, printed }) => {
      expect(index, ended).toBeLessThan(outputs.length);
      const [said, failure] = outputs[index]?.split(FAILED) ?? [];
      expect(failure).toBeUndefined();
      if (index === outputs.length - 1) expect(ended).toBe('');
      if (printed !== undefined) expect(said).toBe(printed);
    },
  );
});
