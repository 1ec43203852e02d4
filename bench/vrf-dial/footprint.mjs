// What agents weigh: 10,000 idle ones on 1,000 namespaces in one process, in kilobytes, descriptors and time to make.
import { readdirSync, readlinkSync } from 'node:fs';
import { Agent } from 'undici';
import { VrfAgent } from 'vrf-dial';
import { ipBatch } from '../harness/ip.mjs';
import { collectGarbage, privateMemory } from '../harness/memory.mjs';
import { report } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';

const NAMESPACES = sized(1000, 50);
const AGENTS = sized(10_000, 500);

ipBatch(Array.from({ length: NAMESPACES }, (_, index) => `netns add ns-f${index}`));

function descriptors() {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) !== '';
    } catch {
      // The one the folder was read with.
      return false;
    }
  }).length;
}

function weigh(make) {
  make(0);
  collectGarbage();
  const before = privateMemory();
  const started = performance.now();
  const all = Array.from({ length: AGENTS }, (_, index) => make(index));
  const ms = performance.now() - started;
  collectGarbage();
  return { all, kilobytes: ((privateMemory() - before) * 1024) / AGENTS, microseconds: (ms * 1000) / AGENTS };
}

const plain = weigh(() => new Agent());
plain.all.length = 0;
const before = descriptors();
const own = weigh((index) => new VrfAgent({ vrf: `f${index % NAMESPACES}` }));
const held = descriptors() - before;

const once = (value) => [{ value }];
const what = `${AGENTS} idle agents on ${NAMESPACES} namespaces`;
report({
  id: 'memory',
  title: `${what}: memory of each`,
  unit: 'kB',
  base: 'plain',
  contestants: {
    plain: { name: "undici's Agent", figures: once(plain.kilobytes) },
    own: { name: 'VrfAgent', figures: once(own.kilobytes), aim: { value: { atMost: 10 } } },
  },
});
report({
  id: 'time',
  title: `${what}: time to make one`,
  unit: 'µs',
  base: 'plain',
  contestants: {
    plain: { name: "undici's Agent", figures: once(plain.microseconds) },
    own: { name: 'VrfAgent', figures: once(own.microseconds), aim: { value: { atMost: 100 } } },
  },
});
report({
  id: 'descriptors',
  title: `${what}: descriptors that they hold`,
  unit: 'descriptors',
  contestants: { own: { name: 'VrfAgent', figures: once(held), aim: { value: { atMost: 2 } } } },
});
await Promise.all(own.all.map((agent) => agent.close()));
