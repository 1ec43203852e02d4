import { checkQuantity } from '../../message/checks.js';
import { bool32, type Field, i32, named, u32 } from '../../message/fields.js';
import {
  TCA_CAKE_ACK_FILTER,
  TCA_CAKE_ATM,
  TCA_CAKE_AUTORATE,
  TCA_CAKE_BASE_RATE64,
  TCA_CAKE_DIFFSERV_MODE,
  TCA_CAKE_FLOW_MODE,
  TCA_CAKE_FWMARK,
  TCA_CAKE_INGRESS,
  TCA_CAKE_MEMORY,
  TCA_CAKE_MPU,
  TCA_CAKE_NAT,
  TCA_CAKE_OVERHEAD,
  TCA_CAKE_RAW,
  TCA_CAKE_RTT,
  TCA_CAKE_SPLIT_GSO,
  TCA_CAKE_TARGET,
  TCA_CAKE_WASH,
} from '../../uapi/pkt-sched.js';
import { readCakeStatistics } from './cake-statistics.js';
import { qdiscOfFields } from './kind.js';
import { microseconds } from './time-fields.js';

/** Shapes, and shares fairly among hosts and flows, for the link of a home; tc-cake(8). */
export interface CakeAttributes {
  /** Bits per second; Infinity, as if left out, does not shape. */
  readonly bandwidth?: number;
  /** The bandwidth is estimated from what arrives. */
  readonly autorateIngress?: boolean;
  /** How packets are put into tins by their DS field; `'diffserv3'` if left out. */
  readonly diffserv?: 'diffserv3' | 'diffserv4' | 'diffserv8' | 'besteffort' | 'precedence' | number;
  /** Among what is shared; `'triple-isolate'` if left out. */
  readonly flowMode?:
    | 'flowblind'
    | 'srchost'
    | 'dsthost'
    | 'hosts'
    | 'flows'
    | 'dual-srchost'
    | 'dual-dsthost'
    | 'triple-isolate'
    | number;
  /** Hosts are those behind the address translation. */
  readonly nat?: boolean;
  /** Take off the DS field. */
  readonly wash?: boolean;
  /** Cut up large packets that the link has put together. */
  readonly splitGso?: boolean;
  /** Drop acknowledgements of TCP that say no more than later ones; `'none'` if left out. */
  readonly ackFilter?: 'none' | 'filter' | 'aggressive' | number;
  /** Shapes what arrives, where dropped packets have used the link already. */
  readonly ingress?: boolean;
  /** The round-trip time that is expected, ms; 100 if left out. */
  readonly rtt?: number;
  /** Delay that is accepted, ms; 5 if left out. `tc` sets a twentieth of `rtt`. */
  readonly target?: number;
  /** Bytes; 0 lets cake choose. */
  readonly memoryLimit?: number;
  /** Bytes that every packet counts more (or less). */
  readonly overhead?: number;
  /** Lengths of packets are taken as the link tells them, without `overhead`. */
  readonly raw?: boolean;
  /** Bytes that the smallest packet counts. */
  readonly minimumPacketUnit?: number;
  /** `'atm'` counts whole cells, of 48 bytes in 53, `'ptm'` 64 bytes as 65; `'none'` if left out. */
  readonly linklayer?: 'none' | 'atm' | 'ptm' | number;
  /** Bits of a packet's mark that name its tin; 0 if left out. */
  readonly fwmark?: number;
}

/** Bits per second here, bytes per second (u64) in the kernel, where 0 is without a limit. */
const bandwidth: Field<number> = {
  attribute: TCA_CAKE_BASE_RATE64,
  read(data) {
    const bytes = Number(data.u64());
    return bytes === 0 ? Number.POSITIVE_INFINITY : bytes * 8;
  },
  check(property, value) {
    if (value !== Number.POSITIVE_INFINITY)
      checkQuantity(property, value, 8, Number.MAX_SAFE_INTEGER, 'bits per second, or Infinity');
  },
  write: (writer, type, value) =>
    void writer.u64(type, value === Number.POSITIVE_INFINITY ? 0n : BigInt(Math.floor(value / 8))),
};

/** 32 bits of nothing, there if it is so. */
const raw: Field<boolean> = {
  ...bool32(TCA_CAKE_RAW),
  read: () => true,
  write(writer, type, value) {
    if (value) writer.u32(type, 0);
  },
};

const MIN_OVERHEAD = -64;
const MAX_OVERHEAD = 256;

export const cake = qdiscOfFields<CakeAttributes>(
  'cake',
  {
    bandwidth,
    diffserv: named(u32(TCA_CAKE_DIFFSERV_MODE), {
      diffserv3: 0,
      diffserv4: 1,
      diffserv8: 2,
      besteffort: 3,
      precedence: 4,
    }),
    linklayer: named(u32(TCA_CAKE_ATM), { none: 0, atm: 1, ptm: 2 }),
    flowMode: named(u32(TCA_CAKE_FLOW_MODE), {
      flowblind: 0,
      srchost: 1,
      dsthost: 2,
      hosts: 3,
      flows: 4,
      'dual-srchost': 5,
      'dual-dsthost': 6,
      'triple-isolate': 7,
    }),
    overhead: i32(TCA_CAKE_OVERHEAD, MIN_OVERHEAD, MAX_OVERHEAD),
    raw,
    minimumPacketUnit: u32(TCA_CAKE_MPU, 0, MAX_OVERHEAD),
    rtt: microseconds(TCA_CAKE_RTT),
    target: microseconds(TCA_CAKE_TARGET),
    autorateIngress: bool32(TCA_CAKE_AUTORATE),
    memoryLimit: u32(TCA_CAKE_MEMORY),
    fwmark: u32(TCA_CAKE_FWMARK),
    nat: bool32(TCA_CAKE_NAT),
    wash: bool32(TCA_CAKE_WASH),
    splitGso: bool32(TCA_CAKE_SPLIT_GSO),
    ingress: bool32(TCA_CAKE_INGRESS),
    ackFilter: named(u32(TCA_CAKE_ACK_FILTER), { none: 0, filter: 1, aggressive: 2 }),
  },
  {
    autorate: 'autorateIngress',
    autorate_ingress: 'autorateIngress',
    split_gso: 'splitGso',
    ack_filter: 'ackFilter',
    memlimit: 'memoryLimit',
    mpu: 'minimumPacketUnit',
    atm: 'linklayer',
  },
  { readStatistics: readCakeStatistics },
);
