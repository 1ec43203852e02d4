import { formatFilterParent } from '../filter/check.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { addUnknown } from '../message/unknown-attribute.js';
import { TCM_IFINDEX_MAGIC_BLOCK } from '../uapi/pkt-cls.js';
import { TCA_CHAIN, TCA_KIND, TCA_OPTIONS, TCMSG_SIZE } from '../uapi/pkt-sched.js';
import type { Chain } from './chain.js';

/**
 * Reads the payload of `RTM_NEWCHAIN` or `RTM_DELCHAIN`.
 *
 * @param askedFor the parent that was asked for. The kernel tells the handle of the queueing discipline, which is the same
 *   for both sides of clsact: without this, a chain of its egress reads as one of `'ingress'`
 */
export function readChain(bytes: MessageBytes, start: number, end: number, askedFor?: number): Chain | undefined {
  if (end - start < TCMSG_SIZE) {
    bytes.fail('a message about a chain is shorter than its header');
    return undefined;
  }
  const ifindex = bytes.view.getUint32(start + 4, LITTLE_ENDIAN);
  const parent = bytes.view.getUint32(start + 12, LITTLE_ENDIAN);
  const chain: Mutable<Chain> = {
    ...(ifindex === TCM_IFINDEX_MAGIC_BLOCK
      ? { block: parent }
      : { ifindex: ifindex | 0, parent: formatFilterParent(askedFor ?? parent) }),
    chain: 0,
  };
  let kernelKind: string | undefined;
  let options: Uint8Array | undefined;
  const attributes = new AttributeReader(bytes, start + TCMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case TCA_CHAIN:
        chain.chain = attributes.u32();
        break;
      case TCA_KIND:
        kernelKind = attributes.string();
        break;
      case TCA_OPTIONS:
        options = attributes.copy();
        break;
      // Number 0 is that of no attribute.
      case 0:
        break;
      default:
        chain.unknownCommon = addUnknown(chain.unknownCommon, bytes, attributes.start, attributes.length);
    }
  if (kernelKind !== undefined) chain.template = options === undefined ? { kernelKind } : { kernelKind, options };
  return chain;
}
