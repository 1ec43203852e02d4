import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { listenInVrf, type VrfListener } from 'vrf-dial/node';
import { portOf } from '../arguments.js';
import type { ListenFlags } from '../commands/listen.js';
import { usage } from '../failure.js';
import { messageOf } from '../output/errors.js';
import { printNote, safe } from '../output/print.js';
import { endWithReader } from '../output/reader.js';
import { describeTarget, takeTarget } from '../target.js';
import { exchange, receive } from './exchange.js';

export async function run(vrf: string | undefined, text: string | undefined, flags: ListenFlags): Promise<void> {
  const args = [vrf, text].filter((given) => given !== undefined);
  const { target, rest } = await takeTarget(flags, args, ['port']);
  const [portText = ''] = rest;
  const { host, echo = false, http, keep = false } = flags;
  if (Number(echo) + Number(http !== undefined) + Number(keep) > 1)
    throw usage('give one of --echo, --http and --keep');
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);

  endWithReader();
  const server = http !== undefined ? respond(http) : echo ? sendBack() : print(keep, end);
  const listener = await listenInVrf(server, {
    ...target,
    port: portOf(portText, 0),
    signal: stop.signal,
    ...(host !== undefined && { host }),
  });
  const place = `${describeTarget(target)}${host === undefined ? '' : ` and its address ${safe(host)}`}`;
  await untilClosed(listener, server, place, () => {
    const address = listener.address();
    if (address !== null)
      printNote(`listening on ${address.address} port ${address.port} in ${describeTarget(target)}`);
  });
  process.stdin.destroy();
}

function untilClosed(listener: VrfListener, server: Server, place: string, onListening: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = false;
    const tell = (): void => {
      if (!told) onListening();
      told = true;
    };
    listener.on('listening', tell);
    listener.on('down', () => {
      told = false;
      printNote(`no longer listening: waiting for ${place}`);
    });
    listener.on('error', reject);
    server.on('close', resolve);
    if (listener.state === 'listening') tell();
    else if (listener.state === 'waiting') printNote(`waiting for ${place}`);
    else resolve();
  });
}

function respond(text: string): Server {
  return createHttpServer((request, response) => {
    printNote(`${request.socket.remoteAddress} ${request.method} ${safe(request.url ?? '')}`);
    request.resume();
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`${text}\n`);
  });
}

function sendBack(): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    printNote(`connection from ${socket.remoteAddress} port ${socket.remotePort}`);
    socket.on('error', (error) => printNote(`connection lost: ${messageOf(error)}`));
    socket.pipe(socket);
  });
}

/** Takes one connection, or with `keep` one after the other. */
function print(keep: boolean, end: () => void): Server {
  let busy = false;
  return createServer({ allowHalfOpen: true }, (socket) => {
    if (busy) {
      socket.destroy();
      return;
    }
    busy = true;
    if (keep) socket.end();
    void (keep ? receive(socket) : exchange(socket))
      .catch((error) => printNote(`connection lost: ${messageOf(error)}`))
      .finally(() => {
        busy = false;
        socket.destroy();
        if (!keep) end();
      });
  });
}
