// What the package and its agents weigh:
//
//   - `import 'vrf-dial'` over bare Node with undici (aim: at most 40 ms and 15 MB)
//   - 10,000 idle agents on 1,000 namespaces in one process: kilobytes each, one inotify watch, no descriptor
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/footprint.mjs   (after `pnpm run build`)
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACES = 1000;
const AGENTS = 10_000;
const ROUNDS = 11;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
/** What the process holds itself, code pages of the runtime left out. */
const memory = () => {
  globalThis.gc?.();
  const line = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
};

const [, , role] = process.argv;
if (role === 'import') {
  await import('undici');
  const before = { time: performance.now(), memory: memory() };
  await import('vrf-dial');
  const time = performance.now() - before.time;
  console.log(JSON.stringify({ time, memory: memory() - before.memory }));
} else if (role === 'agents') await agents();
else main();

function main() {
  console.log('| what | figure | ratio | target |');
  console.log('| --- | --- | --- | --- |');
  const runs = Array.from({ length: ROUNDS }, () =>
    JSON.parse(execFileSync(process.execPath, ['--expose-gc', SELF, 'import'], { encoding: 'utf8' })),
  );
  // The least: whatever else the machine does only adds to it.
  const time = Math.min(...runs.map((run) => run.time));
  const grown = median(runs.map((run) => run.memory));
  console.log(
    `| import 'vrf-dial' over Node with undici: time | ${time.toFixed(1)} ms | ${(time / 40).toFixed(2)} of the target | ≤ 40 ms |`,
  );
  console.log(
    `| import 'vrf-dial' over Node with undici: memory | ${grown.toFixed(1)} MB | ${(grown / 15).toFixed(2)} of the target | ≤ 15 MB |`,
  );
  for (let index = 0; index < NAMESPACES; index += 1) execFileSync('ip', ['netns', 'add', `ns-f${index}`]);
  spawnSync(process.execPath, ['--expose-gc', SELF, 'agents'], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (let index = 0; index < NAMESPACES; index += 1) execFileSync('ip', ['netns', 'del', `ns-f${index}`]);
}

async function agents() {
  const { Agent } = await import('undici');
  const { VrfAgent } = await import('vrf-dial');
  const fds = () => {
    const kinds = { all: 0, inotify: 0, namespaces: 0 };
    for (const fd of readdirSync('/proc/self/fd')) {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        kinds.all += 1;
        if (target.includes('inotify')) kinds.inotify += 1;
        if (target.startsWith('net:')) kinds.namespaces += 1;
      } catch {
        // The one the folder was read with.
      }
    }
    return kinds;
  };
  const weigh = (make) => {
    make(0);
    const before = memory();
    const started = performance.now();
    const all = Array.from({ length: AGENTS }, (_, index) => make(index));
    const time = performance.now() - started;
    return { all, each: ((memory() - before) * 1024) / AGENTS, time: (time * 1000) / AGENTS };
  };
  const plain = weigh(() => new Agent());
  plain.all.length = 0;
  const fdsBefore = fds();
  const ours = weigh((index) => new VrfAgent({ vrf: `f${index % NAMESPACES}` }));
  const fdsAfter = fds();
  console.log(
    `| ${AGENTS} idle agents on ${NAMESPACES} namespaces: memory each | ${ours.each.toFixed(1)} kB, ${ours.time.toFixed(1)} µs to make | ${(ours.each / plain.each).toFixed(2)} × undici's own Agent | kilobytes |`,
  );
  console.log(
    `| descriptors they hold | ${fdsAfter.all - fdsBefore.all}, ${fdsAfter.namespaces} of them namespaces, ${fdsAfter.inotify} inotify | | 0 |`,
  );
}
