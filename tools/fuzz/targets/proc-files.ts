import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getFromDocker, NetnsError } from 'netns-core';
import { parseOutput } from '../../../packages/neslink/src/script/output.ts';
import { type Target, Violation } from '../target.ts';

// getFromDocker reads /proc/self/cgroup, /proc/mounts, and the groups' lists of processes. An input is the three of
// them, one after the other, separated by NUL.

const ID = 'abcdef0123456789'.repeat(4);
const encoder = new TextEncoder();
let root = '';

export const procFiles: Target = {
  name: 'proc-files',
  dictionary: [
    'cgroup2 ',
    'cgroup ',
    '\\040',
    '\\134',
    '\\999',
    '0::/',
    ':',
    '/',
    '..',
    '\n',
    '\0',
    ID,
    '-1',
    '0',
    '1',
    '999999999',
    'rw 0 0',
  ],
  seeds: () =>
    [
      `0::/user.slice\n\0cgroup2 ROOT cgroup2 rw 0 0\n\0${process.pid}\n`,
      '12:devices:/docker/x\n0::/\n\0cgroup ROOT/a\\040b cgroup rw 0 0\ntmpfs /run tmpfs rw 0 0\n\x000\n-1\n999999999\n',
      '\0\0',
    ].map((text) => encoder.encode(text)),
  run(input) {
    if (root === '') {
      root = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
      mkdirSync(path.join(root, 'self'));
      mkdirSync(path.join(root, 'groups/docker', ID), { recursive: true });
    }
    const text = Buffer.from(input).toString('latin1');
    const [own = '', mounts = '', processes = ''] = text.split('\0');
    writeFileSync(path.join(root, 'self/cgroup'), own);
    // Nothing outside of the folder is looked at, whatever the input says.
    writeFileSync(path.join(root, 'mounts'), mounts.replace(/^(\S*) \S*/gm, `$1 ${root}/groups`));
    writeFileSync(path.join(root, 'groups/docker', ID, 'cgroup.procs'), processes);
    const output = parseOutput(text);
    if (Object.getPrototypeOf(output) !== null) throw new Violation('output with a prototype');
    try {
      getFromDocker(ID.slice(0, 12), { procRoot: root }).close();
      return `found${processes.split('\n').length}`;
    } catch (error) {
      if (!(error instanceof NetnsError)) throw error;
      return `${error.code}${mounts.split('\n').length}${Object.keys(output).length}`;
    }
  },
};
