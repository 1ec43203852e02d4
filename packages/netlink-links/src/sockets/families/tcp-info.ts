import type { AttributeReader } from '../../message/attribute-reader.js';
import { withJson } from '../../message/json.js';

/** `struct tcp_info` of `<linux/tcp.h>`. Times are milliseconds, rates bytes per second. What an older kernel lacks is 0. */
export interface TcpInfo {
  readonly state: number;
  readonly caState: number;
  readonly retransmits: number;
  readonly probes: number;
  readonly backoff: number;
  readonly options: number;
  readonly sndWscale: number;
  readonly rcvWscale: number;
  readonly deliveryRateAppLimited: boolean;
  readonly rto: number;
  readonly ato: number;
  readonly sndMss: number;
  readonly rcvMss: number;
  readonly unacked: number;
  readonly sacked: number;
  readonly lost: number;
  readonly retrans: number;
  readonly fackets: number;
  readonly lastDataSent: number;
  readonly lastDataRecv: number;
  readonly lastAckRecv: number;
  readonly pmtu: number;
  readonly rcvSsthresh: number;
  readonly rtt: number;
  readonly rttvar: number;
  readonly sndSsthresh: number;
  readonly sndCwnd: number;
  readonly advmss: number;
  readonly reordering: number;
  readonly rcvRtt: number;
  readonly rcvSpace: number;
  readonly totalRetrans: number;
  readonly pacingRate: bigint;
  readonly maxPacingRate: bigint;
  readonly bytesAcked: bigint;
  readonly bytesReceived: bigint;
  readonly segsOut: number;
  readonly segsIn: number;
  readonly notsentBytes: number;
  readonly minRtt: number;
  readonly dataSegsIn: number;
  readonly dataSegsOut: number;
  readonly deliveryRate: bigint;
  readonly busyTime: number;
  readonly rwndLimited: number;
  readonly sndbufLimited: number;
  readonly delivered: number;
  readonly deliveredCe: number;
  readonly bytesSent: bigint;
  readonly bytesRetrans: bigint;
  readonly dsackDups: number;
  readonly reordSeen: number;
  readonly rcvOoopack: number;
  readonly sndWnd: number;
}

/** Reads `struct tcp_info`, which has grown with the kernel. */
export function readTcpInfo(value: AttributeReader): TcpInfo {
  const { length } = value;
  const u8 = (at: number): number => (at + 1 <= length ? value.u8At(at) : 0);
  const u32 = (at: number): number => (at + 4 <= length ? value.u32At(at) : 0);
  const u64 = (at: number): bigint => (at + 8 <= length ? value.u64At(at) : 0n);
  /** Microseconds as milliseconds. */
  const ms = (at: number): number => u32(at) / 1000;
  const ms64 = (at: number): number => Number(u64(at)) / 1000;
  return withJson({
    state: u8(0),
    caState: u8(1),
    retransmits: u8(2),
    probes: u8(3),
    backoff: u8(4),
    options: u8(5),
    sndWscale: u8(6) & 15,
    rcvWscale: u8(6) >> 4,
    deliveryRateAppLimited: (u8(7) & 1) !== 0,
    rto: ms(8),
    ato: ms(12),
    sndMss: u32(16),
    rcvMss: u32(20),
    unacked: u32(24),
    sacked: u32(28),
    lost: u32(32),
    retrans: u32(36),
    fackets: u32(40),
    lastDataSent: u32(44),
    lastDataRecv: u32(52),
    lastAckRecv: u32(56),
    pmtu: u32(60),
    rcvSsthresh: u32(64),
    rtt: ms(68),
    rttvar: ms(72),
    sndSsthresh: u32(76),
    sndCwnd: u32(80),
    advmss: u32(84),
    reordering: u32(88),
    rcvRtt: ms(92),
    rcvSpace: u32(96),
    totalRetrans: u32(100),
    pacingRate: u64(104),
    maxPacingRate: u64(112),
    bytesAcked: u64(120),
    bytesReceived: u64(128),
    segsOut: u32(136),
    segsIn: u32(140),
    notsentBytes: u32(144),
    minRtt: ms(148),
    dataSegsIn: u32(152),
    dataSegsOut: u32(156),
    deliveryRate: u64(160),
    busyTime: ms64(168),
    rwndLimited: ms64(176),
    sndbufLimited: ms64(184),
    delivered: u32(192),
    deliveredCe: u32(196),
    bytesSent: u64(200),
    bytesRetrans: u64(208),
    dsackDups: u32(216),
    reordSeen: u32(220),
    rcvOoopack: u32(224),
    sndWnd: u32(228),
  });
}
