import { InvalidOptionError, NetnsError } from 'netns-core';
import { checkInteger, checkKnownOptions, checkMilliseconds, checkOptionsObject, shown } from 'netns-core/checks';
import type { Result } from '../script/index.js';

/** How a node pings. */
export interface LabPingOptions {
  /** @default 1 */
  readonly count?: number | undefined;
  /**
   * Milliseconds between echo requests.
   *
   * @default 1000
   */
  readonly interval?: number | undefined;
  /**
   * Milliseconds to wait for the last reply.
   *
   * @default 1000
   */
  readonly timeout?: number | undefined;
  /**
   * Bytes of payload.
   *
   * @default 56
   */
  readonly size?: number | undefined;
  /** Hops, at most. */
  readonly ttl?: number | undefined;
}

/** How a ping went. */
export interface LabPingResult {
  readonly sent: number;
  readonly received: number;
  /** Times there and back, ms; `undefined` if nothing came back. */
  readonly rtt: { readonly min: number; readonly avg: number; readonly max: number } | undefined;
}

const NAMES = ['count', 'interval', 'timeout', 'size', 'ttl'] as const;
/** An echo request without a reply is no failure of the program. */
const NO_REPLY = 1;

/** The arguments of ping(8) of iputils. @throws InvalidOptionError */
export function pingArguments(host: string, options: LabPingOptions): string[] {
  checkOptionsObject(options, 'ping');
  checkKnownOptions(options, { callee: 'ping', names: NAMES, synonyms: { wait: 'timeout', packets: 'count' } });
  if (typeof host !== 'string' || host === '' || host.startsWith('-'))
    throw new InvalidOptionError('host', `host must be a name or an address, got ${shown(host)}`);
  const { count = 1, interval = 1000, timeout = 1000, size, ttl } = options;
  checkInteger('count', count, 1, 100_000);
  checkMilliseconds('interval', interval);
  checkMilliseconds('timeout', timeout);
  checkInteger('size', size, 0, 65_507);
  checkInteger('ttl', ttl, 1, 255);
  return [
    ...['-n', '-q', '-c', `${count}`, '-i', `${interval / 1000}`, '-W', `${timeout / 1000}`],
    ...(size === undefined ? [] : ['-s', `${size}`]),
    ...(ttl === undefined ? [] : ['-t', `${ttl}`]),
    host,
  ];
}

/** Reads what ping(8) has printed. @throws NetnsError if it could not ping */
export function readPing(node: string, host: string, { stdout, stderr, exitCode }: Result): LabPingResult {
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  if (sent === undefined || exitCode > NO_REPLY || exitCode < 0)
    throw new NetnsError(
      `node ${node} cannot ping ${shown(host)}: ${stderr.trim() || stdout.trim() || `exit code ${exitCode}`}`,
      {
        code: 'ERR_PING',
      },
    );
  const [, min, avg, max] = /= ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(stdout) ?? [];
  return {
    sent: Number(sent),
    received: Number(received),
    rtt: min === undefined ? undefined : { min: Number(min), avg: Number(avg), max: Number(max) },
  };
}
