import type { Socket as UdpSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import { createUdpSocket, createVrfLookup, dial, dialTls } from 'vrf-dial/node';
import { hostOf, portOf } from '../arguments.js';
import type { DialFlags } from '../commands/dial.js';
import { checkFamily, familyOf } from '../commands/family.js';
import { tlsSettings } from '../commands/tls.js';
import { Failure, usage } from '../failure.js';
import { codeOf, messageOf } from '../output/errors.js';
import { printNote, safe } from '../output/print.js';
import { tlsFailure } from '../request/tls-failure.js';
import { describeTarget, type Target, takeTarget } from '../target.js';
import { exchange } from './exchange.js';

export async function run(
  vrf: string | undefined,
  name: string | undefined,
  port: string | undefined,
  flags: DialFlags,
): Promise<void> {
  const args = [vrf, name, port].filter((text) => text !== undefined);
  const { target, rest } = await takeTarget(flags, args, ['host', 'port']);
  const [hostText = '', portText = ''] = rest;
  const host = hostOf(hostText);
  checkFamily(host, flags);
  const to = { host, port: portOf(portText, 1) };
  if (flags.udp) {
    if (flags.tls || flags.scan) throw usage('--udp goes neither with --tls nor with --scan');
    await exchangeDatagrams(target, to, flags);
    return;
  }
  const socket = await connect(target, to, flags);
  if (flags.verbose)
    printNote(
      `connected to ${safe(host)} (${socket.remoteAddress}) port ${socket.remotePort} from ${describeTarget(target)}`,
    );
  if (flags.scan) {
    socket.destroy();
    return;
  }
  await exchange(socket);
}

function connect(target: Target, to: { host: string; port: number }, flags: DialFlags): Promise<Socket> {
  const options = { ...target, ...to, timeout: flags.timeout, family: familyOf(flags) };
  if (!flags.tls) {
    if (flags.insecure || flags.cacert !== undefined || flags.servername !== undefined)
      throw usage('--insecure, --cacert and --servername need --tls');
    return dial(options);
  }
  const secured = dialTls({
    ...options,
    ...tlsSettings(flags),
    ...(flags.servername !== undefined && { servername: flags.servername }),
  });
  return secured.catch((error) => {
    throw tlsFailure(error, to.host, to.port);
  });
}

/** Sends each chunk of standard input as a datagram, and prints what the other side sends. */
async function exchangeDatagrams(
  target: Target,
  { host, port }: { host: string; port: number },
  flags: DialFlags,
): Promise<void> {
  const address = await new Promise<string>((resolve, reject) => {
    createVrfLookup(target)(host, { family: familyOf(flags) }, (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  const socket = await createUdpSocket({ ...target, type: isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4' });
  try {
    await connectDatagrams(socket, port, address);
    let failure: unknown;
    const failed = new Promise<void>((resolve) => {
      socket.on('error', (error) => {
        failure = error;
        resolve();
      });
    });
    socket.on('message', (message) => process.stdout.write(message));
    for await (const chunk of process.stdin) {
      if (failure !== undefined) break;
      await new Promise<void>((resolve) => {
        socket.send(chunk as Buffer, (error) => {
          failure ??= error ?? undefined;
          resolve();
        });
      });
    }
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, flags.wait))]);
    if (codeOf(failure) === 'ECONNREFUSED')
      throw new Failure(
        `${safe(host)} port ${port} from ${describeTarget(target)}: the datagram was refused, nothing receives there (ECONNREFUSED)`,
        1,
        { cause: failure },
      );
    if (failure !== undefined)
      throw new Failure(
        `${safe(host)} port ${port} from ${describeTarget(target)}: the datagram was not sent (${codeOf(failure) ?? messageOf(failure)})`,
        1,
        { cause: failure },
      );
  } finally {
    socket.close();
  }
}

function connectDatagrams(socket: UdpSocket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
