// 10,000 filters of u32 in one batch, against `tc -batch` with the same filters.
import { spawnSync } from 'node:child_process';
import { Netlink, u32Match } from 'netlink-links';
import { filterAdd } from 'netlink-links/operations';
import { compare } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';
import { base } from './support/populate.mjs';

const FILTERS = sized(10_000, 500);
/** A table with buckets would be faster to search; the kernel keeps at most 4,095 filters in one. */
const PER_PRIORITY = 2000;

const ifindex = base();
const netlink = Netlink.open();
const address = (at) => `192.0.2.${at & 255}`;
const priority = (at) => 1 + Math.floor(at / PER_PRIORITY);
const input = Array.from(
  { length: FILTERS },
  (_, at) =>
    `filter add dev base ingress protocol ip pref ${priority(at)} u32 match ip dst ${address(at)}/32 match ip dport ${at} 0xffff flowid 1:1\n`,
).join('');

function addByTc() {
  const { status, stderr } = spawnSync('tc', ['-batch', '-'], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`tc: ${stderr}`);
}

const operations = () =>
  Array.from({ length: FILTERS }, (_, at) =>
    filterAdd({
      kind: 'u32',
      ifindex,
      parent: 'ingress',
      protocol: 'ip',
      priority: priority(at),
      keys: u32Match({ dst: address(at), destinationPort: at }),
      classid: '1:1',
    }),
  );

/** Milliseconds; the filters are counted and removed outside of the time. */
async function time(add) {
  netlink.sync.qdiscAdd({ kind: 'clsact', ifindex });
  const start = performance.now();
  await add();
  const took = performance.now() - start;
  const { length } = netlink.sync.filterList(ifindex);
  if (length !== FILTERS) throw new Error(`${length} filters are there instead of ${FILTERS}`);
  netlink.sync.qdiscDel({ kind: 'clsact', ifindex });
  return took;
}

await compare({
  id: 'batch',
  title: `${FILTERS.toLocaleString('en')} filters of u32`,
  unit: 'ms',
  base: 'tc',
  rounds: 7,
  contestants: {
    tc: { name: '`tc -batch`', run: () => time(addByTc) },
    sync: {
      name: 'netlink-links, a synchronous batch',
      run: () => time(() => netlink.sync.batch(operations())),
      aim: { ratio: { atMost: 1.1 } },
    },
    promise: {
      name: 'netlink-links, a batch by promise',
      run: () => time(() => netlink.batch(operations())),
      aim: { ratio: { atMost: 1.1 } },
    },
  },
});
netlink.close();
