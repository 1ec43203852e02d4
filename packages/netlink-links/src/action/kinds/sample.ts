import { InvalidOptionError } from 'netns-core';
import { propertiesOf } from '../../message/checks.js';
import { u32 } from '../../message/fields.js';
import {
  TC_GEN_SIZE,
  TCA_SAMPLE_PAD,
  TCA_SAMPLE_PARMS,
  TCA_SAMPLE_PSAMPLE_GROUP,
  TCA_SAMPLE_RATE,
  TCA_SAMPLE_TM,
  TCA_SAMPLE_TRUNC_SIZE,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/**
 * Gives copies of some packets to user space, in the group `packets` of the generic netlink family `psample`; tc-sample(8). Its
 * control is `'pipe'` if it is left out.
 */
export interface SampleAttributes {
  /** One of so many packets is sampled, at random. */
  readonly rate: number;
  /** The number of the group of samples, which goes with each. */
  readonly group: number;
  /** Bytes of a packet that are copied; all if left out. */
  readonly truncate?: number;
}

export const sample: ActionKind<SampleAttributes> = structuredKind<SampleAttributes>({
  kernelName: 'sample',
  parms: TCA_SAMPLE_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_SAMPLE_TM,
  pad: TCA_SAMPLE_PAD,
  fields: {
    rate: u32(TCA_SAMPLE_RATE, 1),
    group: u32(TCA_SAMPLE_PSAMPLE_GROUP),
    truncate: u32(TCA_SAMPLE_TRUNC_SIZE, 1),
  },
  properties: propertiesOf<SampleAttributes>(
    { rate: 'set', group: 'set', truncate: 'set' },
    { trunc: 'truncate', trunc_size: 'truncate' },
  ),
  defaultControl: 'pipe',
  check(action) {
    for (const name of ['rate', 'group'] as const)
      if (action[name] === undefined)
        throw new InvalidOptionError(
          name,
          'sample needs a `rate` (one of so many packets) and the number of a `group`',
        );
  },
});
