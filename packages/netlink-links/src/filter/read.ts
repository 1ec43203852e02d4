import { AttributeReader } from '../message/attribute-reader.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { readKind } from '../message/kind-name.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { addUnknown } from '../message/unknown-attribute.js';
import { TCM_IFINDEX_MAGIC_BLOCK } from '../uapi/pkt-cls.js';
import {
  TCA_CHAIN,
  TCA_EXT_WARN_MSG,
  TCA_FCNT,
  TCA_KIND,
  TCA_OPTIONS,
  TCA_PAD,
  TCA_STATS,
  TCA_STATS2,
  TCA_XSTATS,
  TCMSG_SIZE,
} from '../uapi/pkt-sched.js';
import { formatFilterParent } from './check.js';
import type { Filter, FilterAttributes, FilterKindName, FilterPlace } from './filter.js';
import { FILTER_KINDS } from './kinds/index.js';
import type { FilterKind } from './kinds/kind.js';
import { filterProtocols } from './kinds/protocol.js';
import { isOwnTable } from './kinds/u32.js';

/** What the kernel tells and does not take. */
const PASSED_OVER: ReadonlySet<number> = new Set([
  TCA_STATS,
  TCA_STATS2,
  TCA_XSTATS,
  TCA_FCNT,
  TCA_PAD,
  TCA_EXT_WARN_MSG,
]);

/** Reads where a filter is from `struct tcmsg`. Its chain and how its kind writes the handle are not said there. */
function placeAt(bytes: MessageBytes, start: number): Mutable<FilterAttributes> {
  const words = bytes.u32;
  const at = start >> 2;
  const ifindex = words[at + 1] ?? 0;
  const handle = words[at + 2] ?? 0;
  const parent = words[at + 3] ?? 0;
  const priority = bytes.view.getUint16(start + (LITTLE_ENDIAN ? 18 : 16), LITTLE_ENDIAN);
  const protocol = filterProtocols.name(protocolAt(bytes, start));
  return ifindex === TCM_IFINDEX_MAGIC_BLOCK
    ? { block: parent, chain: 0, priority, protocol, handle }
    : { ifindex: ifindex | 0, parent: formatFilterParent(parent), chain: 0, priority, protocol, handle };
}

function protocolAt(bytes: MessageBytes, start: number): number {
  return bytes.view.getUint16(start + (LITTLE_ENDIAN ? 16 : 18), false);
}

function isTooShort(bytes: MessageBytes, start: number, end: number): boolean {
  if (end - start >= TCMSG_SIZE) return false;
  bytes.fail('a message about a filter is shorter than its header');
  return true;
}

/** Reads where the filter is that the kernel has made, and not what it is; `undefined` where the kernel does not say. */
export function readFilterPlace(
  bytes: MessageBytes,
  start: number,
  end: number,
  { formatHandle }: Pick<FilterKind<object>, 'formatHandle'>,
): FilterPlace | undefined {
  if (isTooShort(bytes, start, end)) return undefined;
  const place = placeAt(bytes, start);
  if (formatHandle !== undefined) place.handle = formatHandle(bytes.u32[(start >> 2) + 2] ?? 0);
  const attributes = new AttributeReader(bytes, start + TCMSG_SIZE, end);
  let hasOptions = false;
  while (attributes.next())
    if (attributes.type === TCA_CHAIN) place.chain = attributes.u32();
    else if (attributes.type === TCA_OPTIONS) hasOptions = true;
  // Of a new matchall the kernel tells neither (`mall_change` gives back the one before), and 0 would mean all of the priority.
  return hasOptions || bytes.u32[(start >> 2) + 2] !== 0 ? place : undefined;
}

/**
 * Reads the payload of `RTM_NEWTFILTER` or `RTM_DELTFILTER`. What the kernel tells besides filters is left out: that
 * there is a priority, and the table that it makes for one of u32.
 */
export function readFilter(bytes: MessageBytes, start: number, end: number): Filter | undefined {
  if (isTooShort(bytes, start, end)) return undefined;
  const handle = bytes.u32[(start >> 2) + 2] ?? 0;
  const common = placeAt(bytes, start);
  let kernelKind = '';
  let options: AttributeReader | undefined;
  const attributes = new AttributeReader(bytes, start + TCMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case TCA_KIND:
        kernelKind = attributes.string();
        break;
      case TCA_CHAIN:
        common.chain = attributes.u32();
        break;
      case TCA_OPTIONS:
        options = attributes.nested();
        break;
      default:
        // Number 0 is that of no attribute.
        if (attributes.type !== 0 && !PASSED_OVER.has(attributes.type))
          common.unknownCommon = addUnknown(common.unknownCommon, bytes, attributes.start, attributes.length);
    }
  if (options === undefined && handle === 0) return undefined;
  const named = readKind<FilterKindName>(FILTER_KINDS, kernelKind);
  const kind = FILTER_KINDS[named.kind] as FilterKind<object>;
  if (kind.formatHandle !== undefined) common.handle = kind.formatHandle(handle);
  const filter = { ...named, ...common } as Filter;
  if (options !== undefined) kind.read(options, filter as object, handle, protocolAt(bytes, start));
  return filter.kind === 'u32' && isOwnTable(handle, filter.divisor) ? undefined : filter;
}
