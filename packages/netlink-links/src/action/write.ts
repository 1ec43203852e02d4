import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { TCA_ACT_COOKIE, TCA_ACT_KIND, TCA_ACT_OPTIONS } from '../uapi/tc-act.js';
import type { ActionSpec } from './action.js';
import { actionKind, kernelNameOf } from './check.js';
import type { Found } from './kinds/kind.js';

/** Writes actions into an attribute of a filter, numbered from 1 on. They have been checked. */
export function writeActions(
  writer: MessageWriter,
  attribute: number,
  actions: readonly ActionSpec[],
  found: Found,
): void {
  writer.nest(attribute, (list) => {
    for (const [at, action] of actions.entries()) list.nest(at + 1, (inner) => writeAction(inner, action, found));
  });
}

function writeAction(writer: MessageWriter, action: ActionSpec, found: Found): void {
  const kind = actionKind(action);
  writer.string(TCA_ACT_KIND, kernelNameOf(action));
  writer.nest(
    TCA_ACT_OPTIONS,
    (options) => {
      kind.write(options, action, found);
      if (action.unknown !== undefined) writeUnknown(options, action.unknown);
    },
    true,
  );
  if (action.cookie !== undefined) writer.bytes(TCA_ACT_COOKIE, action.cookie);
  if (action.unknownCommon !== undefined) writeUnknown(writer, action.unknownCommon);
}
