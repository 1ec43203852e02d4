import { MessageWriter } from '../message/message-writer.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { OperationIdentity } from '../operation/errors.js';
import type { Operation } from '../operation/operation.js';
import type { EchoRequest } from '../operation/request.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELACTION, RTM_NEWACTION } from '../uapi/rtnetlink.js';
import { TCA_ACT_INDEX, TCA_ACT_KIND, TCA_ROOT_TAB, TCAMSG_SIZE } from '../uapi/tc-act.js';
import type { Action, ActionSpec } from './action.js';
import { checkAction, checkActionPlace, kernelNameOf, type NamedActionKind } from './check.js';
import { readActionMessage } from './list.js';
import { referring } from './references.js';
import { writeActions } from './write.js';

const ADD: ChangeAction = { name: 'actionAdd', verb: 'add', type: RTM_NEWACTION, flags: NLM_F_CREATE | NLM_F_EXCL };
const REPLACE: ChangeAction = {
  name: 'actionReplace',
  verb: 'replace',
  type: RTM_NEWACTION,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'actionDel', verb: 'remove', type: RTM_DELACTION, removing: true };

/** Which action is meant; one that was read will do. */
export interface ActionPlace extends NamedActionKind {
  /** Its number, which must be there. */
  readonly index?: number | undefined;
}

const describe = (kernelName: string, index: number | undefined): string =>
  index === undefined ? `action ${kernelName}` : `action ${kernelName} ${index}`;

function makeAction(change: ChangeAction, action: ActionSpec): Operation<number> {
  const references = checkAction(action);
  const name = kernelNameOf(action);
  const description = describe(name, action.index);
  const identity: OperationIdentity = {
    name: change.name,
    description: `${change.verb} ${description}`,
    target: description,
    actions: [name],
  };
  return referring(identity, references, (found): EchoRequest<Action[], number> => {
    const writer = new MessageWriter(change.type, NLM_F_ACK | NLM_F_ECHO | (change.flags ?? 0));
    writer.header(TCAMSG_SIZE, () => {});
    writeActions(writer, TCA_ROOT_TAB, [action], found);
    return {
      answer: 'echo',
      message: writer.finish(),
      decode: readActionMessage,
      value: ([made]) => made?.[0]?.index ?? action.index ?? 0,
    };
  });
}

/**
 * Adds an action by itself, which filters then share by its `index`. That there is one with its index is an error, `EEXIST`.
 *
 * @returns its index
 * @throws InvalidOptionError for an action that cannot be
 * @throws LinkNotFoundError when it runs and a link that it names does not exist
 */
export function actionAdd(action: ActionSpec): Operation<number> {
  return makeAction(ADD, action);
}

/**
 * Puts an action in the place of the one with its index, for all filters that share it, or adds it if there is none.
 *
 * @returns its index
 * @throws InvalidOptionError for an action that cannot be
 * @throws LinkNotFoundError when it runs and a link that it names does not exist
 */
export function actionReplace(action: ActionSpec): Operation<number> {
  return makeAction(REPLACE, action);
}

/**
 * Removes an action that was added by itself. The kernel refuses it (`EPERM`) while a filter has the action.
 *
 * @throws InvalidOptionError for an action that cannot be
 */
export function actionDel(action: ActionPlace): Operation<void> {
  const index = checkActionPlace(DELETE.name, action);
  const name = kernelNameOf(action);
  const description = describe(name, index);
  return changeOperation(DELETE, {
    description,
    target: description,
    known: undefined,
    write(writer) {
      writer.header(TCAMSG_SIZE, () => {});
      writer.nest(TCA_ROOT_TAB, (list) =>
        list.nest(1, (inner) => inner.string(TCA_ACT_KIND, name).u32(TCA_ACT_INDEX, index)),
      );
    },
  });
}
