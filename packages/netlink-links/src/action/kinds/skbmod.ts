import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { hardwareAddress, u16 } from '../../message/fields.js';
import {
  SKBMOD_F_DMAC,
  SKBMOD_F_ECN,
  SKBMOD_F_ETYPE,
  SKBMOD_F_SMAC,
  SKBMOD_F_SWAPMAC,
  TC_GEN_SIZE,
  TCA_SKBMOD_DMAC,
  TCA_SKBMOD_ETYPE,
  TCA_SKBMOD_PAD,
  TCA_SKBMOD_PARMS,
  TCA_SKBMOD_SMAC,
  TCA_SKBMOD_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Changes the Ethernet header of a packet; tc-skbmod(8). Its control is `'pipe'` if it is left out. */
export interface SkbmodAttributes {
  readonly dstMac?: string;
  readonly srcMac?: string;
  readonly etherType?: number;
  /** Exchanges the addresses. */
  readonly swapMac?: boolean;
  /** Marks the IP packet: congestion was experienced. Linux 5.15. */
  readonly ecn?: boolean;
}

const FLAGS = {
  dstMac: SKBMOD_F_DMAC,
  srcMac: SKBMOD_F_SMAC,
  etherType: SKBMOD_F_ETYPE,
  swapMac: SKBMOD_F_SWAPMAC,
  ecn: SKBMOD_F_ECN,
} as const;
const NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
/** The flags are 64 bits: there is padding before them. */
const FLAGS_OFFSET = TC_GEN_SIZE + 4;

export const skbmod: ActionKind<SkbmodAttributes> = structuredKind<SkbmodAttributes>({
  kernelName: 'skbmod',
  parms: TCA_SKBMOD_PARMS,
  size: FLAGS_OFFSET + 8,
  tm: TCA_SKBMOD_TM,
  pad: TCA_SKBMOD_PAD,
  fields: {
    dstMac: hardwareAddress(TCA_SKBMOD_DMAC),
    etherType: u16(TCA_SKBMOD_ETYPE, 1),
    srcMac: hardwareAddress(TCA_SKBMOD_SMAC),
  },
  properties: propertiesOf<SkbmodAttributes>(
    { dstMac: 'set', srcMac: 'set', etherType: 'set', swapMac: 'set', ecn: 'set' },
    { dmac: 'dstMac', smac: 'srcMac', etype: 'etherType', swap: 'swapMac' },
  ),
  defaultControl: 'pipe',
  check(action) {
    for (const name of ['swapMac', 'ecn'] as const) checkBoolean(name, action[name]);
    if (NAMES.every((name) => action[name] === undefined || action[name] === false))
      throw new InvalidOptionError('skbmod', `skbmod needs something to change: ${NAMES.join(', ')}`);
  },
  fill(view, at, action) {
    const flags = NAMES.filter((name) => action[name] !== undefined && action[name] !== false).reduce(
      (bits, name) => bits | FLAGS[name],
      0,
    );
    view.setBigUint64(at + FLAGS_OFFSET - TC_GEN_SIZE, BigInt(flags), LITTLE_ENDIAN);
  },
  take(parms, action) {
    const flags = Number(parms.u64At(FLAGS_OFFSET));
    for (const name of ['swapMac', 'ecn'] as const) if ((flags & FLAGS[name]) !== 0) action[name] = true;
  },
});
