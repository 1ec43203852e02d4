import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ip } from '#testkit';

async function runExample(name: string): Promise<string> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stderr).toBe('');
  return stdout;
}

describe("NESlink's own examples, translated", () => {
  afterEach(() => expect(ip('netns list')).not.toMatch(/^example/m));

  it('NsDo lists the links of a new namespace', async () => {
    expect(await runExample('nsdo.mjs')).toBe('links found: 1\n\t1: lo\n');
  });

  it('LinkDo makes a bridge and gives it a MAC', async () => {
    expect(await runExample('linkdo.mjs')).toMatch(/links found: 2\n\t1: lo: .*\n\t\d+: testbr: 34:34:34:34:34:34\n/);
  });

  it('a script runs in the namespace', async () => {
    const said = await runExample('nescript.mjs');
    expect(said).toMatch(/^Command Output:\n1: lo: /);
    expect(said.match(/^\d+: /gm)).toHaveLength(1);
  });

  it('processes of the namespace are found', async () => {
    expect((await runExample('process.mjs')).match(/rootTask: true/g)).toHaveLength(2);
  });

  it('those of the README', async () => {
    expect((await runExample('readme.mjs')).replaceAll(/\s+/g, ' ')).toMatch(
      /\[ 'lo' \] \[.*'br0 12:23:34:45:56:67 true' \]/,
    );
  });
});
