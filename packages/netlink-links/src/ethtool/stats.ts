import type { AttributeReader } from '../message/attribute-reader.js';
import { checkArray, mustBe } from '../message/checks.js';
import { withJson } from '../message/json.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown, type UnknownAttribute, type WithUnknown } from '../message/unknown-attribute.js';
import { NetlinkError } from '../operation/errors.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_STATS_GROUPS,
  ETHTOOL_A_STATS_GRP,
  ETHTOOL_A_STATS_GRP_HIST_BKT_HI,
  ETHTOOL_A_STATS_GRP_HIST_BKT_LOW,
  ETHTOOL_A_STATS_GRP_HIST_RX,
  ETHTOOL_A_STATS_GRP_HIST_TX,
  ETHTOOL_A_STATS_GRP_HIST_VAL,
  ETHTOOL_A_STATS_GRP_ID,
  ETHTOOL_A_STATS_GRP_PAD,
  ETHTOOL_A_STATS_GRP_SS_ID,
  ETHTOOL_A_STATS_GRP_STAT,
  ETHTOOL_MSG_STATS_GET,
} from '../uapi/ethtool-netlink.js';
import { writeBitset } from './bitset.js';
import { askDevice, ethtoolOperation, ethtoolSubject } from './request.js';
import { askStrings, STRING_SETS } from './strings.js';

const GROUPS = ['eth-phy', 'eth-mac', 'eth-ctrl', 'rmon', 'phydev'] as const;

/** Counters that standards define: IEEE 802.3 those of PHY, MAC and MAC control, RFC 2819 `rmon`. `phydev` is of Linux 6.14. */
export type EthtoolStatsGroup = (typeof GROUPS)[number];

/** Packets of some lengths. */
export interface EthtoolHistogramBucket extends WithUnknown {
  /** Bytes, from and to. */
  readonly low: number;
  readonly high: number;
  readonly packets: bigint;
}

/** The counters of a group. What the driver does not count is absent. */
export interface EthtoolStats extends WithUnknown {
  /** By the kernel's names: `FramesTransmittedOK`. */
  readonly counters: Readonly<Record<string, bigint>>;
  /** Received packets by their length. */
  readonly rxHistogram?: readonly EthtoolHistogramBucket[];
  /** Sent packets by their length. */
  readonly txHistogram?: readonly EthtoolHistogramBucket[];
}

/** A group as the kernel sends it: the names of its counters are those of a set of texts. */
interface ToldGroup {
  id: number;
  stringSet: number;
  readonly counters: Map<number, bigint>;
  rxHistogram?: EthtoolHistogramBucket[];
  txHistogram?: EthtoolHistogramBucket[];
  unknown?: readonly UnknownAttribute[] | undefined;
}

/** Reads the groups. */
export function readGroups(attributes: AttributeReader): ToldGroup[] {
  const groups: ToldGroup[] = [];
  while (attributes.next()) if (attributes.type === ETHTOOL_A_STATS_GRP) groups.push(readGroup(attributes.nested()));
  return groups;
}

function readGroup(attributes: AttributeReader): ToldGroup {
  const group: ToldGroup = { id: 0, stringSet: 0, counters: new Map() };
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_STATS_GRP_ID:
        group.id = attributes.u32();
        break;
      case ETHTOOL_A_STATS_GRP_SS_ID:
        group.stringSet = attributes.u32();
        break;
      case ETHTOOL_A_STATS_GRP_STAT: {
        // One counter in each, whose number is the attribute's.
        const counter = attributes.nested();
        while (counter.next()) group.counters.set(counter.type, counter.u64());
        break;
      }
      case ETHTOOL_A_STATS_GRP_HIST_RX:
        group.rxHistogram = [...(group.rxHistogram ?? []), readBucket(attributes.nested())];
        break;
      case ETHTOOL_A_STATS_GRP_HIST_TX:
        group.txHistogram = [...(group.txHistogram ?? []), readBucket(attributes.nested())];
        break;
      case ETHTOOL_A_STATS_GRP_PAD:
        break;
      default:
        keepUnknown(attributes, group);
    }
  return group;
}

function readBucket(attributes: AttributeReader): EthtoolHistogramBucket {
  const bucket: Mutable<EthtoolHistogramBucket> = { low: 0, high: 0, packets: 0n };
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_STATS_GRP_HIST_BKT_LOW:
        bucket.low = attributes.u32();
        break;
      case ETHTOOL_A_STATS_GRP_HIST_BKT_HI:
        bucket.high = attributes.u32();
        break;
      case ETHTOOL_A_STATS_GRP_HIST_VAL:
        bucket.packets = attributes.u64();
        break;
      case ETHTOOL_A_STATS_GRP_PAD:
        break;
      default:
        keepUnknown(attributes, bucket);
    }
  return withJson(bucket);
}

/** Gives the counters of a group their names; one without a name has its number. */
export function namedStats(
  { counters, rxHistogram, txHistogram, unknown }: ToldGroup,
  names: readonly string[],
): EthtoolStats {
  return {
    counters: withJson(
      Object.fromEntries([...counters].map(([number, value]) => [names[number] || String(number), value])),
    ),
    ...(rxHistogram !== undefined && { rxHistogram }),
    ...(txHistogram !== undefined && { txHistogram }),
    ...(unknown !== undefined && { unknown }),
  };
}

/**
 * Reads counters that standards define, by groups; `ethtool -S DEVICE --groups …`. What the driver counts by names of its
 * own is what `ethtoolDriverStatsGet` reads.
 *
 * @param groups all that the kernel has by default
 * @returns each group with its counters, none where the driver has none of them
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` for a group that the kernel does not have
 */
export function ethtoolStatsGet(
  link: LinkReference,
  groups?: readonly EthtoolStatsGroup[],
): Operation<Record<string, EthtoolStats>> {
  const subject = ethtoolSubject('ethtoolStatsGet', 'read the standard counters of', link);
  checkArray('groups', groups, 'groups of counters');
  const wanted = groups === undefined ? undefined : [...groups];
  if (wanted?.length === 0) throw mustBe('groups', 'an array of at least one group', wanted);
  for (const [index, group] of (wanted ?? []).entries())
    if (!GROUPS.includes(group)) throw mustBe(`groups[${index}]`, `one of ${GROUPS.join(', ')}`, group);
  const { identity, reference } = subject;
  return ethtoolOperation(subject, function* (family) {
    const known = yield* askStrings(family, undefined, STRING_SETS['standard-stats']);
    const missing = wanted?.find((group) => !known.includes(group));
    if (missing !== undefined)
      throw NetlinkError.failed(
        identity,
        'ERR_UNKNOWN_GROUP',
        `the kernel has no group '${missing}' of counters; it has ${known.join(', ')}`,
      );
    const told = yield* askDevice(family, ETHTOOL_MSG_STATS_GET, reference, readGroups, (writer) =>
      writeBitset(writer, ETHTOOL_A_STATS_GROUPS, new Map((wanted ?? known).map((group) => [group, true])), true),
    );
    const stats: Record<string, EthtoolStats> = {};
    for (const group of told) {
      const names = yield* askStrings(family, undefined, group.stringSet);
      stats[known[group.id] ?? String(group.id)] = namedStats(group, names);
    }
    return stats;
  });
}
