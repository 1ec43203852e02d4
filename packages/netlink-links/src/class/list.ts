import { filterOf, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { formatHandle, formatParent, parseParent, type QdiscHandle } from '../qdisc/handle.js';
import { linkIndexes } from '../qdisc/link-indexes.js';
import { writeQdiscHeader } from '../qdisc/write.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETTCLASS } from '../uapi/rtnetlink.js';
import { checkClassid } from './check.js';
import { readClass } from './read.js';
import type { TrafficClass } from './traffic-class.js';

/** Which classes to list; what is left out does not matter. */
export interface TrafficClassFilter {
  link?: LinkReference | undefined;
  /** `'root'`, or the class or queueing discipline (`'1:'`: all of its classes) that they are below. */
  parent?: QdiscHandle | undefined;
  classid?: QdiscHandle | undefined;
}

const FILTER = propertiesOf<TrafficClassFilter>(
  { link: 'set', parent: 'set', classid: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link', handle: 'classid' },
);

/**
 * Lists the traffic classes of all links or of one, those that the kernel has for its own queueing disciplines included. Of
 * all links they are asked for one link after the other.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function classList(filter: TrafficClassFilter | LinkReference = {}): Operation<TrafficClass[]> {
  const { link, parent, classid } = filterOf<TrafficClassFilter>(filter, 'classList', FILTER);
  const below = parent === undefined ? undefined : parseParent(parent);
  const number = classid === undefined ? undefined : formatHandle(checkClassid(classid));
  // All classes of a queueing discipline have its number.
  const major = below !== undefined && (below & 0xffff) === 0 && below !== 0 ? formatHandle(below) : undefined;
  const place = below === undefined || major !== undefined ? undefined : formatParent(below);
  const classesOf = (ifindex: number): Program<TrafficClass[]> => {
    const message = new MessageWriter(RTM_GETTCLASS, NLM_F_DUMP);
    writeQdiscHeader(message, ifindex, 0, 0);
    return ask(
      dump(message.finish(), (bytes, start, end) => {
        const read = readClass(bytes, start, end);
        if (read === undefined || read.ifindex !== ifindex) return undefined;
        if (number !== undefined && read.classid !== number) return undefined;
        if (major !== undefined && !read.classid.startsWith(major)) return undefined;
        return place === undefined || read.parent === place ? read : undefined;
      }),
    );
  };
  if (link === undefined)
    return new Operation({ name: 'classList', description: 'list the classes', target: 'classes' }, function* () {
      const found: TrafficClass[] = [];
      for (const ifindex of yield* linkIndexes()) found.push(...(yield* classesOf(ifindex)));
      return found;
    });
  const target = describeLink(link);
  const identity: OperationIdentity = { name: 'classList', description: `list the classes of ${target}`, target };
  const reference = checkLinkReference(link);
  return new Operation(identity, function* () {
    return yield* classesOf(yield* resolveLinkIndex(identity, reference));
  });
}
