import { protocolNumber } from '../operation/protocol.js';
import type { Request } from '../operation/request.js';

/** How often an interrupted dump is started again before it fails. */
export const MOST_RESTARTS = 20;

/** What one write may hold. The socket's receive buffer must take all answers to it: an object is larger than an acknowledgement. */
const HEAVIEST_WAVE = 128;
const WEIGHT = { ack: 1, one: 8, echo: 3, dump: HEAVIEST_WAVE, call: HEAVIEST_WAVE, control: HEAVIEST_WAVE } as const;
/** An object that the kernel has made is as large as what it was asked for with, and some counters. */
const ECHO_BYTES_PER_WEIGHT = 256;
const LARGEST_WRITE = 32 * 1024;

/**
 * Cuts a series of requests into writes. A dump is a write of its own, for a socket can have but one under way; so
 * are requests that are not netlink messages, and those whose answer may be known already. Where the protocol changes, another socket's write begins.
 */
export function* wavesOf(requests: readonly Request<unknown>[]): Generator<readonly Request<unknown>[]> {
  let from = 0;
  while (from < requests.length) {
    const to = endOfWave(requests, from);
    yield from === 0 && to === requests.length ? requests : requests.slice(from, to);
    from = to;
  }
}

/** Where the write that starts at `from` must end. */
export function endOfWave(requests: readonly Request<unknown>[], from: number): number {
  let weight = 0;
  let size = 0;
  let to = from;
  for (; to < requests.length; to += 1) {
    const request = requests[to];
    if (request === undefined) break;
    if (to > from && protocolNumber(request.protocol) !== protocolNumber(requests[from]?.protocol)) break;
    weight += weightOf(request);
    size += request.message.length + 3;
    if (to > from && (weight > HEAVIEST_WAVE || size > LARGEST_WRITE)) break;
  }
  return to;
}

function weightOf(request: Request<unknown>): number {
  const { answer } = request;
  if (answer === 'one' && request.remember !== undefined) return HEAVIEST_WAVE;
  if (answer === 'echo') return WEIGHT.echo + Math.floor(request.message.length / ECHO_BYTES_PER_WEIGHT);
  return WEIGHT[answer];
}
