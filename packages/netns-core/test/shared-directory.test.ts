import { describe, expect, it } from 'vitest';
import { runProgram } from '#testkit';

const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { addNamed, deleteNamed, listNamed } from 'netns-core';
  import { replaceSyscalls } from 'netns-core/sys';
  const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.split(' ')[4] === '/run/netns').length;
  const before = mounts();
  addNamed('first').close();
  const once = mounts() - before;
  let failed = false;
  const restore = replaceSyscalls((real) => ({
    mount: (...args) => {
      if (failed || args[3] === undefined) return real.mount(...args);
      failed = true;
      return -22;
    },
  }));
  let code;
  try {
    addNamed('second').close();
  } catch (error) {
    code = error.code;
  }
  restore();
  addNamed('third').close();
  console.log(JSON.stringify({ once, again: mounts() - before, code, names: listNamed().map(String).sort() }));
`;

/** Starts a program where /run is made by a shell script. */
const where = (script: string): string[] => ['unshare', '--mount', 'sh', '-ec', `${script}; exec "$@"`, 'sh'];

describe('the directory of named namespaces', () => {
  it.each([
    ['is a plain directory', 'mount -t tmpfs t /run; mkdir -p /run/netns'],
    // /proc/self/mountinfo tells of mounts that lie hidden below others, too.
    [
      'lies above another one, which is hidden',
      'mount -t tmpfs t /run; mkdir -p /run/netns; mount --bind /run/netns /run/netns; mount -t tmpfs t /run; mkdir -p /run/netns',
    ],
  ])('is mounted on itself once, whatever fails, if it %s', async (_, script) => {
    const { stdout, stderr } = await runProgram(PROGRAM, { through: where(script) });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ once: 1, again: 1, code: 'EINVAL', names: ['first', 'third'] });
  });
});
