import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unitsOfPages } from '#testkit';

const directory = mkdtempSync(path.join(tmpdir(), 'systemd-units-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The units of the pages, by file name, with programs that are there. */
function units(): Map<string, string> {
  const program = path.join(directory, 'program');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  return new Map(
    [...unitsOfPages()].map(([name, text]) => [name, text.replace(/\/usr\/bin\/(netns-broker|node)/g, program)]),
  );
}

const analyze = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
};
const version = Number(/systemd (\d+)/.exec(analyze('--version').output)?.[1] ?? 0);
/** `security --offline` came with version 250. */
const lacks = version >= 250 ? '' : ' (needs systemd-analyze 250)';

describe.skipIf(lacks !== '')(`the systemd units of the pages${lacks}`, () => {
  const files = [...units()].map(([name, text]) => {
    const file = path.join(directory, name);
    writeFileSync(file, text);
    return file;
  });

  it('are four, and systemd understands each of their lines', () => {
    expect(files.map((file) => path.basename(file))).toEqual([
      'netns-broker.socket',
      'netns-broker.service',
      'web.service',
      'agent.service',
    ]);
    expect(analyze('verify', '--man=no', ...files)).toEqual({ status: 0, output: '' });
  });

  it.each([
    ['netns-broker.service', 60],
    ['web.service', 60],
  ])('%s exposes less than %i of 100', (name, threshold) => {
    const { status, output } = analyze(
      ...['security', '--offline=yes', '--no-pager', `--threshold=${threshold}`],
      path.join(directory, name),
    );
    expect(output).toContain('Overall exposure level');
    expect(status).toBe(0);
  });
});
