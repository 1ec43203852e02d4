import { InvalidOptionError } from 'netns-core';
import { mustBe, propertiesOf } from '../../message/checks.js';
import { u16, u32 } from '../../message/fields.js';
import { withJson } from '../../message/json.js';
import {
  TC_GEN_SIZE,
  TCA_CTINFO_ACT,
  TCA_CTINFO_PAD,
  TCA_CTINFO_PARMS_CPMARK_MASK,
  TCA_CTINFO_PARMS_DSCP_MASK,
  TCA_CTINFO_PARMS_DSCP_STATEMASK,
  TCA_CTINFO_STATS_CPMARK_SET,
  TCA_CTINFO_STATS_DSCP_ERROR,
  TCA_CTINFO_STATS_DSCP_SET,
  TCA_CTINFO_TM,
  TCA_CTINFO_ZONE,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** How often a ctinfo action changed something. */
export interface CtinfoCounters {
  /** Packets whose DSCP was restored. */
  readonly dscpSet: bigint;
  /** Packets whose DSCP could not be restored. */
  readonly dscpErrors: bigint;
  /** Packets that got the mark of their connection. */
  readonly markSet: bigint;
}

/**
 * Gives a packet what the mark of its connection holds: the DSCP, the firewall mark, or both; tc-ctinfo(8). It finds the
 * connection by itself, so that it works at ingress, too. Its control is `'pipe'` if it is left out.
 */
export interface CtinfoAttributes {
  /** The bits of the connection's mark that hold the DSCP, six that are next to each other: `0xfc000000`. Without it the DSCP stays. */
  readonly dscpMask?: number;
  /**
   * Bits of the connection's mark of which one must be set for the DSCP to be restored; none of `dscpMask`. Always restored if
   * left out, or 0.
   */
  readonly dscpStateMask?: number;
  /** The bits of the connection's mark that the packet's firewall mark gets. Without it the mark stays. */
  readonly markMask?: number;
  /** The zone of connection tracking, 0 to 65535; 0 if left out. */
  readonly zone?: number;
  /** Told. */
  readonly counters?: CtinfoCounters;
}

const DSCP = 0x3f;

/** Whether a number is six bits next to each other. */
function isDscpMask(mask: number): boolean {
  const lowest = mask & -mask;
  return mask !== 0 && mask / (lowest >>> 0) === DSCP;
}

type Counter = keyof CtinfoCounters;
const COUNTERS = new Map<number, Counter>([
  [TCA_CTINFO_STATS_DSCP_SET, 'dscpSet'],
  [TCA_CTINFO_STATS_DSCP_ERROR, 'dscpErrors'],
  [TCA_CTINFO_STATS_CPMARK_SET, 'markSet'],
]);
const NONE: CtinfoCounters = { dscpSet: 0n, dscpErrors: 0n, markSet: 0n };

export const ctinfo: ActionKind<CtinfoAttributes> = structuredKind<CtinfoAttributes>({
  kernelName: 'ctinfo',
  parms: TCA_CTINFO_ACT,
  size: TC_GEN_SIZE,
  tm: TCA_CTINFO_TM,
  pad: TCA_CTINFO_PAD,
  fields: {
    zone: u16(TCA_CTINFO_ZONE),
    dscpMask: u32(TCA_CTINFO_PARMS_DSCP_MASK),
    dscpStateMask: u32(TCA_CTINFO_PARMS_DSCP_STATEMASK),
    markMask: u32(TCA_CTINFO_PARMS_CPMARK_MASK),
  },
  properties: propertiesOf<CtinfoAttributes>(
    { dscpMask: 'set', dscpStateMask: 'set', markMask: 'set', zone: 'set', counters: 'set' },
    { dscp: 'dscpMask', statemask: 'dscpStateMask', dscp_statemask: 'dscpStateMask', cpmark: 'markMask' },
  ),
  defaultControl: 'pipe',
  check({ dscpMask, dscpStateMask }) {
    if (dscpMask !== undefined && !isDscpMask(dscpMask))
      throw mustBe('dscpMask', 'six bits that are next to each other, such as 0xfc000000', dscpMask);
    if (dscpStateMask === undefined) return;
    if (dscpMask === undefined)
      throw new InvalidOptionError(
        'dscpStateMask',
        'dscpStateMask needs `dscpMask`: it says when the DSCP is restored',
      );
    if ((dscpMask & dscpStateMask) !== 0)
      throw new InvalidOptionError('dscpStateMask', 'dscpStateMask and dscpMask must have no bit in common');
  },
  takeMore(attribute, action) {
    const counter = COUNTERS.get(attribute.type);
    if (counter === undefined) return false;
    action.counters = withJson({ ...NONE, ...action.counters, [counter]: attribute.u64() });
    return true;
  },
});
