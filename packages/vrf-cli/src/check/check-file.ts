import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { durationOf } from '../arguments.js';
import { EXIT_CODE } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { messageOf } from '../output/errors.js';
import { safe } from '../output/print.js';
import { milliseconds } from '../output/timing.js';

/** What is checked. */
export type Probe =
  | {
      readonly kind: 'http';
      readonly url: URL;
      readonly status: readonly number[] | undefined;
      readonly contains: string | undefined;
      readonly headers: readonly (readonly [string, string])[];
      readonly insecure: boolean;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly type: 'A' | 'AAAA' | undefined;
      readonly expect: readonly string[] | undefined;
      readonly server: string | undefined;
    }
  | { readonly kind: 'ping'; readonly host: string; readonly count: number; readonly maxLoss: number };

/** A check of a file, to be done in each of its VRFs. */
export interface Check {
  readonly name: string;
  readonly probe: Probe;
  /** Patterns of VRF names; `undefined` for every VRF of the host. */
  readonly vrfs: readonly string[] | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds after which it is a warning. */
  readonly warning: number | undefined;
  /** Milliseconds after which it is critical. */
  readonly critical: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_PING_COUNT = 3;
const CHECK_KEYS = ['name', 'vrfs', 'timeout', 'warning', 'critical'];
const PROBE_KEYS = {
  http: ['url', 'status', 'contains', 'headers', 'insecure'],
  tcp: ['host', 'port'],
  dns: ['name', 'type', 'expect', 'server'],
  ping: ['host', 'count', 'maxLoss'],
} as const;
type ProbeKind = keyof typeof PROBE_KEYS;
const KINDS = Object.keys(PROBE_KEYS) as ProbeKind[];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a health check file, YAML or JSON.
 *
 * @throws Failure with exit code 3 that names the place in the file
 */
export function readCheckFile(file: string): Check[] {
  let content: unknown;
  try {
    content = parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw refusal(`cannot read ${safe(file)}: ${messageOf(error)}`);
  }
  const { checks } = fieldsOf(content, 'the file', ['checks']);
  if (!Array.isArray(checks) || checks.length === 0) throw refusal('checks must be a list with at least one check');
  return checks.map((check, index) => readCheck(check, `checks[${index}]`));
}

function readCheck(value: unknown, place: string): Check {
  const fields = fieldsOf(value, place, [...CHECK_KEYS, ...KINDS]);
  const [kind, another] = KINDS.filter((known) => fields[known] !== undefined);
  if (kind === undefined || another !== undefined)
    throw refusal(`${place} must have exactly one of ${KINDS.join(', ')}`);
  const probe = readProbe(kind, fieldsOf(fields[kind], `${place}.${kind}`, PROBE_KEYS[kind]), `${place}.${kind}`);
  const warning = duration(fields.warning, `${place}.warning`);
  const critical = duration(fields.critical, `${place}.critical`);
  if (warning !== undefined && critical !== undefined && warning > critical)
    throw refusal(
      `${place}.warning must not be above ${place}.critical: got ${milliseconds(warning)} and ${milliseconds(critical)}`,
    );
  return {
    name: optionalText(fields.name, `${place}.name`) ?? describeProbe(probe),
    probe,
    vrfs: textList(fields.vrfs, `${place}.vrfs`),
    timeout: duration(fields.timeout, `${place}.timeout`) ?? DEFAULT_TIMEOUT_MS,
    warning,
    critical,
  };
}

function readProbe(kind: ProbeKind, fields: Fields, place: string): Probe {
  const at = (key: string): string => `${place}.${key}`;
  switch (kind) {
    case 'http':
      return {
        kind,
        url: httpUrl(fields.url, at('url')),
        status: fields.status === undefined ? undefined : statusList(fields.status, at('status')),
        contains: optionalText(fields.contains, at('contains')),
        headers: Object.entries(fields.headers === undefined ? {} : fieldsOf(fields.headers, at('headers'))).map(
          ([name, header]) => [name, text(header, `${at('headers')}.${name}`)],
        ),
        insecure: flag(fields.insecure, at('insecure')),
      };
    case 'tcp':
      return { kind, host: text(fields.host, at('host')), port: integer(fields.port, at('port'), 1, 65_535) };
    case 'dns':
      return {
        kind,
        name: text(fields.name, at('name')),
        type: recordType(fields.type, at('type')),
        expect: textList(fields.expect, at('expect')),
        server: optionalText(fields.server, at('server')),
      };
    case 'ping':
      return {
        kind,
        host: text(fields.host, at('host')),
        count: fields.count === undefined ? DEFAULT_PING_COUNT : integer(fields.count, at('count'), 1, 1000),
        maxLoss: fields.maxLoss === undefined ? 0 : integer(fields.maxLoss, at('maxLoss'), 0, 100),
      };
  }
}

function describeProbe(probe: Probe): string {
  if (probe.kind === 'http') return `http ${probe.url.href}`;
  if (probe.kind === 'tcp') return `tcp ${probe.host}:${probe.port}`;
  return `${probe.kind} ${probe.kind === 'dns' ? probe.name : probe.host}`;
}

function refusal(message: string): Failure {
  return new Failure(message, EXIT_CODE.unknown);
}

function fieldsOf(value: unknown, place: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal(`${place} must be a mapping${known === undefined ? '' : ` with ${known.join(', ')}`}`);
  for (const key of Object.keys(value))
    if (known !== undefined && !known.includes(key))
      throw refusal(`${place} has no key '${safe(key)}': it can have ${known.join(', ')}`);
  return value as Fields;
}

function text(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw refusal(`${place} must be a text`);
  return value;
}

function optionalText(value: unknown, place: string): string | undefined {
  return value === undefined ? undefined : text(value, place);
}

function textList(value: unknown, place: string): string[] | undefined {
  if (value === undefined) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw refusal(`${place} must not be an empty list`);
  return list.map((entry) => text(entry, place));
}

function integer(value: unknown, place: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw refusal(`${place} must be an integer from ${min} to ${max}`);
  return value;
}

function flag(value: unknown, place: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw refusal(`${place} must be true or false`);
  return value ?? false;
}

function duration(value: unknown, place: string): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = typeof value === 'number' || typeof value === 'string' ? durationOf(String(value)) : undefined;
  if (milliseconds === undefined || milliseconds === 0)
    throw refusal(`${place} must be a duration such as 5s, 200ms or 1.5 (seconds)`);
  return milliseconds;
}

function httpUrl(value: unknown, place: string): URL {
  const given = text(value, place);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refusal(`${place} must be an http or https URL`);
  if (url.username !== '' || url.password !== '')
    throw refusal(`${place} must not have a user or a password: give them in headers.authorization`);
  return url;
}

function statusList(value: unknown, place: string): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw refusal(`${place} must not be an empty list`);
  return list.map((entry) => integer(entry, place, 100, 599));
}

function recordType(value: unknown, place: string): 'A' | 'AAAA' | undefined {
  if (value !== undefined && value !== 'A' && value !== 'AAAA') throw refusal(`${place} must be A or AAAA`);
  return value;
}
