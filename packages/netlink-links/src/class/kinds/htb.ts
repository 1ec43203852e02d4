import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { bytesSentIn, timerFrequency, transmissionTicks } from '../../qdisc/rate/psched-ticks.js';
import {
  BEYOND_32_BITS,
  checkLinkLayer,
  readRateSpec,
  type TableRate,
  tableRate,
  writeRateSpec,
  writeRateTable,
} from '../../qdisc/rate/rate-table.js';
import {
  TC_HTB_NUMPRIO,
  TC_HTB_OPT_SIZE,
  TCA_HTB_CEIL64,
  TCA_HTB_CTAB,
  TCA_HTB_OFFLOAD,
  TCA_HTB_PAD,
  TCA_HTB_PARMS,
  TCA_HTB_RATE64,
  TCA_HTB_RTAB,
} from '../../uapi/pkt-sched.js';
import type { ClassKind } from './kind.js';

/** A class of htb: a rate that it has for itself, and what it may borrow; tc-htb(8). */
export interface HtbClassAttributes {
  /** What the class has for itself, bits per second. */
  readonly rate: number;
  /** What it has with what it borrows, bits per second; the rate if left out. */
  readonly ceil?: number;
  /** What may be sent at once at the speed of the link, bytes; `mtu` and a little more at high rates if left out. */
  readonly burst?: number;
  /** The same beyond the rate, up to `ceil`, bytes. */
  readonly cburst?: number;
  /** Classes with lower numbers are offered what is over first; 0 to 7, 0 if left out. */
  readonly priority?: number;
  /** Bytes that are sent before it is another class's turn; made of the rate and the `rateToQuantum` of the qdisc if left out. */
  readonly quantum?: number;
  /** The largest packet, bytes; 1600 if left out. The kernel does not tell it. */
  readonly mtu?: number;
  /** Bytes that the smallest packet counts. */
  readonly mpu?: number;
  /** Bytes that every packet counts more. */
  readonly overhead?: number;
  /** `'atm'` counts whole cells, of 48 bytes in 53; `'ethernet'` if left out. */
  readonly linkLayer?: 'ethernet' | 'atm';
  /** Told: 0 for a class without classes below it. */
  readonly level: number;
  /** Told: what may be sent now at the rate, as a time in ticks of 64 ns; negative for what was sent in advance. */
  readonly tokens: number;
  /** Told: the same at `ceil`. */
  readonly ctokens: number;
  /** Told: packets that were sent by its own rate, or by what it lent to classes below it. */
  readonly lends: number;
  /** Told: packets that were sent by what it borrowed. */
  readonly borrows: number;
  /** Told: packets larger than `mtu`; newer kernels do not count them. */
  readonly giants: number;
}

/** What the kernel only tells: in `struct tc_htb_opt` or in its counters. */
const TOLD = ['level', 'tokens', 'ctokens', 'lends', 'borrows', 'giants'] as const;

const properties = propertiesOf<Omit<HtbClassAttributes, (typeof TOLD)[number]>, HtbClassAttributes>(
  {
    rate: 'set',
    ceil: 'set',
    burst: 'set',
    cburst: 'set',
    priority: 'set',
    quantum: 'set',
    mtu: 'set',
    mpu: 'set',
    overhead: 'set',
    linkLayer: 'set',
    level: 'told',
    tokens: 'told',
    ctokens: 'told',
    lends: 'told',
    borrows: 'told',
    giants: 'told',
  },
  { prio: 'priority', maxburst: 'burst', linklayer: 'linkLayer', minimumpacketunit: 'mpu', buffer: 'burst' },
);

// Offsets in `struct tc_htb_opt`.
const CEIL_OFFSET = 12;
const BUFFER_OFFSET = 24;
const CBUFFER_OFFSET = 28;
const QUANTUM_OFFSET = 32;
const LEVEL_OFFSET = 36;
const PRIO_OFFSET = 40;
// Offsets in `struct tc_htb_xstats`.
const BORROWS_OFFSET = 4;
const GIANTS_OFFSET = 8;
const TOKENS_OFFSET = 12;
const CTOKENS_OFFSET = 16;

const DEFAULT_MTU = 1600;

interface HtbParameters {
  readonly rate: TableRate;
  readonly ceil: TableRate;
  /** How long the buckets last, in ticks. */
  readonly buffer: number;
  readonly cbuffer: number;
}

/** The numbers of a spec whose properties have been checked one by one. */
function parametersOf(spec: Partial<HtbClassAttributes>): HtbParameters {
  const { rate: bits = 0, ceil: most = bits, mtu = DEFAULT_MTU, mpu = 0, overhead = 0, linkLayer } = spec;
  const rateOf = (each: number): TableRate =>
    tableRate(Math.floor(each / 8), { mpu, overhead, mtu, atm: linkLayer === 'atm' });
  const rate = rateOf(bits);
  const ceil = rateOf(most);
  // `rate / get_hz() + mtu` of iproute2
  const least = (each: TableRate): number => Math.floor(each.rate / timerFrequency()) + mtu;
  return {
    rate,
    ceil,
    buffer: transmissionTicks(spec.burst ?? least(rate), rate.rate),
    cbuffer: transmissionTicks(spec.cburst ?? least(ceil), ceil.rate),
  };
}

export const htb: ClassKind<HtbClassAttributes> = {
  kernelName: 'htb',
  properties,
  holdsAttributes: true,
  check(spec) {
    const { rate, ceil, burst, cburst, priority, quantum, mtu, mpu, overhead, linkLayer } = spec;
    if (rate === undefined) throw new InvalidOptionError('rate', 'a class of htb needs a `rate` in bits per second');
    checkQuantity('rate', rate, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkQuantity('ceil', ceil, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkInteger('burst', burst, 0, 0xffffffff);
    checkInteger('cburst', cburst, 0, 0xffffffff);
    checkInteger('priority', priority, 0, TC_HTB_NUMPRIO - 1);
    checkInteger('quantum', quantum, 0, 0xffffffff);
    checkInteger('mtu', mtu, 1, 0x7fffffff);
    checkInteger('mpu', mpu, 0, 0xffff);
    checkInteger('overhead', overhead, 0, 0xffff);
    checkLinkLayer('linkLayer', linkLayer);
    const { buffer, cbuffer } = parametersOf(spec);
    checkDuration('burst', buffer, { of: 'rate', at: rate, isGiven: spec.burst !== undefined });
    const of = ceil === undefined ? 'rate' : 'ceil';
    checkDuration('cburst', cbuffer, { of, at: ceil ?? rate, isGiven: spec.cburst !== undefined });
  },
  write(writer, spec) {
    const { rate, ceil, buffer, cbuffer } = parametersOf(spec);
    if (rate.rate > BEYOND_32_BITS) writer.u64(TCA_HTB_RATE64, BigInt(rate.rate));
    if (ceil.rate > BEYOND_32_BITS) writer.u64(TCA_HTB_CEIL64, BigInt(ceil.rate));
    writer.struct(TCA_HTB_PARMS, TC_HTB_OPT_SIZE, (view, at) => {
      writeRateSpec(view, at, rate);
      writeRateSpec(view, at + CEIL_OFFSET, ceil);
      view.setUint32(at + BUFFER_OFFSET, buffer, LITTLE_ENDIAN);
      view.setUint32(at + CBUFFER_OFFSET, cbuffer, LITTLE_ENDIAN);
      view.setUint32(at + QUANTUM_OFFSET, spec.quantum ?? 0, LITTLE_ENDIAN);
      view.setUint32(at + PRIO_OFFSET, spec.priority ?? 0, LITTLE_ENDIAN);
    });
    writeRateTable(writer, TCA_HTB_RTAB, rate);
    writeRateTable(writer, TCA_HTB_CTAB, ceil);
  },
  read(options, read) {
    const attributes = options.nested();
    let rate = 0;
    let ceil = 0;
    let buffer = 0;
    let cbuffer = 0;
    while (attributes.next())
      switch (attributes.type) {
        case TCA_HTB_PARMS: {
          const { mpu, overhead, linkLayer, ...spec } = readRateSpec(attributes, 0);
          rate ||= spec.rate;
          ceil ||= readRateSpec(attributes, CEIL_OFFSET).rate;
          buffer = attributes.u32At(BUFFER_OFFSET);
          cbuffer = attributes.u32At(CBUFFER_OFFSET);
          read.quantum = attributes.u32At(QUANTUM_OFFSET);
          read.level = attributes.u32At(LEVEL_OFFSET);
          read.priority = attributes.u32At(PRIO_OFFSET);
          if (linkLayer !== undefined) read.linkLayer = linkLayer;
          if (mpu !== undefined) read.mpu = mpu;
          if (overhead !== undefined) read.overhead = overhead;
          break;
        }
        case TCA_HTB_RATE64:
          rate = Number(attributes.u64());
          break;
        case TCA_HTB_CEIL64:
          ceil = Number(attributes.u64());
          break;
        case TCA_HTB_RTAB:
        case TCA_HTB_CTAB:
        case TCA_HTB_OFFLOAD:
        case TCA_HTB_PAD:
          break;
        default:
          keepUnknown(attributes, read);
      }
    read.rate = rate * 8;
    read.ceil = ceil * 8;
    // The kernel keeps how long the buckets last, in ticks.
    if (rate !== 0) read.burst = bytesSentIn(buffer, rate);
    if (ceil !== 0) read.cburst = bytesSentIn(cbuffer, ceil);
  },
  readCounters(counters, read) {
    read.lends = counters.u32At(0);
    read.borrows = counters.u32At(BORROWS_OFFSET);
    read.giants = counters.u32At(GIANTS_OFFSET);
    read.tokens = counters.u32At(TOKENS_OFFSET) | 0;
    read.ctokens = counters.u32At(CTOKENS_OFFSET) | 0;
  },
};

/** @throws InvalidOptionError for a burst whose ticks are more than the message has room for */
function checkDuration(
  property: string,
  ticks: number,
  { of, at, isGiven }: { of: 'rate' | 'ceil'; at: number; isGiven: boolean },
): void {
  if (ticks <= 0xffffffff) return;
  const origin = isGiven ? '' : `, which follows from ${of} and mtu,`;
  throw new InvalidOptionError(
    property,
    `${property}${origin} lasts longer than 274 s at a ${of} of ${at} bits per second`,
  );
}
