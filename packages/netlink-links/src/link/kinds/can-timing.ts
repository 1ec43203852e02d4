import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkQuantity } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { Spread } from '../../message/fields.js';
import { CAN_BITTIMING_SIZE } from '../../uapi/can-netlink.js';

/** The names of the properties that the timing of bits has. */
export interface TimingNames<N extends string> {
  readonly bitrate: N;
  readonly samplePoint: N;
  readonly timeQuantum: N;
  readonly propagationSegment: N;
  readonly phaseSegment1: N;
  readonly phaseSegment2: N;
  readonly jumpWidth: N;
  readonly prescaler: N;
}

const MAX_U32 = 0xffffffff;
/** Where the numbers are in `struct can_bittiming`; `samplePoint` is at 4, in tenths of a per cent. */
const OFFSETS = {
  bitrate: 0,
  timeQuantum: 8,
  propagationSegment: 12,
  phaseSegment1: 16,
  phaseSegment2: 20,
  jumpWidth: 24,
  prescaler: 28,
} as const;
const SAMPLE_POINT_OFFSET = 4;
const TENTHS = 10;
const SEGMENTS = ['timeQuantum', 'propagationSegment', 'phaseSegment1', 'phaseSegment2'] as const;

/**
 * The timing of bits: by the bit rate, from which the kernel works out the rest, or in time quanta. It refuses both together,
 * and tells both: the quanta are told beside a bit rate, and not written.
 */
export function bitTiming<N extends string, A extends { readonly [K in N]?: number }>(
  attribute: number,
  names: TimingNames<N>,
): Spread<A> {
  type Timing = Partial<Record<string, number>>;
  const needing = [...SEGMENTS, 'jumpWidth'] as const;
  return {
    properties: Object.values(names) as (keyof A & string)[],
    attributes: [attribute],
    read(data, into) {
      const timing = into as Timing;
      for (const [key, offset] of Object.entries(OFFSETS)) {
        const value = data.u32At(offset);
        if (value !== 0) timing[names[key as keyof typeof OFFSETS]] = value;
      }
      const samplePoint = data.u32At(SAMPLE_POINT_OFFSET);
      if (samplePoint !== 0) timing[names.samplePoint] = samplePoint / TENTHS;
    },
    check(link) {
      const timing = link as Timing;
      checkInteger(names.bitrate, timing[names.bitrate], 1, MAX_U32);
      checkQuantity(names.samplePoint, timing[names.samplePoint], 0, 99.9, 'per cent');
      for (const key of needing) checkInteger(names[key], timing[names[key]], 0, MAX_U32);
      if (timing[names.bitrate] !== undefined) return;
      const [quantum, ...segments] = SEGMENTS.map((key) => names[key]);
      if (quantum === undefined || timing[quantum] === undefined) {
        for (const name of [names.samplePoint, ...segments, names.jumpWidth])
          if (timing[name] !== undefined)
            throw new InvalidOptionError(name, `${name} needs \`${names.bitrate}\` or \`${quantum}\` beside it`);
      } else if (timing[names.samplePoint] !== undefined)
        throw new InvalidOptionError(
          names.samplePoint,
          `${names.samplePoint} is for a \`${names.bitrate}\`: with \`${quantum}\` the segments say it`,
        );
    },
    write(writer, link) {
      const timing = link as Timing;
      const bitrate = timing[names.bitrate];
      const samplePoint = timing[names.samplePoint] ?? 0;
      if (bitrate === undefined && timing[names.timeQuantum] === undefined) return;
      writer.struct(attribute, CAN_BITTIMING_SIZE, (view, at) => {
        const put = (key: keyof typeof OFFSETS): void =>
          view.setUint32(at + OFFSETS[key], timing[names[key]] ?? 0, LITTLE_ENDIAN);
        put('jumpWidth');
        if (bitrate === undefined) for (const key of SEGMENTS) put(key);
        else {
          put('bitrate');
          view.setUint32(at + SAMPLE_POINT_OFFSET, Math.round(samplePoint * TENTHS), LITTLE_ENDIAN);
        }
      });
    },
  };
}
