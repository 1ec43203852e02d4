import { filterOf, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETQDISC } from '../uapi/rtnetlink.js';
import { checkQdiscKind } from './check.js';
import { formatParent, parseParent, type QdiscHandle } from './handle.js';
import type { Qdisc, QdiscKindName } from './qdisc.js';
import { readQdisc } from './read.js';
import { writeQdiscHeader } from './write.js';

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
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function qdiscList(filter: QdiscFilter | LinkReference = {}): DumpOperation<Qdisc> {
  const { link, kind, parent } = filterOf<QdiscFilter>(filter, 'qdiscList', FILTER);
  if (kind !== undefined) checkQdiscKind(kind);
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
