// Makes a thousand namespaces, each with a bridge, a veth pair and two addresses: with neslink, in Go (vishvananda's
// netlink and netns from Debian, locked threads) and with a shell script of iproute2. Each tool builds everything in
// a namespace of its own processes; the figure is the time to build, without the start of the program for Go and Node.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildGo, missing, output } from '../harness/peers.mjs';
import { compare } from '../harness/report.mjs';
import { processorTime, sized } from '../harness/turns.mjs';

const count = sized(1000, 50);
const peer = (name) => new URL(`peers/${name}`, import.meta.url);

/** Looks at some of the namespaces with `ip`: a fast tool that does not do its job measures nothing. */
function verify(prefix) {
  const names = readdirSync('/run/netns').filter((name) => name.startsWith(prefix));
  if (names.length !== count) throw new Error(`${names.length} namespaces instead of ${count}`);
  for (const name of [names[0], names[count >> 1], names[count - 1]]) {
    const links = JSON.parse(output('ip', '-n', name, '-j', '-d', 'addr'));
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

const lacksGo = missing('go');
const go = lacksGo === undefined ? buildGo(peer('namespaces.go')) : '';
let turns = 0;

/** Seconds and processor time that a tool prints, once it has been verified that it did its job. */
function build(tool) {
  return () => {
    turns += 1;
    const prefix = `b${turns}n`;
    const [seconds, processor] = tool(prefix).split(' ').map(Number);
    verify(prefix);
    remove(prefix);
    return { value: seconds, processor: processor * 1000 };
  };
}

/** The shell's script, measured from outside. */
function shell(prefix) {
  const [started, before] = [performance.now(), processorTime()];
  output('sh', fileURLToPath(peer('namespaces.sh')), count, prefix);
  return `${(performance.now() - started) / 1000} ${(processorTime() - before) / 1000}`;
}

await compare({
  id: 'build',
  title: `${count} namespaces, each with a bridge, a veth pair and two addresses`,
  unit: 's',
  base: 'neslink',
  rounds: 5,
  warmUp: 0,
  contestants: {
    neslink: {
      name: 'neslink',
      run: build((prefix) => output(process.execPath, fileURLToPath(peer('namespaces.mjs')), count, prefix)),
    },
    goThreads: {
      name: 'Go, a locked thread for each namespace, as NESlink has it',
      missing: lacksGo,
      run: build((prefix) => output(go, count, prefix, count)),
      aim: { ratio: { atLeast: 1 } },
    },
    goProcessors: {
      name: 'Go, a locked thread for each processor',
      missing: lacksGo,
      run: build((prefix) => output(go, count, prefix, availableParallelism())),
      aim: { ratio: { atLeast: 0.91 } },
    },
    shell: { name: 'shell script of `ip`', run: build(shell) },
  },
});
