import { mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { checkLinkOf, checkLinkReference, type LinkReference } from '../../operation/link-reference.js';
import {
  TC_GEN_SIZE,
  TCA_EGRESS_MIRROR,
  TCA_EGRESS_REDIR,
  TCA_INGRESS_MIRROR,
  TCA_INGRESS_REDIR,
  TCA_MIRRED_PAD,
  TCA_MIRRED_PARMS,
  TCA_MIRRED_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/**
 * Sends the packet, or a copy of it, elsewhere; tc-mirred(8). Its control is `'stolen'` for `'redirect'` and `'pipe'` for
 * `'mirror'` if it is left out.
 */
export interface MirredAttributes {
  /** Whether it leaves by the link, or comes in as if by the link. `'egress'` if left out. */
  readonly direction: 'egress' | 'ingress';
  readonly mode: 'redirect' | 'mirror';
  /** The link, by any reference. It has to be in the same namespace. */
  readonly link?: LinkReference;
  /** The link by its index, as an action that was read has it. */
  readonly ifindex: number;
}

const NUMBERS = {
  egress: { redirect: TCA_EGRESS_REDIR, mirror: TCA_EGRESS_MIRROR },
  ingress: { redirect: TCA_INGRESS_REDIR, mirror: TCA_INGRESS_MIRROR },
} as const;

const EACTION_OFFSET = TC_GEN_SIZE;
const IFINDEX_OFFSET = EACTION_OFFSET + 4;

const linkOf = ({ link, ifindex }: Partial<MirredAttributes>): string | number =>
  link === undefined ? (ifindex ?? 0) : checkLinkReference(link);

export const mirred: ActionKind<MirredAttributes> = structuredKind<MirredAttributes>({
  kernelName: 'mirred',
  parms: TCA_MIRRED_PARMS,
  size: TC_GEN_SIZE + 8,
  tm: TCA_MIRRED_TM,
  pad: TCA_MIRRED_PAD,
  properties: propertiesOf<MirredAttributes>(
    { direction: 'set', mode: 'set', link: 'set', ifindex: 'set' },
    { dev: 'link', to: 'link' },
  ),
  defaultControl: ({ mode }) => (mode === 'redirect' ? 'stolen' : 'pipe'),
  link: linkOf,
  check(action) {
    const { direction, mode } = action;
    if (direction !== undefined && direction !== 'egress' && direction !== 'ingress')
      throw mustBe('direction', "'egress' or 'ingress'", direction);
    if (mode !== 'redirect' && mode !== 'mirror') throw mustBe('mode', "'redirect' or 'mirror'", mode);
    checkLinkOf('mirred', action);
  },
  fill(view, at, action, found) {
    const { direction = 'egress', mode = 'redirect' } = action;
    view.setInt32(at, NUMBERS[direction][mode], LITTLE_ENDIAN);
    view.setUint32(at + 4, found.ifindex(linkOf(action)), LITTLE_ENDIAN);
  },
  take(parms, action) {
    const number = parms.u32At(EACTION_OFFSET);
    action.direction = number === TCA_INGRESS_REDIR || number === TCA_INGRESS_MIRROR ? 'ingress' : 'egress';
    action.mode = number === TCA_EGRESS_REDIR || number === TCA_INGRESS_REDIR ? 'redirect' : 'mirror';
    action.ifindex = parms.u32At(IFINDEX_OFFSET);
  },
});
