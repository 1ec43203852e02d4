// 20,000 TCP sockets of a namespace listed, against receiving the same bytes without looking and `ss -H`.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as here from 'netlink-links';
import { Netlink } from 'netlink-links';
import { socketList } from 'netlink-links/operations';
import { compare } from '../harness/report.mjs';
import { messageFrom, sized, timed } from '../harness/turns.mjs';
import { listByProgram } from './support/listings.mjs';
import { receiveOnly } from './support/receive-only.mjs';

const NETLINK_SOCK_DIAG = 4;
const SOCKETS = sized(20_000, 500);
/** A process may hold no more descriptors than `ulimit -n` says. */
const EACH = 10_000;
const FILTER = { family: 'ipv4', protocol: 'tcp' };

const holder = fileURLToPath(new URL('support/hold-sockets.mjs', import.meta.url));
const holders = [];
for (let first = 0; first < SOCKETS; first += EACH) {
  const child = fork(holder, [String(10_000 + first), String(Math.min(EACH, SOCKETS - first))]);
  await messageFrom(child);
  holders.push(child);
}
const found = here.socketList(FILTER).length;
if (found < SOCKETS) throw new Error(`we saw ${found} of ${SOCKETS} sockets`);

const operation = socketList(FILTER);
const { message } = operation.start().next().value;
const netlink = Netlink.open();
await compare({
  id: 'list',
  title: `${SOCKETS.toLocaleString('en')} TCP sockets listed`,
  unit: 'ms',
  base: 'bare',
  rounds: 15,
  warmUp: 2,
  contestants: {
    bare: { name: 'received without looking', run: () => receiveOnly(message, NETLINK_SOCK_DIAG) },
    sync: {
      name: 'netlink-links, synchronous',
      run: () => timed(() => here.socketList(FILTER)),
      aim: { ratio: { atMost: 1.5 } },
    },
    promise: { name: 'netlink-links, promise', run: () => timed(() => netlink.execute(operation)) },
    ss: { name: '`ss -Htna4`, with its start', run: () => listByProgram('ss', '-Htna4') },
  },
});
netlink.close();
for (const child of holders) child.kill();
