import { AttributeReader } from '../message/attribute-reader.js';
import { readKind } from '../message/kind-name.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { addUnknown } from '../message/unknown-attribute.js';
import { formatHandle, formatParent } from '../qdisc/handle.js';
import { readStatistics } from '../qdisc/read.js';
import {
  TCA_EXT_WARN_MSG,
  TCA_FCNT,
  TCA_KIND,
  TCA_OPTIONS,
  TCA_PAD,
  TCA_RATE,
  TCA_STATS,
  TCA_STATS2,
  TCA_XSTATS,
  TCMSG_SIZE,
} from '../uapi/pkt-sched.js';
import { CLASS_KINDS } from './kinds/index.js';
import type { ClassKind } from './kinds/kind.js';
import type { TrafficClass, TrafficClassAttributes, TrafficClassKindName } from './traffic-class.js';

/** What the kernel tells and does not take, or tells twice. */
const PASSED_OVER: ReadonlySet<number> = new Set([TCA_STATS, TCA_RATE, TCA_FCNT, TCA_PAD, TCA_EXT_WARN_MSG]);

/** Reads the payload of `RTM_NEWTCLASS` or `RTM_DELTCLASS`. */
export function readClass(bytes: MessageBytes, start: number, end: number): TrafficClass | undefined {
  if (end - start < TCMSG_SIZE) {
    bytes.fail('a message about a class is shorter than its header');
    return undefined;
  }
  const words = bytes.u32;
  const at = start >> 2;
  const common: Mutable<TrafficClassAttributes> = {
    classid: formatHandle(words[at + 2] ?? 0),
    parent: formatParent(words[at + 3] ?? 0),
    ifindex: bytes.i32[at + 1] ?? 0,
  };
  const leaf = words[at + 4] ?? 0;
  if (leaf !== 0) common.leaf = formatHandle(leaf);
  let kernelKind = '';
  let options: AttributeReader | undefined;
  let counters: AttributeReader | undefined;
  const attributes = new AttributeReader(bytes, start + TCMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case TCA_KIND:
        kernelKind = attributes.string();
        break;
      case TCA_OPTIONS:
        options = attributes.standing();
        break;
      case TCA_XSTATS:
        counters = attributes.standing();
        break;
      case TCA_STATS2:
        common.statistics = readStatistics(attributes.nested());
        break;
      default:
        // Number 0 is that of no attribute.
        if (attributes.type !== 0 && !PASSED_OVER.has(attributes.type))
          common.unknownCommon = addUnknown(common.unknownCommon, bytes, attributes.start, attributes.length);
    }
  const named = readKind<TrafficClassKindName>(CLASS_KINDS, kernelKind);
  const read = { ...named, ...common } as TrafficClass;
  const kind = CLASS_KINDS[named.kind] as ClassKind<TrafficClass>;
  if (options !== undefined) kind.read?.(options, read);
  if (counters !== undefined) kind.readCounters?.(counters, read);
  return read;
}
