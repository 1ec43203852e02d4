import { isIP } from 'node:net';
import { createVrfLookup, type PingReply, type PingResult, ping } from 'vrf-dial/node';
import { hostOf } from '../arguments.js';
import { checkFamily, familyOf } from '../commands/family.js';
import type { PingFlags } from '../commands/ping.js';
import { messageOf, reportOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { endWithReader } from '../output/reader.js';
import { rounded } from '../output/timing.js';
import { describeTarget, type Target, takeTarget } from '../target.js';
import { checkTarget } from './check-target.js';

export async function run(vrf: string | undefined, name: string | undefined, flags: PingFlags): Promise<void> {
  const { target, rest } = await takeTarget(
    flags,
    [vrf, name].filter((text) => text !== undefined),
    ['host'],
  );
  const host = hostOf(rest[0] ?? '');
  const { count = Number.POSITIVE_INFINITY, interval, timeout, size, ttl, json = false } = flags;
  const family = familyOf(flags);
  checkFamily(host, flags);
  await checkTarget(target);
  const address = isIP(host) === 0 ? await addressOf(target, host, family) : host;
  endWithReader();
  let titled = json;
  /** With the first result: a ping that cannot start is an error and nothing else. */
  const title = (): void => {
    if (!titled) printLine(`PING ${safe(host)} (${safe(address)}) from ${describeTarget(target)}: ${size} data bytes`);
    titled = true;
  };
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
    if (!json) {
      title();
      printLine(lineOf(next.value));
    }
  const result = await pinging;
  title();
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
  const { replies: given, min, avg, max, ...counts } = result;
  const replies = given.map(({ error, time, ...reply }) => ({
    ...reply,
    ...roundedTimes({ time }),
    ...(error !== undefined && { error: reportOf(error) }),
  }));
  return { ...counts, ...roundedTimes({ min, avg, max }), host, lost: result.sent - result.received, replies };
}

/** Times as JSON has them; those that were not measured are left out. */
function roundedTimes(times: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(times).flatMap(([name, time]) => (time === undefined ? [] : [[name, rounded(time)]])),
  );
}
