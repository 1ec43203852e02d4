import type { Socket as UdpSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import type { Command } from 'commander';
import { createUdpSocket, createVrfLookup, dial, dialTls } from 'vrf-dial';
import { durationOption, portOf } from '../arguments.js';
import { usage } from '../failure.js';
import { codeOf } from '../output/errors.js';
import { printNote, safe } from '../output/print.js';
import { addTargetOptions, describeTarget, type Target, type TargetFlags, takeTarget } from '../target.js';
import { exchange } from './exchange.js';
import { addFamilyOptions, type FamilyFlags, familyOf } from './family.js';
import { addTlsOptions, type TlsFlags, tlsSettings } from './tls.js';

interface DialFlags extends TargetFlags, FamilyFlags, TlsFlags {
  readonly tls?: boolean;
  readonly servername?: string;
  readonly udp?: boolean;
  readonly scan?: boolean;
  readonly verbose?: boolean;
  readonly timeout: number;
  readonly wait: number;
}

export function addDial(program: Command): void {
  addTlsOptions(addFamilyOptions(addTargetOptions(program.command('dial'))))
    .description('connect to a port and pass standard input and output through, as nc does')
    .argument('[vrf]', 'the VRF')
    .argument('[host]', 'an address or a name')
    .argument('[port]', 'the port')
    .option('--tls', 'speak TLS')
    .option('--servername <name>', 'the name to ask for and to check the certificate against (default: the host)')
    .option('-u, --udp', 'send a datagram for each chunk of standard input')
    .option('-z, --scan', 'only connect')
    .option('-v, --verbose', 'tell of the connection on standard error')
    .addOption(durationOption('--timeout <duration>', 'give up connecting after this time', '30s'))
    .addOption(durationOption('--wait <duration>', 'with -u: wait so long for replies after the input', '1s'))
    .addHelpText(
      'after',
      "\nExample:\n  $ printf 'PING\\r\\n' | vrf dial red 192.0.2.1 6379\n  $ vrf dial red www.example 443 --tls\n",
    )
    .action(run);
}

async function run(
  vrf: string | undefined,
  name: string | undefined,
  port: string | undefined,
  flags: DialFlags,
): Promise<void> {
  const args = [vrf, name, port].filter((text) => text !== undefined);
  const { target, rest } = takeTarget(flags, args, ['host', 'port']);
  const [host = '', portText = ''] = rest;
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
  return dialTls({
    ...options,
    ...tlsSettings(flags),
    ...(flags.servername !== undefined && { servername: flags.servername }),
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
    if (failure !== undefined && codeOf(failure) !== undefined) throw failure;
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
