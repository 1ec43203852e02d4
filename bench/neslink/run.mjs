// Makes a thousand namespaces, each with a bridge, a veth pair and two addresses: with neslink, in Go (vishvananda's
// netlink and netns from Debian, locked threads) and with a shell script of iproute2. Each tool builds everything in
// a namespace of its own processes; the figure is the time to build, without the start of the program for Go and Node.
//
//   node tools/sandbox/sandbox.mjs -- node bench/neslink/run.mjs [namespaces] [rounds]     (after `pnpm run build`)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, tell } from '../table.mjs';

const count = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 3);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'bench-neslink-'));
const run = (program, args, options = {}) =>
  execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });

/** Looks at some of the namespaces with `ip`: a fast tool that does not do its job measures nothing. */
function verify(prefix) {
  const names = readdirSync('/run/netns').filter((name) => name.startsWith(prefix));
  if (names.length !== count) throw new Error(`${names.length} namespaces instead of ${count}`);
  for (const name of [names[0], names[count >> 1], names[count - 1]]) {
    const links = JSON.parse(run('ip', ['-n', name, '-j', '-d', 'addr']));
    const found = links
      .filter(({ ifname }) => ifname !== 'lo')
      .map(({ ifname, flags, master, addr_info: addresses }) => {
        const ipv4 = addresses.find(({ family }) => family === 'inet');
        return [ifname, flags.includes('UP'), master ?? '', ipv4?.local ?? ''].join(' ');
      })
      .sort();
    const expected = ['br0 true  192.0.2.1', 'v0 true br0 ', 'v1 true  192.0.2.2'];
    if (found.join() !== expected.join()) throw new Error(`${name}: ${found.join(', ')}`);
  }
}

const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/**
 * Removes what a tool has built, and waits until the kernel is done with it: it takes namespaces down in the
 * background, for seconds, and gives out no new one and changes no link meanwhile. So a new one at once, several
 * times in a row, means that it is done.
 */
function remove(prefix) {
  const names = readdirSync('/run/netns').filter((name) => name.startsWith(prefix));
  execFileSync('ip', ['-batch', '-'], { input: names.map((name) => `netns delete ${name}\n`).join('') });
  let quick = 0;
  for (let wait = 0; wait < 300 && quick < 5; wait += 1) {
    pause(200);
    const started = performance.now();
    execFileSync('ip', ['netns', 'add', 'probe']);
    quick = performance.now() - started < 100 ? quick + 1 : 0;
    execFileSync('ip', ['netns', 'delete', 'probe']);
  }
}

try {
  const go = path.join(folder, 'namespaces');
  run('go', ['build', '-o', go, here('namespaces.go')], {
    env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: path.join(folder, 'cache') },
  });
  const tools = {
    neslink: (prefix) => Number(run(process.execPath, [here('namespaces.mjs'), count, prefix])),
    'Go, a locked thread for each namespace, as NESlink has it': (prefix) => Number(run(go, [count, prefix, count])),
    'Go, a locked thread for each processor': (prefix) => Number(run(go, [count, prefix, availableParallelism()])),
    'shell script of ip': (prefix) => {
      const started = performance.now();
      run('sh', [here('namespaces.sh'), count, prefix]);
      return (performance.now() - started) / 1000;
    },
  };
  const times = Object.fromEntries(Object.keys(tools).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [index, [name, build]] of Object.entries(tools).entries()) {
      tell(`round ${round + 1} of ${rounds}, ${name}`);
      const prefix = `b${index}r${round}n`;
      times[name].push(build(prefix));
      verify(prefix);
      remove(prefix);
    }
  const own = median(times.neslink);
  console.log(
    `${count} namespaces, each with a bridge, a veth pair and two addresses; median of ${rounds}, Node ${process.version}\n`,
  );
  console.log('| with | seconds | of neslink |');
  console.log('| --- | ---: | ---: |');
  for (const [name, values] of Object.entries(times)) {
    const middle = median(values);
    console.log(`| ${name} | ${middle.toFixed(2)} | ${(middle / own).toFixed(2)} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
