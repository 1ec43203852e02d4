// Building networks: 1,000 veth pairs with addresses, up, against `ip -batch`; 1,000 namespaces each with a bridge, a
// veth pair and addresses, against a shell loop of `ip`.
//
//   node tools/sandbox/sandbox.mjs -- node bench/netlink/build.mjs [pairs] [namespaces]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Netlink } from 'netlink-links';
import { addrAdd, linkAdd, linkSetUp } from 'netlink-links/operations';
import { addNamed, deleteNamed } from 'netns-core';
import { median, medianRatio, printTable, takeTurns } from '../table.mjs';

const asked = process.argv.slice(2);
const chosen = (what) => asked.length === 0 || asked.includes(what);
const folder = mkdtempSync(path.join(tmpdir(), 'bench-netlink-'));
const rows = [];

function shell(program, ...args) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Runs in a namespace of its own each time: what was made before must not slow down what follows. */
async function fresh(run) {
  addNamed('fresh').close();
  try {
    return await run();
  } finally {
    deleteNamed('fresh');
  }
}

const PAIRS = 1000;
const address = (i) => `2001:db8::${i.toString(16)}/128`;

if (chosen('pairs')) {
  const file = path.join(folder, 'pairs');
  const lines = [];
  const byName = [];
  const byIndex = [];
  for (let i = 0; i < PAIRS; i += 1) {
    lines.push(
      `link add v${i} up type veth peer name p${i}`,
      `addr add ${address(i)} dev v${i} nodad`,
      `link set p${i} up`,
    );
    byName.push(
      linkAdd({ type: 'veth', name: `v${i}`, up: true, peer: { name: `p${i}` } }),
      addrAdd(`v${i}`, { address: address(i), flags: ['nodad'] }),
      linkSetUp(`p${i}`),
    );
    const index = 10 + 2 * i;
    byIndex.push(
      linkAdd({ type: 'veth', name: `v${i}`, index, up: true, peer: { name: `p${i}`, index: index + 1 } }),
      addrAdd(index, { address: address(i), flags: ['nodad'] }),
      linkSetUp(index + 1),
    );
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
  const within = (operations) => () =>
    fresh(async () => {
      const netlink = Netlink.open('fresh');
      const ms = await timed(() => netlink.batch(operations));
      netlink.close();
      return ms;
    });
  const figures = await takeTurns(5, {
    ip: () => fresh(() => timed(() => shell('ip', '-n', 'fresh', '-batch', file))),
    byName: within(byName),
    byIndex: within(byIndex),
  });
  const row = (what, name, target) =>
    rows.push({
      what,
      figure: `${median(figures[name]).toFixed(0)} ms`,
      ratio: medianRatio(figures[name], figures.ip),
      target,
    });
  row(`${PAIRS} veth pairs with addresses, up: ip -batch`, 'ip', '');
  row('… netlink-links, a batch, links by name', 'byName', '≤ 1.1');
  row('… netlink-links, a batch, links by index', 'byIndex', '≤ 1.1');
}

if (chosen('namespaces')) {
  const COUNT = 1000;
  const SHELL = 100;
  const remove = (count) => {
    for (let i = 0; i < count; i += 1) deleteNamed(`n${i}`);
  };
  const ours = await timed(async () => {
    const build = async (i) => {
      addNamed(`n${i}`).close();
      const netlink = Netlink.open(`n${i}`);
      await netlink.batch([
        linkAdd({ type: 'bridge', name: 'br0', index: 2, up: true }),
        linkAdd({ type: 'veth', name: 'v0', index: 3, master: 2, up: true, peer: { name: 'v1', index: 4 } }),
        addrAdd(2, '192.0.2.1/24'),
        addrAdd(4, '192.0.2.2/24'),
        linkSetUp(4),
      ]);
      netlink.close();
    };
    await Promise.all(Array.from({ length: COUNT }, (_, i) => build(i)));
  });
  remove(COUNT);
  const script = `for i in $(seq 0 ${SHELL - 1}); do
ip netns add n$i
ip -n n$i link add br0 type bridge
ip -n n$i link set br0 up
ip -n n$i link add v0 type veth peer name v1
ip -n n$i link set v0 master br0 up
ip -n n$i addr add 192.0.2.1/24 dev br0
ip -n n$i addr add 192.0.2.2/24 dev v1
ip -n n$i link set v1 up
done`;
  const theirs = (await timed(() => shell('sh', '-ec', script))) * (COUNT / SHELL);
  remove(SHELL);
  rows.push(
    {
      what: `${COUNT} namespaces, each a bridge, a veth pair, addresses: netlink-links, one process`,
      figure: `${(ours / 1000).toFixed(2)} s`,
      ratio: 1,
    },
    {
      what: `… a shell loop of ip (${SHELL} of them, times ${COUNT / SHELL})`,
      figure: `${(theirs / 1000).toFixed(2)} s`,
      ratio: theirs / ours,
      target: 'far above 1',
    },
  );
}
printTable(rows);
