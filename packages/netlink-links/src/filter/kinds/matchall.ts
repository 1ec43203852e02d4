import {
  TCA_MATCHALL_ACT,
  TCA_MATCHALL_CLASSID,
  TCA_MATCHALL_FLAGS,
  TCA_MATCHALL_PAD,
  TCA_MATCHALL_PCNT,
} from '../../uapi/pkt-cls.js';
import { type FilterKind, filterOfFields } from './kind.js';

/** A filter that all packets match; tc-matchall(8). */
export type MatchallAttributes = object;

export const matchall: FilterKind<MatchallAttributes> = filterOfFields<MatchallAttributes>(
  'matchall',
  {},
  { classid: TCA_MATCHALL_CLASSID, actions: TCA_MATCHALL_ACT, flags: TCA_MATCHALL_FLAGS },
  { passedOver: [TCA_MATCHALL_PCNT, TCA_MATCHALL_PAD] },
);
