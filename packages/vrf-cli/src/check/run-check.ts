import { createVrfLookup, createVrfResolver, dial, ping } from 'vrf-dial/node';
import { messageOf, type OptionWords } from '../output/errors.js';
import { milliseconds } from '../output/timing.js';
import { timedRequest } from '../request/timed-request.js';
import { warmUp } from '../request/warm-up.js';
import type { Target } from '../target.js';
import type { Check, Probe } from './check-file.js';

/** The states of monitoring plugins; their places in this list are the exit codes. */
export const STATES = ['ok', 'warning', 'critical', 'unknown'] as const;
export type State = (typeof STATES)[number];

/** What came of a check in one VRF. */
export interface Outcome {
  readonly state: State;
  readonly message: string;
  /** Milliseconds, where something was measured. */
  readonly time: number | undefined;
}

/** A check file has keys of its own for the options of the packages. */
const IN_THE_FILE: OptionWords = { 'dns.servers': 'dns.server' };

type Measured = { readonly time: number; readonly message: string; readonly state?: State };
type ProbeOf<K extends Probe['kind']> = Extract<Probe, { kind: K }>;

/** Does a check in one place. What goes wrong is its outcome; it never rejects. */
export async function runCheck(check: Check, target: Target): Promise<Outcome> {
  const { probe, timeout, warning, critical } = check;
  try {
    await warmUp();
    const { time, message, state = 'ok' } = await measure(probe, target, timeout);
    if (state !== 'ok') return { state, message, time };
    if (critical !== undefined && time > critical)
      return { state: 'critical', message: `${message}, slower than ${milliseconds(critical)}`, time };
    if (warning !== undefined && time > warning)
      return { state: 'warning', message: `${message}, slower than ${milliseconds(warning)}`, time };
    return { state, message, time };
  } catch (error) {
    return { state: 'critical', message: messageOf(error, IN_THE_FILE), time: undefined };
  }
}

function measure(probe: Probe, target: Target, timeout: number): Promise<Measured> {
  switch (probe.kind) {
    case 'http':
      return measureHttp(probe, target, timeout);
    case 'tcp':
      return measureTcp(probe, target, timeout);
    case 'dns':
      return measureDns(probe, target, timeout);
    case 'ping':
      return measurePing(probe, target, timeout);
  }
}

async function measureHttp(probe: ProbeOf<'http'>, target: Target, timeout: number): Promise<Measured> {
  const { url, status, contains, headers, insecure } = probe;
  const tls = { rejectUnauthorized: !insecure };
  const response = await timedRequest(target, { url, method: 'GET', headers, tls, timeout, family: 0 });
  const time = response.timing.total;
  const message = `status ${response.status} in ${milliseconds(time)}`;
  const expected = status === undefined ? response.status < 400 : status.includes(response.status);
  if (!expected)
    return { time, message: `${message}, expected ${status?.join(' or ') ?? 'less than 400'}`, state: 'critical' };
  if (contains !== undefined && !response.body.includes(contains))
    return { time, message: `${message}, but the body does not contain the expected text`, state: 'critical' };
  return { time, message };
}

async function measureTcp({ host, port }: ProbeOf<'tcp'>, target: Target, timeout: number): Promise<Measured> {
  const start = performance.now();
  const socket = await dial({ ...target, host, port, timeout });
  const time = performance.now() - start;
  socket.destroy();
  return { time, message: `connected in ${milliseconds(time)}` };
}

async function measureDns(probe: ProbeOf<'dns'>, target: Target, timeout: number): Promise<Measured> {
  const { expect, server } = probe;
  const dns = { cache: false, timeout, attempts: 1, ...(server !== undefined && { servers: [server] }) };
  const start = performance.now();
  const found = await within(timeout, askFor(probe, { ...target, dns }));
  const time = performance.now() - start;
  const message = `${found.join(', ')} in ${milliseconds(time)}`;
  const missing = expect?.filter((address) => !found.includes(address)) ?? [];
  if (missing.length === 0) return { time, message };
  return { time, message: `${message}, expected ${missing.join(', ')}`, state: 'critical' };
}

/** Without a type as programs resolve names; with one as the name servers say. */
function askFor({ name, type }: ProbeOf<'dns'>, target: Parameters<typeof createVrfResolver>[0]): Promise<string[]> {
  if (type !== undefined) return createVrfResolver(target).resolve(name, type);
  return new Promise((resolve, reject) => {
    createVrfLookup(target)(name, { all: true }, (error, found) =>
      error === null ? resolve(found.map(({ address }) => address)) : reject(error),
    );
  });
}

function within<T>(timeout: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds(timeout)}`)), timeout);
  });
  return Promise.race([work, expired]).finally(() => clearTimeout(timer));
}

const PING_INTERVAL_MS = 200;

async function measurePing(probe: ProbeOf<'ping'>, target: Target, timeout: number): Promise<Measured> {
  const { host, count, maxLoss } = probe;
  const result = await ping({ ...target, host, count, interval: PING_INTERVAL_MS, timeout });
  const loss = ((result.sent - result.received) / result.sent) * 100;
  const { avg: time } = result;
  if (time === undefined) {
    const [first] = result.replies;
    throw first?.error ?? new Error('no reply');
  }
  const message = `${result.received} of ${result.sent} replies, ${milliseconds(time)} on average`;
  return loss > maxLoss ? { time, message, state: 'critical' } : { time, message };
}
