// Building networks: 1,000 veth pairs with addresses, up, against `ip -batch`; 1,000 namespaces each with a bridge, a
// veth pair and addresses, against a shell loop of `ip`.
import { spawnSync } from 'node:child_process';
import { Netlink } from 'netlink-links';
import { addrAdd, linkAdd, linkSetUp } from 'netlink-links/operations';
import { addNamed, deleteNamed } from 'netns-core';
import { compare } from '../harness/report.mjs';
import { sized, timed } from '../harness/turns.mjs';

const PAIRS = sized(1000, 100);
const NAMESPACES = sized(1000, 50);
/** The shell's loop takes too long for all of them. */
const SHELL = sized(100, 10);

function shell(input, program, ...args) {
  const { status, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
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

const address = (i) => `2001:db8::${i.toString(16)}/128`;
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

const within = (operations) => () =>
  fresh(async () => {
    const netlink = Netlink.open('fresh');
    const ms = await timed(() => netlink.batch(operations));
    netlink.close();
    return ms;
  });

await compare({
  id: 'pairs',
  title: `${PAIRS} veth pairs with addresses, up`,
  unit: 'ms',
  base: 'ip',
  rounds: 5,
  contestants: {
    ip: {
      name: '`ip -batch`',
      run: () => fresh(() => timed(() => shell(`${lines.join('\n')}\n`, 'ip', '-n', 'fresh', '-batch', '-'))),
    },
    byName: { name: 'netlink-links, a batch, links by name', run: within(byName), aim: { ratio: { atMost: 1.1 } } },
    byIndex: { name: 'netlink-links, a batch, links by index', run: within(byIndex), aim: { ratio: { atMost: 1.1 } } },
  },
});

async function build(i) {
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
}

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

/** Milliseconds for each namespace; they are removed outside of the time. */
async function each(count, run) {
  const ms = (await timed(run)) / count;
  for (let i = 0; i < count; i += 1) deleteNamed(`n${i}`);
  return ms;
}

await compare({
  id: 'namespaces',
  title: `A namespace with a bridge, a veth pair and addresses, of ${NAMESPACES}`,
  unit: 'ms',
  base: 'shell',
  rounds: 3,
  warmUp: 0,
  contestants: {
    shell: {
      name: `a shell loop of \`ip\`, ${SHELL} of them`,
      run: () => each(SHELL, () => shell('', 'sh', '-ec', script)),
    },
    own: {
      name: 'netlink-links, one process',
      run: () => each(NAMESPACES, () => Promise.all(Array.from({ length: NAMESPACES }, (_, i) => build(i)))),
      aim: { ratio: { atMost: 0.5 } },
    },
  },
});
