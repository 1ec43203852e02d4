import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject } from 'netns-core/checks';
import { checkHost } from '../address/destination.js';
import { checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, checkedElsewhere, integer, milliseconds, oneOf } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { type ResolvedTarget, resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';

/** Options of `ping`. */
export interface PingOptions extends VrfTarget, SocketOptions {
  /** An address, `fe80::1%eth0` too, or a name, which is resolved in the VRF. */
  host: string;
  /**
   * How many requests are sent.
   *
   * @default 1
   */
  count?: number | undefined;
  /**
   * Milliseconds from one request to the next; with 0 the next one is sent when the last one has been answered.
   *
   * @default 1000
   */
  interval?: number | undefined;
  /**
   * Milliseconds to wait for the reply to one request.
   *
   * @default 1000
   */
  timeout?: number | undefined;
  /**
   * Bytes of data in a request, beside the 8 bytes of its ICMP header.
   *
   * @default 56
   */
  size?: number | undefined;
  /**
   * TTL or hop limit of the requests.
   *
   * @default the system's, 64
   */
  ttl?: number | undefined;
  /**
   * 4 or 6 for addresses of one kind.
   *
   * @default 0, whichever comes first
   */
  family?: 0 | 4 | 6 | undefined;
  /** Ends everything at any stage; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/** Options that have been checked. */
export interface PingSettings {
  readonly target: ResolvedTarget;
  readonly host: string;
  readonly count: number;
  readonly interval: number;
  readonly timeout: number;
  readonly size: number;
  readonly ttl: number | undefined;
  readonly family: 0 | 4 | 6;
  readonly signal: AbortSignal | undefined;
}

/** The largest data of an ICMP message in one IPv4 packet. */
const MAX_SIZE = 65_507;

/** What `ping` takes beside a target. */
const PING_OPTIONS = {
  host: { check: checkedElsewhere, synonyms: ['address', 'hostname', 'ip', 'destination', 'to', 'addr', 'dst'] },
  count: { check: checkCount, synonyms: ['n', 'packets', 'requests', 'times', 'repeat'] },
  interval: { check: milliseconds, synonyms: ['intervalms', 'delay', 'every', 'wait'] },
  timeout: { check: positiveMilliseconds, synonyms: ['timeoutms', 'deadline', 'waittime', 'replytimeout'] },
  size: { check: integer(0, MAX_SIZE), synonyms: ['bytes', 'packetsize', 'length', 'datasize', 'payloadsize', 'len'] },
  ttl: { check: integer(1, 255), synonyms: ['hoplimit', 'hops', 'timetolive'] },
  family: { check: oneOf(0, 4, 6), synonyms: ['ipfamily', 'ipversion', 'addressfamily'] },
  signal: { check: abortSignal, synonyms: ['abortsignal', 'abort'] },
} as const;
const NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS, PING_OPTIONS]);

/**
 * Checks the options of a ping; opens nothing.
 *
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function checkPingOptions(options: PingOptions): PingSettings {
  checkOptionsObject(options, 'ping');
  refuseUnknownOptions(options, 'ping', NAMES);
  const target = resolveTarget(options, 'ping');
  const checked = checkGroup(options, PING_OPTIONS);
  return {
    target,
    host: checkHost('host', options.host),
    count: checked.count ?? 1,
    interval: checked.interval ?? 1000,
    timeout: checked.timeout ?? 1000,
    size: checked.size ?? 56,
    ttl: checked.ttl,
    family: checked.family ?? 0,
    signal: checked.signal,
  };
}

function checkCount(option: string, value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? value : integer(1, Number.MAX_SAFE_INTEGER)(option, value);
}

function positiveMilliseconds(option: string, value: unknown): number {
  const checked = milliseconds(option, value);
  if (checked === 0) throw new InvalidOptionError(option, `${option} must be more than 0 milliseconds, got 0`);
  return checked;
}
