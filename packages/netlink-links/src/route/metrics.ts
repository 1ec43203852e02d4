import { checkBoolean, checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkArray, checkProperties, checkQuantity, checkText, mustBe, propertiesOf } from '../message/checks.js';
import type { MessageWriter } from '../message/message-writer.js';
import type { Mutable } from '../message/mutable.js';
import { NamedNumbers } from '../message/named-numbers.js';
import { checkUnknown, keepUnknown, type UnknownAttribute, writeUnknown } from '../message/unknown-attribute.js';
import {
  RTA_METRICS,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_CWND,
  RTAX_FASTOPEN_NO_COOKIE,
  RTAX_FEATURE_ECN,
  RTAX_FEATURE_TCP_USEC_TS,
  RTAX_FEATURES,
  RTAX_HOPLIMIT,
  RTAX_INITCWND,
  RTAX_INITRWND,
  RTAX_LOCK,
  RTAX_MTU,
  RTAX_QUICKACK,
  RTAX_REORDERING,
  RTAX_RTO_MIN,
  RTAX_RTT,
  RTAX_RTTVAR,
  RTAX_SSTHRESH,
  RTAX_WINDOW,
} from '../uapi/route.js';

/** What connections over a route start from; ip-route(8). */
export interface RouteMetrics {
  /** Bytes. */
  readonly mtu?: number | undefined;
  /** Bytes. */
  readonly window?: number | undefined;
  /** Milliseconds, in steps of 1/8. */
  readonly rtt?: number | undefined;
  /** Milliseconds, in steps of 1/4. */
  readonly rttvar?: number | undefined;
  readonly ssthresh?: number | undefined;
  readonly cwnd?: number | undefined;
  /** Bytes. */
  readonly advmss?: number | undefined;
  readonly reordering?: number | undefined;
  readonly hoplimit?: number | undefined;
  readonly initcwnd?: number | undefined;
  readonly initrwnd?: number | undefined;
  /** Explicit congestion notification. */
  readonly ecn?: boolean | undefined;
  /** Timestamps of TCP in microseconds; Linux 6.7 and later. */
  readonly tcpUsecTs?: boolean | undefined;
  /** Milliseconds. */
  readonly rtoMin?: number | undefined;
  readonly quickack?: boolean | undefined;
  readonly fastopenNoCookie?: boolean | undefined;
  /** Name of a congestion control algorithm. */
  readonly congestion?: string | undefined;
  /** Metrics that the kernel must not adjust: `['mtu']`. */
  readonly lock?: readonly RouteMetricName[] | undefined;
  /** Metrics that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** A metric that is a number, or that can be locked. */
export type RouteMetricName =
  | 'mtu'
  | 'window'
  | 'rtt'
  | 'rttvar'
  | 'ssthresh'
  | 'cwnd'
  | 'advmss'
  | 'reordering'
  | 'hoplimit'
  | 'initcwnd'
  | 'ecn'
  | 'rtoMin'
  | 'initrwnd'
  | 'quickack'
  | 'congestion'
  | 'fastopenNoCookie';

const names = new NamedNumbers<RouteMetricName>('metrics', {
  mtu: RTAX_MTU,
  window: RTAX_WINDOW,
  rtt: RTAX_RTT,
  rttvar: RTAX_RTTVAR,
  ssthresh: RTAX_SSTHRESH,
  cwnd: RTAX_CWND,
  advmss: RTAX_ADVMSS,
  reordering: RTAX_REORDERING,
  hoplimit: RTAX_HOPLIMIT,
  initcwnd: RTAX_INITCWND,
  ecn: RTAX_FEATURES,
  rtoMin: RTAX_RTO_MIN,
  initrwnd: RTAX_INITRWND,
  quickack: RTAX_QUICKACK,
  congestion: RTAX_CC_ALGO,
  fastopenNoCookie: RTAX_FASTOPEN_NO_COOKIE,
});

/** The kernel counts these two in fractions of a millisecond. */
const RTT_UNITS = 8;
const RTTVAR_UNITS = 4;

/** Reads the attributes inside `RTA_METRICS`. */
export function readRouteMetrics(attributes: AttributeReader): RouteMetrics {
  const metrics: Mutable<RouteMetrics> = {};
  while (attributes.next())
    switch (attributes.type) {
      case RTAX_LOCK: {
        const mask = attributes.u32();
        const locked: RouteMetricName[] = [];
        for (let number = RTAX_MTU; number <= RTAX_FASTOPEN_NO_COOKIE; number += 1) {
          const name = names.name(number);
          if ((mask & (1 << number)) !== 0 && typeof name === 'string') locked.push(name);
        }
        metrics.lock = locked;
        break;
      }
      case RTAX_RTT:
        metrics.rtt = attributes.u32() / RTT_UNITS;
        break;
      case RTAX_RTTVAR:
        metrics.rttvar = attributes.u32() / RTTVAR_UNITS;
        break;
      case RTAX_FEATURES:
        if ((attributes.u32() & RTAX_FEATURE_ECN) !== 0) metrics.ecn = true;
        if ((attributes.u32() & RTAX_FEATURE_TCP_USEC_TS) !== 0) metrics.tcpUsecTs = true;
        break;
      case RTAX_QUICKACK:
        metrics.quickack = attributes.u32() !== 0;
        break;
      case RTAX_FASTOPEN_NO_COOKIE:
        metrics.fastopenNoCookie = attributes.u32() !== 0;
        break;
      case RTAX_CC_ALGO:
        metrics.congestion = attributes.string();
        break;
      default: {
        const name = names.name(attributes.type);
        if (typeof name === 'string') (metrics as Record<string, unknown>)[name] = attributes.u32();
        else keepUnknown(attributes, metrics);
      }
    }
  return metrics;
}

const PLAIN: readonly [
  number,
  'mtu' | 'window' | 'ssthresh' | 'cwnd' | 'advmss' | 'reordering' | 'hoplimit' | 'initcwnd' | 'rtoMin' | 'initrwnd',
][] = [
  [RTAX_MTU, 'mtu'],
  [RTAX_WINDOW, 'window'],
  [RTAX_SSTHRESH, 'ssthresh'],
  [RTAX_CWND, 'cwnd'],
  [RTAX_ADVMSS, 'advmss'],
  [RTAX_REORDERING, 'reordering'],
  [RTAX_HOPLIMIT, 'hoplimit'],
  [RTAX_INITCWND, 'initcwnd'],
  [RTAX_RTO_MIN, 'rtoMin'],
  [RTAX_INITRWND, 'initrwnd'],
];

/** Bytes of the name of a congestion control algorithm with its NUL; `<net/tcp.h>`. */
const TCP_CA_NAME_MAX = 16;
/** Milliseconds that fit into 32 bits of the kernel's fractions. */
const MAX_RTT_MS = 0xffffffff / RTT_UNITS;
const MAX_RTTVAR_MS = 0xffffffff / RTTVAR_UNITS;

const PROPERTIES = propertiesOf<RouteMetrics>(
  {
    mtu: 'set',
    window: 'set',
    rtt: 'set',
    rttvar: 'set',
    ssthresh: 'set',
    cwnd: 'set',
    advmss: 'set',
    reordering: 'set',
    hoplimit: 'set',
    initcwnd: 'set',
    initrwnd: 'set',
    ecn: 'set',
    tcpUsecTs: 'set',
    rtoMin: 'set',
    quickack: 'set',
    fastopenNoCookie: 'set',
    congestion: 'set',
    lock: 'set',
    unknown: 'set',
  },
  { rto_min: 'rtoMin', congctl: 'congestion', fastopen_no_cookie: 'fastopenNoCookie', features: 'ecn' },
);

/**
 * Checks metrics before anything is sent.
 *
 * @throws InvalidOptionError
 */
export function checkRouteMetrics(metrics: RouteMetrics): void {
  checkProperties(metrics, 'metrics', PROPERTIES);
  for (const [, name] of PLAIN) checkInteger(`metrics.${name}`, metrics[name], 0, 0xffffffff);
  checkQuantity('metrics.rtt', metrics.rtt, 0, MAX_RTT_MS, 'ms');
  checkQuantity('metrics.rttvar', metrics.rttvar, 0, MAX_RTTVAR_MS, 'ms');
  for (const name of ['ecn', 'tcpUsecTs', 'quickack', 'fastopenNoCookie'] as const)
    checkBoolean(`metrics.${name}`, metrics[name]);
  const { congestion, lock } = metrics;
  checkText('metrics.congestion', congestion);
  if (congestion !== undefined && (congestion === '' || Buffer.byteLength(congestion) >= TCP_CA_NAME_MAX))
    throw mustBe('metrics.congestion', `a name of 1 to ${TCP_CA_NAME_MAX - 1} bytes`, congestion);
  checkArray('metrics.lock', lock, 'metrics');
  for (const name of lock ?? []) names.number(name, 'metrics.lock');
  checkUnknown(metrics.unknown, 'metrics.unknown');
}

/** Writes `RTA_METRICS`, unless there are none. They have been checked. */
export function writeRouteMetrics(message: MessageWriter, metrics: RouteMetrics): void {
  if (Object.values(metrics).every((value) => value === undefined)) return;
  message.nest(RTA_METRICS, (nested) => {
    let lock = 0;
    for (const name of metrics.lock ?? []) lock |= 1 << names.number(name);
    if (lock !== 0) nested.u32(RTAX_LOCK, lock);
    for (const [type, name] of PLAIN) {
      const value = metrics[name];
      if (value !== undefined) nested.u32(type, value);
    }
    if (metrics.rtt !== undefined) nested.u32(RTAX_RTT, Math.round(metrics.rtt * RTT_UNITS));
    if (metrics.rttvar !== undefined) nested.u32(RTAX_RTTVAR, Math.round(metrics.rttvar * RTTVAR_UNITS));
    const features =
      (metrics.ecn === true ? RTAX_FEATURE_ECN : 0) | (metrics.tcpUsecTs === true ? RTAX_FEATURE_TCP_USEC_TS : 0);
    if (features !== 0) nested.u32(RTAX_FEATURES, features);
    if (metrics.quickack !== undefined) nested.u32(RTAX_QUICKACK, metrics.quickack ? 1 : 0);
    if (metrics.fastopenNoCookie !== undefined) nested.u32(RTAX_FASTOPEN_NO_COOKIE, metrics.fastopenNoCookie ? 1 : 0);
    if (metrics.congestion !== undefined) nested.string(RTAX_CC_ALGO, metrics.congestion);
    writeUnknown(nested, metrics.unknown ?? []);
  });
}
