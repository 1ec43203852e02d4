import { checkBytes } from '../../message/checks.js';
import {
  TCA_BASIC_ACT,
  TCA_BASIC_CLASSID,
  TCA_BASIC_EMATCHES,
  TCA_BASIC_PAD,
  TCA_BASIC_PCNT,
} from '../../uapi/pkt-cls.js';
import { type FilterKind, filterOfFields } from './kind.js';

/** A filter by extended matches, which are combined by and, or, and not; tc-ematch(8). */
export interface BasicAttributes {
  /** The matches as the kernel has them: what is inside `TCA_BASIC_EMATCHES`. All packets match without it. */
  readonly ematch?: Uint8Array;
}

export const basic: FilterKind<BasicAttributes> = filterOfFields<BasicAttributes>(
  'basic',
  {
    ematch: {
      attribute: TCA_BASIC_EMATCHES,
      read: (data) => data.copy(),
      check: checkBytes,
      write: (writer, type, value) => void writer.bytes(type, value),
    },
  },
  { classid: TCA_BASIC_CLASSID, actions: TCA_BASIC_ACT },
  { passedOver: [TCA_BASIC_PCNT, TCA_BASIC_PAD], synonyms: { match: 'ematch', ematches: 'ematch' }, fieldsFirst: true },
);
