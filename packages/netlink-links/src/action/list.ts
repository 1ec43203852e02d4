import { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { ask, Operation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETACTION } from '../uapi/rtnetlink.js';
import { TCA_ACT_FLAG_LARGE_DUMP_ON, TCA_ACT_KIND, TCA_ROOT_FLAGS, TCA_ROOT_TAB, TCAMSG_SIZE } from '../uapi/tc-act.js';
import type { Action } from './action.js';
import { checkActionKind, kernelNameOf, type NamedActionKind } from './check.js';
import { readActions } from './read.js';

/** Which actions to list: the kernel lists those of one kind. */
export interface ActionFilter extends NamedActionKind {}

const FILTER = propertiesOf<ActionFilter>({ kind: 'set', kernelKind: 'set' }, { type: 'kind', action: 'kind' });

/** Reads the payload of `RTM_NEWACTION` or `RTM_DELACTION`. */
export function readActionMessage(bytes: MessageBytes, start: number, end: number): Action[] | undefined {
  if (end - start < TCAMSG_SIZE) {
    bytes.fail('a message about actions is shorter than its header');
    return undefined;
  }
  const actions: Action[] = [];
  const attributes = new AttributeReader(bytes, start + TCAMSG_SIZE, end);
  while (attributes.next()) if (attributes.type === TCA_ROOT_TAB) actions.push(...readActions(attributes.nested()));
  return actions;
}

/**
 * Lists the actions of one kind in the namespace: those that filters have, and those that were added by themselves.
 *
 * @throws InvalidOptionError
 */
export function actionList(filter: ActionFilter): Operation<Action[]> {
  checkProperties(filter, 'actionList', FILTER);
  checkActionKind(filter);
  const name = kernelNameOf(filter);
  const identity: OperationIdentity = {
    name: 'actionList',
    description: `list the actions of ${name}`,
    target: `actions of ${name}`,
    actions: [name],
  };
  const message = new MessageWriter(RTM_GETACTION, NLM_F_DUMP);
  message.header(TCAMSG_SIZE, () => {});
  message.nest(TCA_ROOT_TAB, (list) => list.nest(1, (action) => action.string(TCA_ACT_KIND, name)));
  // `struct nla_bitfield32`: the flags, and which of them are said.
  message.struct(TCA_ROOT_FLAGS, 8, (view, at) => {
    view.setUint32(at, TCA_ACT_FLAG_LARGE_DUMP_ON, LITTLE_ENDIAN);
    view.setUint32(at + 4, TCA_ACT_FLAG_LARGE_DUMP_ON, LITTLE_ENDIAN);
  });
  const request = dump(message.finish(), readActionMessage);
  return new Operation(identity, function* () {
    return (yield* ask(request)).flat();
  });
}
