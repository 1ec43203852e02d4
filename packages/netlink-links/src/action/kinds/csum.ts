import { checkArray, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { flagBits, flagNames } from '../../message/flag-names.js';
import { TC_GEN_SIZE, TCA_CSUM_PAD, TCA_CSUM_PARMS, TCA_CSUM_TM } from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** A header whose checksum is computed anew. */
export type CsumHeader = 'ip4h' | 'icmp' | 'igmp' | 'tcp' | 'udp' | 'udplite' | 'sctp';

/** Computes checksums anew, as after `pedit`; tc-csum(8). Its control is `'pass'` if it is left out. */
export interface CsumAttributes {
  /** Of which headers. `'icmp'` is ICMP and ICMPv6. */
  readonly of: readonly (CsumHeader | number)[];
}

/** `TCA_CSUM_UPDATE_FLAG_…` of `<linux/tc_act/tc_csum.h>` */
const HEADERS: readonly CsumHeader[] = ['ip4h', 'icmp', 'igmp', 'tcp', 'udp', 'udplite', 'sctp'];
const namesOf = flagNames(HEADERS);
const bitsOf = flagBits(HEADERS);

export const csum: ActionKind<CsumAttributes> = structuredKind<CsumAttributes>({
  kernelName: 'csum',
  parms: TCA_CSUM_PARMS,
  size: TC_GEN_SIZE + 4,
  tm: TCA_CSUM_TM,
  pad: TCA_CSUM_PAD,
  properties: propertiesOf<CsumAttributes>({ of: 'set' }, { update: 'of', csum: 'of', headers: 'of' }),
  defaultControl: 'pass',
  check({ of }) {
    checkArray('of', of, 'headers');
    if (of === undefined || of.length === 0 || bitsOf(of) === undefined)
      throw mustBe('of', `an array of headers, ${HEADERS.join(', ')}`, of);
  },
  fill: (view, at, { of = [] }) => view.setUint32(at, bitsOf(of) ?? 0, LITTLE_ENDIAN),
  take(parms, action) {
    action.of = namesOf(parms.u32At(TC_GEN_SIZE));
  },
});
