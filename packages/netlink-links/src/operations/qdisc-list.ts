import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import type { OperationIdentity } from '../errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import { DumpOperation } from '../operation.js';
import { QDISC_KINDS } from '../qdisc-kinds/index.js';
import { formatParent, parseParent, type QdiscHandle } from '../qdiscs/qdisc-handle.js';
import { writeQdiscHeader } from '../qdiscs/qdisc-operation.js';
import type { Qdisc, QdiscKindName } from '../qdiscs/qdisc-union.js';
import { readQdisc } from '../qdiscs/read-qdisc.js';
import { type DumpRequest, dump } from '../request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETQDISC } from '../uapi/rtnetlink.js';

/** Which queueing disciplines to list; what is left out does not matter. */
export interface QdiscFilter {
  link?: LinkReference | undefined;
  kind?: QdiscKindName | undefined;
  /** `'root'`, `'ingress'`, or the handle of a class. */
  parent?: QdiscHandle | undefined;
}

const FILTER = propertiesOf<QdiscFilter>(
  { link: 'set', kind: 'set', parent: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link', type: 'kind' },
);

/**
 * Lists queueing disciplines, of all links or of one, the kernel's own included. The kernel lists them all; the
 * filter is applied here.
 *
 * @param filter a filter, or the link alone
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function qdiscList(filter: QdiscFilter | LinkReference = {}): DumpOperation<Qdisc> {
  const wanted: QdiscFilter =
    typeof filter === 'object' && filter !== null && !('index' in filter) ? filter : { link: filter as LinkReference };
  checkProperties(wanted, 'qdiscList', FILTER);
  const { link, kind, parent } = wanted;
  if (kind !== undefined && !Object.hasOwn(QDISC_KINDS, kind))
    throw new InvalidOptionError(
      'kind',
      `kind must be one of ${Object.keys(QDISC_KINDS).join(', ')}, got ${shown(kind)}`,
    );
  const place = parent === undefined ? undefined : formatParent(parseParent(parent));
  const request = (ifindex: number): DumpRequest<Qdisc> => {
    const message = new MessageWriter(RTM_GETQDISC, NLM_F_DUMP);
    writeQdiscHeader(message, ifindex, 0, 0);
    return dump(message.finish(), (bytes, start, end) => {
      if (ifindex !== 0 && bytes.i32[(start + 4) >> 2] !== ifindex) return undefined;
      const qdisc = readQdisc(bytes, start, end);
      if (qdisc === undefined || (kind !== undefined && qdisc.kind !== kind)) return undefined;
      return place === undefined || qdisc.parent === place ? qdisc : undefined;
    });
  };
  if (link === undefined)
    return new DumpOperation({ name: 'qdiscList', description: 'list the qdiscs', target: 'qdiscs' }, request(0));
  const target = describeLink(link);
  const identity: OperationIdentity = { name: 'qdiscList', description: `list the qdiscs of ${target}`, target };
  const reference = checkLinkReference(link);
  if (typeof reference === 'number') return new DumpOperation(identity, request(reference));
  return new DumpOperation(identity, function* () {
    return request(yield* resolveLinkIndex(identity, reference));
  });
}
