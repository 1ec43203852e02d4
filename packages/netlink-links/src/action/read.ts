import type { AttributeReader } from '../message/attribute-reader.js';
import { withJson } from '../message/json.js';
import { readKind } from '../message/kind-name.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import { readStatistics } from '../qdisc/read.js';
import {
  TCA_ACT_COOKIE,
  TCA_ACT_IN_HW_COUNT,
  TCA_ACT_INDEX,
  TCA_ACT_KIND,
  TCA_ACT_OPTIONS,
  TCA_ACT_PAD,
  TCA_ACT_STATS,
  TCA_ACT_USED_HW_STATS,
} from '../uapi/tc-act.js';
import type { Action, ActionAttributes, ActionKindName, ActionStatistics } from './action.js';
import { ACTION_KINDS } from './kinds/index.js';
import type { ActionKind, ActionTold } from './kinds/kind.js';

/** Reads the actions of a filter: attributes that are numbered from 1 on. */
export function readActions(attributes: AttributeReader): Action[] {
  const actions: Action[] = [];
  while (attributes.next()) actions.push(readAction(attributes.nested()));
  return actions;
}

function readAction(attributes: AttributeReader): Action {
  const common: Mutable<ActionAttributes> = {};
  const beyond: { unknown?: readonly UnknownAttribute[] | undefined } = {};
  let kernelKind = '';
  let options: AttributeReader | undefined;
  let counted: ReturnType<typeof readStatistics> | undefined;
  while (attributes.next())
    switch (attributes.type) {
      case TCA_ACT_KIND:
        kernelKind = attributes.string();
        break;
      case TCA_ACT_OPTIONS:
        options = attributes.nested();
        break;
      case TCA_ACT_STATS:
        counted = readStatistics(attributes.nested());
        break;
      case TCA_ACT_COOKIE:
        common.cookie = attributes.copy();
        break;
      // What the kernel only tells, or tells twice.
      case TCA_ACT_INDEX:
      case TCA_ACT_PAD:
      case TCA_ACT_USED_HW_STATS:
      case TCA_ACT_IN_HW_COUNT:
        break;
      default:
        keepUnknown(attributes, beyond);
    }
  const named = readKind<ActionKindName>(ACTION_KINDS, kernelKind);
  const read = { ...named, ...common } as Action & Mutable<ActionTold>;
  const kind = ACTION_KINDS[named.kind] as ActionKind<object>;
  if (options !== undefined) kind.read(options, read);
  const { times, ...told } = read;
  if (beyond.unknown !== undefined) Object.assign(told, { unknownCommon: beyond.unknown });
  if (counted !== undefined) {
    const { bytes, packets, drops, overlimits, unknown } = counted;
    const statistics: ActionStatistics = withJson({
      bytes,
      packets,
      drops,
      overlimits,
      ...times,
      ...(unknown !== undefined && { unknown }),
    });
    Object.assign(told, { statistics });
  }
  return kind.hasBigints === true ? withJson(told) : told;
}
