// What ADD and DEL of a plugin cost: a veth pair on a bridge with an address of host-local, by Debian's `bridge` (Go)
// and by the example plugin in each form. Processor time of the plugin and of what it starts, and of the daemon for the
// resident form, which other work on the machine changes less than elapsed time.
//
//   node tools/sandbox/sandbox.mjs -- node bench/cni-types/add.mjs     (after `pnpm run build`)
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, medianRatio, printTable, takeTurns } from '../table.mjs';

const EXAMPLE = fileURLToPath(new URL('../../examples/cni-plugin', import.meta.url));
const NAMESPACE = 'bench-add';
const ROUNDS = 5;
/** /proc counts in units of 10 ms, so a turn is several calls. */
const CALLS = 5;
const MS_PER_TICK = 10;

const folder = mkdtempSync('/run/bench-add-');
const SOCKET = `${folder}/socket`;
const daemon = spawn(process.execPath, [path.join(EXAMPLE, 'resident/daemon.mjs'), SOCKET], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
await once(daemon.stdout, 'data');

function build(name, ...options) {
  const directory = path.join(folder, name);
  execFileSync(process.execPath, [path.join(EXAMPLE, 'package/build.mjs'), ...options, directory], { stdio: 'pipe' });
  return directory;
}

/** The four counts of processor time of a process, in ms: its own, and of children that have ended and of theirs. */
function counts(process) {
  const fields = readFileSync(`/proc/${process}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) * MS_PER_TICK);
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

/** What plugins have taken: processes that this one started, and all of the daemon. */
const processorTime = () => sum(counts('self').slice(2)) + sum(counts(daemon.pid));

function call(command, type, directory, number) {
  const config = {
    cniVersion: '1.0.0',
    name: 'bench',
    type,
    bridge: `b-${type}`,
    isGateway: true,
    ipam: { type: 'host-local', dataDir: `${folder}/ipam`, ranges: [[{ subnet: '198.51.100.0/24' }]] },
  };
  const { status, stdout } = spawnSync(path.join(directory, type), {
    input: JSON.stringify(config),
    encoding: 'utf8',
    env: {
      PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
      CNI_COMMAND: command,
      CNI_CONTAINERID: `c${number}`,
      CNI_NETNS: `/run/netns/${NAMESPACE}`,
      CNI_IFNAME: `eth${number}`,
      CNI_PATH: `${directory}:/usr/lib/cni`,
      VETH_BRIDGE_SOCKET: SOCKET,
    },
  });
  if (status !== 0) throw new Error(`${type} ${command}: ${stdout}`);
}

function calls(command, type, directory) {
  const before = processorTime();
  for (let number = 0; number < CALLS; number += 1) call(command, type, directory, number);
  return (processorTime() - before) / CALLS;
}

const GO = "Debian's bridge (Go)";
const plugins = {
  [GO]: ['bridge', '/usr/lib/cni'],
  'from node_modules': ['veth-bridge', EXAMPLE],
  'one script': ['veth-bridge', build('script')],
  'one executable': ['veth-bridge', build('executable', '--sea')],
  'resident, behind a shell script with curl': ['veth-bridge', path.join(EXAMPLE, 'resident')],
};

execFileSync('ip', ['netns', 'add', NAMESPACE]);
try {
  const deletions = Object.fromEntries(Object.keys(plugins).map((name) => [name, []]));
  const contestants = Object.entries(plugins).map(([name, [type, directory]]) => [
    name,
    () => {
      const spent = calls('ADD', type, directory);
      deletions[name].push(calls('DEL', type, directory));
      return spent;
    },
  ]);
  const additions = await takeTurns(ROUNDS, Object.fromEntries(contestants));
  printTable(
    [
      ['ADD', additions],
      ['DEL', deletions],
    ].flatMap(([command, figures]) =>
      Object.keys(plugins).map((name) => ({
        what: `${command}, ${name}`,
        figure: `${median(figures[name]).toFixed(0)} ms`,
        ratio: medianRatio(figures[name], figures[GO]),
      })),
    ),
  );
} finally {
  daemon.kill();
  execFileSync('ip', ['netns', 'del', NAMESPACE]);
  rmSync(folder, { recursive: true });
}
