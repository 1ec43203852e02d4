import { AttributeReader } from '../message/attribute-reader.js';
import { withJson } from '../message/json.js';
import { readKind } from '../message/kind-name.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { addUnknown, keepUnknown } from '../message/unknown-attribute.js';
import {
  TCA_CHAIN,
  TCA_DUMP_FLAGS,
  TCA_DUMP_INVISIBLE,
  TCA_EGRESS_BLOCK,
  TCA_EXT_WARN_MSG,
  TCA_FCNT,
  TCA_HW_OFFLOAD,
  TCA_INGRESS_BLOCK,
  TCA_KIND,
  TCA_OPTIONS,
  TCA_PAD,
  TCA_RATE,
  TCA_STAB,
  TCA_STATS,
  TCA_STATS_APP,
  TCA_STATS_BASIC,
  TCA_STATS_BASIC_HW,
  TCA_STATS_PAD,
  TCA_STATS_PKT64,
  TCA_STATS_QUEUE,
  TCA_STATS_RATE_EST,
  TCA_STATS_RATE_EST64,
  TCA_STATS2,
  TCA_XSTATS,
  TCMSG_SIZE,
} from '../uapi/pkt-sched.js';
import { formatHandle, formatParent } from './handle.js';
import { QDISC_KINDS } from './kinds/index.js';
import type { QdiscKind } from './kinds/kind.js';
import type { Qdisc, QdiscAttributes, QdiscKindName, QdiscStatistics } from './qdisc.js';
import { readSizeTable } from './size-table.js';

/** What the kernel tells and does not take, or takes and does not tell, and what is of other objects. */
const PASSED_OVER: ReadonlySet<number> = new Set([
  TCA_STATS,
  TCA_XSTATS,
  TCA_RATE,
  TCA_FCNT,
  TCA_PAD,
  TCA_DUMP_INVISIBLE,
  TCA_CHAIN,
  TCA_HW_OFFLOAD,
  TCA_DUMP_FLAGS,
  TCA_EXT_WARN_MSG,
]);

/** Reads the payload of `RTM_NEWQDISC` or `RTM_DELQDISC`. */
export function readQdisc(bytes: MessageBytes, start: number, end: number): Qdisc | undefined {
  if (end - start < TCMSG_SIZE) {
    bytes.fail('a message about a queueing discipline is shorter than its header');
    return undefined;
  }
  const words = bytes.u32;
  const at = start >> 2;
  const common: Mutable<QdiscAttributes> = {
    handle: formatHandle(words[at + 2] ?? 0),
    parent: formatParent(words[at + 3] ?? 0),
    ifindex: bytes.i32[at + 1] ?? 0,
    references: words[at + 4] ?? 0,
  };
  let kernelKind = '';
  let options: AttributeReader | undefined;
  let statistics: AttributeReader | undefined;
  const attributes = new AttributeReader(bytes, start + TCMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case TCA_KIND:
        kernelKind = attributes.string();
        break;
      case TCA_OPTIONS:
        // The readers of kinds want a reader that stands on the attribute: some begin with a structure.
        options = attributes.standing();
        break;
      case TCA_STATS2:
        statistics = attributes.nested();
        break;
      case TCA_STAB: {
        const table = readSizeTable(attributes.nested());
        if (table !== undefined) common.sizeTable = table;
        break;
      }
      case TCA_INGRESS_BLOCK:
        common.ingressBlock = attributes.u32();
        break;
      case TCA_EGRESS_BLOCK:
        common.egressBlock = attributes.u32();
        break;
      default:
        // Number 0 is that of no attribute.
        if (attributes.type !== 0 && !PASSED_OVER.has(attributes.type))
          common.unknownCommon = addUnknown(common.unknownCommon, bytes, attributes.start, attributes.length);
    }
  const named = readKind<QdiscKindName>(QDISC_KINDS, kernelKind);
  const kind = QDISC_KINDS[named.kind] as QdiscKind<Qdisc>;
  if (statistics !== undefined) common.statistics = readStatistics(statistics, kind);
  const qdisc = { ...named, ...common } as Qdisc;
  if (options !== undefined) kind.read?.(options, qdisc);
  return qdisc;
}

/** Reads the attributes inside `TCA_STATS2`; `<linux/gen_stats.h>`. */
export function readStatistics(attributes: AttributeReader, kind?: QdiscKind<Qdisc>): QdiscStatistics {
  const statistics: Mutable<QdiscStatistics> & { kind?: object } = {
    bytes: 0n,
    packets: 0n,
    queuedPackets: 0,
    queuedBytes: 0,
    drops: 0,
    requeues: 0,
    overlimits: 0,
  };
  let packets64: bigint | undefined;
  let rate: QdiscStatistics['rateEstimate'];
  let rate64: QdiscStatistics['rateEstimate'];
  while (attributes.next())
    switch (attributes.type) {
      case TCA_STATS_BASIC:
        statistics.bytes = attributes.u64At(0);
        statistics.packets = BigInt(attributes.u32At(8));
        break;
      case TCA_STATS_RATE_EST:
        rate = { bytesPerSecond: attributes.u32At(0), packetsPerSecond: attributes.u32At(4) };
        break;
      case TCA_STATS_RATE_EST64:
        rate64 = { bytesPerSecond: Number(attributes.u64At(0)), packetsPerSecond: Number(attributes.u64At(8)) };
        break;
      case TCA_STATS_APP:
        if (kind?.readStatistics !== undefined) statistics.kind = kind.readStatistics(attributes);
        break;
      case TCA_STATS_PKT64:
        packets64 = attributes.u64();
        break;
      case TCA_STATS_QUEUE:
        statistics.queuedPackets = attributes.u32At(0);
        statistics.queuedBytes = attributes.u32At(4);
        statistics.drops = attributes.u32At(8);
        statistics.requeues = attributes.u32At(12);
        statistics.overlimits = attributes.u32At(16);
        break;
      case TCA_STATS_BASIC_HW:
      case TCA_STATS_PAD:
        break;
      default:
        keepUnknown(attributes, statistics);
    }
  if (packets64 !== undefined) statistics.packets = packets64;
  const rateEstimate = rate64 ?? rate;
  if (rateEstimate !== undefined) statistics.rateEstimate = rateEstimate;
  return withJson(statistics);
}
