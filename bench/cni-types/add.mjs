// What ADD and DEL of a plugin cost: a veth pair on a bridge with an address of host-local, by Debian's `bridge` (Go)
// and by the example plugin in each form. Processor time of the plugin and of what it starts, and of the daemon for the
// resident form, which other work on the machine changes less than elapsed time.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing } from '../harness/peers.mjs';
import { report } from '../harness/report.mjs';
import { sized, takeTurns } from '../harness/turns.mjs';

const EXAMPLE = fileURLToPath(new URL('../../examples/cni-plugin', import.meta.url));
const NAMESPACE = 'bench-add';
const ROUNDS = sized(5, 1);
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

const plugins = {
  go: { name: "Debian's `bridge`, in Go", type: 'bridge', directory: '/usr/lib/cni', missing: missing('cni') },
  modules: { name: 'the example, from `node_modules`', type: 'veth-bridge', directory: EXAMPLE },
  script: { name: 'the example, one script', type: 'veth-bridge', directory: build('script') },
  executable: { name: 'the example, one executable', type: 'veth-bridge', directory: build('executable', '--sea') },
  resident: {
    name: 'the example, resident, behind a shell script with curl',
    type: 'veth-bridge',
    directory: path.join(EXAMPLE, 'resident'),
  },
};

execFileSync('ip', ['netns', 'add', NAMESPACE]);
try {
  const there = Object.entries(plugins).filter(([, plugin]) => plugin.missing === undefined);
  const deletions = Object.fromEntries(there.map(([key]) => [key, []]));
  const contestants = there.map(([key, { type, directory }]) => [
    key,
    () => {
      const value = calls('ADD', type, directory);
      deletions[key].push({ value: calls('DEL', type, directory) });
      return { value };
    },
  ]);
  const additions = await takeTurns(ROUNDS, Object.fromEntries(contestants), 'ADD and DEL');
  for (const [command, figures] of Object.entries({ ADD: additions, DEL: deletions }))
    report({
      id: command.toLowerCase(),
      title: `Processor time of ${command} with host-local`,
      unit: 'ms',
      base: 'go',
      contestants: Object.fromEntries(
        Object.entries(plugins).map(([key, { name, missing: lacks }]) => [
          key,
          { name, missing: lacks, figures: figures[key] },
        ]),
      ),
    });
} finally {
  daemon.kill();
  execFileSync('ip', ['netns', 'del', NAMESPACE]);
  rmSync(folder, { recursive: true });
}
