// A list by other people's programs: milliseconds, the least of a few calls of one turn.
import { spawnSync } from 'node:child_process';
import { output } from '../../harness/peers.mjs';

/** @param {string} text lines of a count and milliseconds @param {number} expected */
function least(text, expected, who) {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  for (const [count] of lines) if (count < expected) throw new Error(`${who} saw ${count} of ${expected}`);
  return Math.min(...lines.map(([, ms]) => ms));
}

/** vishvananda/netlink in its own process, once it is warm. @param {string} binary of dump.go */
export const listByGo = (binary, what, expected) => least(output(binary, what, 5), expected, 'Go');

/** A whole program, its start included, as a shell would see it. */
export function listByProgram(command, ...args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return performance.now() - start;
}

/** pyroute2, measured inside so that its start does not count. @param {string} call of an IPRoute named ip */
export function listByPyroute2(call, expected) {
  const source = `
import time
from pyroute2 import IPRoute
ip = IPRoute()
start = time.perf_counter()
found = list(${call})
print(len(found), (time.perf_counter() - start) * 1000)
`;
  return least(output('/usr/bin/python3', '-c', source), expected, 'pyroute2');
}
