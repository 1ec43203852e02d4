import { isIP } from 'node:net';
import type { Command } from 'commander';
import { createVrfLookup, type PingReply, type PingResult, ping } from 'vrf-dial';
import { durationOption, parseInteger } from '../arguments.js';
import { messageOf, reportOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { addTargetOptions, describeTarget, type Target, type TargetFlags, takeTarget } from '../target.js';
import { addFamilyOptions, type FamilyFlags, familyOf } from './family.js';

interface PingFlags extends TargetFlags, FamilyFlags {
  readonly count?: number;
  readonly interval: number;
  readonly timeout: number;
  readonly size: number;
  readonly ttl?: number;
  readonly json?: boolean;
}

const DEFAULT_SIZE = 56;

export function addPing(program: Command): void {
  addFamilyOptions(addTargetOptions(program.command('ping')))
    .description('send ICMP echo requests from a VRF, until interrupted or as many as --count says')
    .argument('[vrf]', 'the VRF')
    .argument('[host]', 'an address or a name')
    .option('-c, --count <n>', 'how many requests are sent', parseInteger(1))
    .addOption(durationOption('-i, --interval <duration>', 'from one request to the next', '1s'))
    .addOption(durationOption('-W, --timeout <duration>', 'wait so long for a reply', '1s'))
    .option('-s, --size <bytes>', 'bytes of data in a request', parseInteger(0), DEFAULT_SIZE)
    .option('--ttl <hops>', 'TTL or hop limit of the requests', parseInteger(1))
    .option('--json', 'print the result as JSON at the end')
    .addHelpText(
      'after',
      '\nExample:\n  $ vrf ping red 192.0.2.1 -c 3\n\nExit code: 0 with a reply, 1 without one, 2 for wrong arguments.\n',
    )
    .action(run);
}

async function run(vrf: string | undefined, name: string | undefined, flags: PingFlags): Promise<void> {
  const { target, rest } = takeTarget(
    flags,
    [vrf, name].filter((text) => text !== undefined),
    ['host'],
  );
  const [host = ''] = rest;
  const { count = Number.POSITIVE_INFINITY, interval, timeout, size, ttl, json = false } = flags;
  const family = familyOf(flags);
  const address = isIP(host) === 0 ? await addressOf(target, host, family) : host;
  if (!json) printLine(`PING ${safe(host)} (${safe(address)}) from ${describeTarget(target)}: ${size} data bytes`);
  const pinging = ping({
    ...target,
    host: address,
    count,
    interval,
    timeout,
    size,
    ...(ttl !== undefined && { ttl }),
    family,
  });
  const replies = pinging[Symbol.asyncIterator]();
  const stop = (): void => void replies.return?.();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  for (let next = await replies.next(); !next.done; next = await replies.next())
    if (!json) printLine(lineOf(next.value));
  const result = await pinging;
  if (json) printJson(jsonOf(host, result));
  else printStatistics(host, result);
  process.exitCode = result.received > 0 ? 0 : 1;
}

function addressOf(target: Target, host: string, family: 0 | 4 | 6): Promise<string> {
  return new Promise((resolve, reject) => {
    createVrfLookup(target)(host, { family }, (error, address) => (error === null ? resolve(address) : reject(error)));
  });
}

function lineOf(reply: PingReply): string {
  if (reply.error !== undefined) return `icmp_seq=${reply.sequence}: ${messageOf(reply.error)}`;
  const { size, address, sequence, ttl, time } = reply;
  return `${size} bytes from ${safe(address)}: icmp_seq=${sequence} ttl=${ttl} time=${time.toFixed(3)} ms`;
}

function printStatistics(host: string, result: PingResult): void {
  const { sent, received, min, avg, max } = result;
  const loss = sent === 0 ? 0 : ((sent - received) / sent) * 100;
  printLine();
  printLine(`--- ${safe(host)} ping statistics ---`);
  printLine(`${sent} packets transmitted, ${received} received, ${Number(loss.toFixed(2))}% packet loss`);
  if (min === undefined || avg === undefined || max === undefined) return;
  const figures = [min, avg, max, deviationOf(result.replies, avg)].map((value) => value.toFixed(3));
  printLine(`rtt min/avg/max/mdev = ${figures.join('/')} ms`);
}

/** The standard deviation, which ping(8) calls mdev. */
function deviationOf(replies: readonly PingReply[], mean: number): number {
  const times = replies.flatMap(({ time }) => time ?? []);
  return Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / Math.max(times.length, 1));
}

function jsonOf(host: string, result: PingResult): unknown {
  const replies = result.replies.map(({ error, ...reply }) =>
    error === undefined ? reply : { ...reply, error: reportOf(error) },
  );
  return { ...result, host, lost: result.sent - result.received, replies };
}
