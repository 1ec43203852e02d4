import { NetnsError } from 'netns-core';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import type { OperationIdentity } from '../errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import { ask, Operation } from '../operation.js';
import { QDISC_KINDS } from '../qdisc-kinds/index.js';
import type { QdiscKind } from '../qdisc-kinds/kind.js';
import { acknowledged } from '../request.js';
import { NLMSG_HDRLEN } from '../uapi/netlink.js';
import { INGRESS_HANDLE, TC_H_INGRESS, TC_H_ROOT, TCA_KIND, TCA_OPTIONS, TCMSG_SIZE } from '../uapi/pkt-sched.js';
import type { QdiscAttributes } from './qdisc.js';
import { formatHandle, formatParent, parseHandle, parseParent } from './qdisc-handle.js';
import type { QdiscPlace, QdiscSpec } from './qdisc-union.js';

/** What sets the operations that write a queueing discipline apart. */
export interface QdiscAction {
  readonly name: string;
  readonly verb: string;
  /** `RTM_NEWQDISC` or `RTM_DELQDISC` */
  readonly type: number;
  readonly flags: number;
}

/** What is asked to be removed: the place is enough, and the kind must be right where it is given. */
export type QdiscRemoval = QdiscPlace & {
  readonly kind?: string | undefined;
  readonly kernelKind?: string | undefined;
};

const COMMON = propertiesOf<QdiscPlace & { readonly kind: string }, QdiscAttributes>(
  {
    kind: 'set',
    link: 'set',
    ifindex: 'set',
    parent: 'set',
    handle: 'set',
    references: 'told',
    statistics: 'told',
  },
  { dev: 'link', interface: 'link', type: 'kind', classid: 'parent' },
);

/** All names that the kinds have of their own: a qdisc that was read can be removed as it is. */
const OF_KINDS = Object.values(QDISC_KINDS).flatMap(({ properties }) => properties.names);

function refuse(message: string): never {
  throw new NetnsError(message, { code: 'ERR_INVALID_ARGUMENT' });
}

function linkOf(place: QdiscPlace): LinkReference {
  const link = place.link ?? place.ifindex;
  if (link === undefined) refuse('a queueing discipline needs a link: `link` or `ifindex`');
  return link;
}

/** Writes `struct tcmsg`. */
export function writeQdiscHeader(message: MessageWriter, ifindex: number, handle: number, parent: number): void {
  message.header(TCMSG_SIZE, (view, at) => {
    view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
    view.setUint32(at + 8, handle, LITTLE_ENDIAN);
    view.setUint32(at + 12, parent, LITTLE_ENDIAN);
  });
}

function operation(
  identity: OperationIdentity,
  link: string | number,
  message: (ifindex: number) => Uint8Array,
): Operation<void> {
  if (typeof link === 'number') return new Operation(identity, acknowledged(message(link)));
  return new Operation(identity, function* () {
    yield* ask(acknowledged(message(yield* resolveLinkIndex(identity, link))));
  });
}

/** The operation that makes, changes or replaces a queueing discipline. */
export function qdiscOperation(action: QdiscAction, spec: QdiscSpec): Operation<void> {
  if (!Object.hasOwn(QDISC_KINDS, spec?.kind))
    refuse(
      `'${String(spec?.kind)}' is no kind of queueing discipline: ${Object.keys(QDISC_KINDS).join(', ')} are known; others are 'generic' with a \`kernelKind\``,
    );
  const kind = QDISC_KINDS[spec.kind] as QdiscKind<QdiscSpec>;
  checkProperties(spec, `${action.name} of a ${spec.kind} qdisc`, {
    names: [...COMMON.names, ...kind.properties.names],
    synonyms: { ...COMMON.synonyms, ...kind.properties.synonyms },
  });
  const kernelName = spec.kind === 'generic' ? spec.kernelKind : kind.kernelName;
  if (kernelName === undefined || kernelName === '') refuse("a 'generic' queueing discipline needs its `kernelKind`");
  const reference = linkOf(spec);
  const link = checkLinkReference(reference);
  const parent =
    spec.parent === undefined ? (kind.parent === 'ingress' ? TC_H_INGRESS : TC_H_ROOT) : parseParent(spec.parent);
  const handle = parent === TC_H_INGRESS ? INGRESS_HANDLE : spec.handle === undefined ? 0 : parseHandle(spec.handle);
  if ((handle & 0xffff) !== 0)
    refuse(`'${formatHandle(handle)}' is the handle of a class: that of a queueing discipline ends with its colon`);
  const message = (ifindex: number): Uint8Array => {
    const writer = new MessageWriter(action.type, action.flags);
    writeQdiscHeader(writer, ifindex, handle, parent);
    writer.string(TCA_KIND, kernelName);
    if (kind.encode !== undefined) {
      const options = new MessageWriter(0, 0);
      kind.encode(options, spec as Partial<QdiscSpec>);
      const content = options.finish().subarray(NLMSG_HDRLEN);
      if (content.length > 0) writer.bytes(TCA_OPTIONS, content);
    }
    return writer.finish();
  };
  const target = describeLink(reference);
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} qdisc ${kernelName} at ${formatParent(parent)} of ${target}`,
    target,
  };
  // Built once beforehand, so that what can not be is refused now and not when it runs.
  if (typeof link === 'string') message(1);
  return operation(identity, link, message);
}

/** The operation that removes a queueing discipline. */
export function qdiscRemoval(action: QdiscAction, place: QdiscRemoval): Operation<void> {
  checkProperties(place, action.name, { ...COMMON, names: [...COMMON.names, ...OF_KINDS] });
  const reference = linkOf(place);
  const link = checkLinkReference(reference);
  const atIngress = place.kind === 'ingress' || place.kind === 'clsact';
  const parent = place.parent === undefined ? (atIngress ? TC_H_INGRESS : TC_H_ROOT) : parseParent(place.parent);
  const handle = parent === TC_H_INGRESS ? INGRESS_HANDLE : place.handle === undefined ? 0 : parseHandle(place.handle);
  const kernelName = place.kind === 'generic' ? place.kernelKind : place.kind;
  const target = describeLink(reference);
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} qdisc${kernelName === undefined ? '' : ` ${kernelName}`} at ${formatParent(parent)} of ${target}`,
    target,
  };
  return operation(identity, link, (ifindex) => {
    const writer = new MessageWriter(action.type, action.flags);
    writeQdiscHeader(writer, ifindex, handle, parent);
    if (kernelName !== undefined) writer.string(TCA_KIND, kernelName);
    return writer.finish();
  });
}
