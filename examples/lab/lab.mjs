// Two routers, three hosts, static routes and a slow wire in the middle:
//
//   node tools/sandbox/sandbox.mjs -- node examples/lab/lab.mjs      (after `pnpm run build`)
import { Do, NAExec } from 'neslink';
import { buildLab } from './build.mjs';
import { mermaid } from './mermaid.mjs';
import { topology } from './topology.mjs';

console.log(`${mermaid(topology)}\n`);
const lab = await buildLab(topology);
try {
  const ping = async (from, to, ...options) => {
    const [process] = await Do(lab.of(from), NAExec('ping', ['-n', '-q', '-W', '2', ...options, to]));
    const { stdout, stderr } = await process.result();
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
    if (sent === undefined) throw new Error(`ping from ${from} to ${to}: ${stderr || stdout}`);
    return `${received} of ${sent}`;
  };
  const addresses = { h1: '192.0.2.10', h2: '192.0.2.70', h3: '203.0.113.10' };
  for (const from of Object.keys(addresses))
    for (const [to, address] of Object.entries(addresses))
      if (from !== to) console.log(`ping ${from} -> ${to}: ${await ping(from, address, '-c', '2', '-i', '0.2')}`);
  // 50 packets of 1,442 bytes at once are more than the wire in the middle takes.
  const flood = ['-c', '50', '-l', '50', '-s', '1400'];
  console.log(`flood h1 -> h2: ${await ping('h1', addresses.h2, ...flood)}`);
  console.log(`flood h1 -> h3: ${await ping('h1', addresses.h3, ...flood)}`);
} finally {
  await lab.remove();
}
