import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_GEN_SIZE, TCA_CONNMARK_PAD, TCA_CONNMARK_PARMS, TCA_CONNMARK_TM } from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Gives a packet the firewall mark of its connection; tc-connmark(8). Its control is `'pipe'` if it is left out. */
export interface ConnmarkAttributes {
  /** The zone of connection tracking, 0 to 65535; 0 if left out. */
  readonly zone?: number;
}

export const connmark: ActionKind<ConnmarkAttributes> = structuredKind<ConnmarkAttributes>({
  kernelName: 'connmark',
  parms: TCA_CONNMARK_PARMS,
  // `struct tc_connmark`: the zone (u16), and padding.
  size: TC_GEN_SIZE + 4,
  tm: TCA_CONNMARK_TM,
  pad: TCA_CONNMARK_PAD,
  properties: propertiesOf<ConnmarkAttributes>({ zone: 'set' }),
  defaultControl: 'pipe',
  check: ({ zone }) => checkInteger('zone', zone, 0, 0xffff),
  fill: (view, at, { zone = 0 }) => view.setUint16(at, zone, LITTLE_ENDIAN),
  take(parms, action) {
    action.zone = parms.u16At(TC_GEN_SIZE);
  },
});
