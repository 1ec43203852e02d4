import { MessageWriter } from '../message/message-writer.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import type { OperationIdentity } from './errors.js';
import { Operation, type Program, prepared } from './operation.js';
import { type AckRequest, acknowledged } from './request.js';

/** What sets the operations apart that add, change or remove objects of one kind. */
export interface ChangeAction {
  /** The function's name, `'routeAdd'`. */
  readonly name: string;
  /** What it does with the object, `'add'`. */
  readonly verb: string;
  /** `RTM_NEWROUTE`, `RTM_DELROUTE`, … */
  readonly type: number;
  /** `NLM_F_CREATE`, `NLM_F_EXCL`, `NLM_F_REPLACE`, `NLM_F_APPEND`; `NLM_F_ACK` is added to them. */
  readonly flags?: number;
  /** Whether it removes: what a spec leaves out then matches anything, instead of getting a default. */
  readonly removing?: boolean;
}

/** An object whose spec has been checked, and how it is written. */
export interface ChangeSubject<R> {
  /** How the object reads in an error, behind the verb: `'route 198.51.100.0/24 via 203.0.113.9'`. */
  readonly description: string;
  /** The object that it is about: `'198.51.100.0/24'`. */
  readonly target: string;
  /** The link that the message names: if the kernel says ENODEV, it is this one that is missing. */
  readonly link?: string | number | undefined;
  /** The module of the kernel that has to be there: `'sch_netem'`. */
  readonly module?: string | undefined;
  /** What exists already if the kernel says EEXIST, where it is not the object itself: `'a link named eth1'`. */
  readonly taken?: string | undefined;
  /** The kind that the link has to be of: `'bridge'`. */
  readonly ofKind?: string | undefined;
  /** Writes the header and the attributes. Nothing is refused here: the spec has been checked. */
  write(writer: MessageWriter, known: R): void;
}

/** What the message needs to know of the namespace: indexes of links, mostly. */
export type Knowledge<R> =
  | { readonly known: R }
  | {
      readonly known?: R | undefined;
      /** Finds it out when the operation runs, unless it is known already. */
      resolve(identity: OperationIdentity): Program<R>;
    };

/** Makes the operation that changes one object: of all objects, by all actions. */
export function changeOperation<R>(action: ChangeAction, subject: ChangeSubject<R> & Knowledge<R>): Operation<void> {
  const { target, link, module, taken, ofKind, known } = subject;
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} ${subject.description}`,
    target,
    link,
    module,
    taken,
    ofKind,
  };
  const request = (resolved: R): AckRequest => {
    const writer = new MessageWriter(action.type, NLM_F_ACK | (action.flags ?? 0));
    subject.write(writer, resolved);
    return acknowledged(writer.finish());
  };
  if (known !== undefined || !('resolve' in subject)) return new Operation(identity, request(known as R));
  return prepared(identity, function* () {
    return request(yield* subject.resolve(identity));
  });
}
