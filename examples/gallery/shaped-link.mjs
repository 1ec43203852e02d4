// A link whose rate is shared among flows: backups get 1 Mbit/s of it, everything else the rest, and its counters tell
// what was sent in which class. The server and the client are a lab, which takes everything away at the end.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/shaped-link.mjs   (after `npx -y pnpm@10 build`)
import net from 'node:net';
import { LAAddClass, LAAddFilter, LAAddQdisc, LinkDo, LPName, NPName } from 'neslink';
import { buildLab } from 'neslink/lab';
import { u32Match } from 'netlink-links';
import { listenInVrf } from 'vrf-dial';

const SERVER = '192.0.2.1';
const FLOWS = [
  { name: 'backup', port: 873, classid: '1:10', bytes: 200_000 },
  { name: 'web', port: 80, classid: '1:20', bytes: 400_000 },
];
const TCP = 6;

/** Shares the rate of the server's link, 10 Mbit/s: what is not a backup belongs to the default class, 1:20. */
async function shape({ namespace }) {
  const { err } = await LinkDo(
    NPName(namespace),
    LPName('eth0'),
    LAAddQdisc({ kind: 'htb', handle: '1:', defaultClass: 0x20 }),
    LAAddClass({ kind: 'htb', classid: '1:1', rate: 10_000_000 }),
    LAAddClass({ kind: 'htb', classid: '1:10', parent: '1:1', rate: 1_000_000 }),
    LAAddClass({ kind: 'htb', classid: '1:20', parent: '1:1', rate: 9_000_000, ceil: 10_000_000 }),
    LAAddFilter({
      kind: 'u32',
      parent: '1:',
      protocol: 'ip',
      priority: 1,
      keys: u32Match({ protocol: TCP, sourcePort: 873 }),
      classid: '1:10',
    }),
  );
  if (err) throw err;
}

/** Serves as many bytes as a flow has. */
const serve = ({ namespace }, { port, bytes }) =>
  listenInVrf(
    net.createServer((socket) => socket.on('error', () => {}).end(Buffer.alloc(bytes))),
    { namespace, host: SERVER, port },
  );

/** Downloads a flow; resolves to its seconds. */
async function download(client, { port, bytes }) {
  const started = performance.now();
  const socket = await client.dial({ host: SERVER, port, timeout: 5000 });
  let received = 0;
  for await (const chunk of socket) received += chunk.length;
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes arrived`);
  return (performance.now() - started) / 1000;
}

const lab = await buildLab({
  nodes: { server: { kind: 'host' }, client: { kind: 'host' } },
  links: [{ between: ['server', 'client'], addresses: [`${SERVER}/24`, '192.0.2.2/24'] }],
});
try {
  const [server, client] = [lab.node('server'), lab.node('client')];
  await shape(server);
  const listeners = await Promise.all(FLOWS.map((flow) => serve(server, flow)));
  const seconds = await Promise.all(FLOWS.map((flow) => download(client, flow)));
  for (const listener of listeners) await listener.close();

  console.log('FLOW    CLASS  RATE         SECONDS  BYTES SENT');
  const classes = new Map((await server.netlink.classList('eth0')).map((each) => [each.classid, each]));
  for (const [index, { name, classid }] of FLOWS.entries()) {
    const { ceil, statistics } = classes.get(classid);
    const rate = `${ceil / 1_000_000} Mbit/s`;
    console.log(
      [name.padEnd(6), classid.padEnd(5), rate.padEnd(11), seconds[index].toFixed(2).padEnd(7), statistics.bytes].join(
        '  ',
      ),
    );
  }
} finally {
  await lab.close();
}
