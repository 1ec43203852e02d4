import type { Found } from '../action/kinds/kind.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { TCM_IFINDEX_MAGIC_BLOCK } from '../uapi/pkt-cls.js';
import { TCA_CHAIN, TCA_KIND, TCA_OPTIONS, TCMSG_SIZE } from '../uapi/pkt-sched.js';
import type { CheckedFilter, CheckedPlace } from './check.js';

/** Where filters are, as the kernel numbers it. */
export interface FilterHeader {
  /** The index of the link, unless it is a block. */
  readonly ifindex: number;
  readonly block?: number | undefined;
  readonly parent: number;
  readonly handle?: number;
  readonly priority?: number;
  readonly protocol?: number;
}

/** Writes `struct tcmsg` of a filter. */
export function writeFilterHeader(message: MessageWriter, header: FilterHeader): void {
  const { ifindex, block, parent, handle = 0, priority = 0, protocol = 0 } = header;
  message.header(TCMSG_SIZE, (view, at) => {
    view.setUint32(at + 4, block === undefined ? ifindex : TCM_IFINDEX_MAGIC_BLOCK, LITTLE_ENDIAN);
    view.setUint32(at + 8, handle, LITTLE_ENDIAN);
    view.setUint32(at + 12, block ?? parent, LITTLE_ENDIAN);
    // The priority, and the protocol in network byte order.
    view.setUint16(at + (LITTLE_ENDIAN ? 18 : 16), priority, LITTLE_ENDIAN);
    view.setUint16(at + (LITTLE_ENDIAN ? 16 : 18), protocol, false);
  });
}

/** Writes where a filter is, and its kind if that is known. */
export function writeFilterPlace(writer: MessageWriter, place: CheckedPlace, found: Found): void {
  const { link, block, parent, handle, priority, protocol, chain, kernelName } = place;
  const ifindex = link === undefined ? 0 : found.ifindex(link);
  writeFilterHeader(writer, { ifindex, block, parent, handle, priority, protocol });
  if (chain !== undefined) writer.u32(TCA_CHAIN, chain);
  if (kernelName !== undefined) writer.string(TCA_KIND, kernelName);
}

/** Writes a filter with its options. */
export function writeFilter(writer: MessageWriter, filter: CheckedFilter, found: Found): void {
  const { kind, spec } = filter;
  writeFilterPlace(writer, filter, found);
  writer.nest(TCA_OPTIONS, (options) => {
    kind.write(options, spec, found, filter.protocol);
    if (spec.unknown !== undefined) writeUnknown(options, spec.unknown);
  });
  if (spec.unknownCommon !== undefined) writeUnknown(writer, spec.unknownCommon);
}
