import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import { readCounters } from '../message/counters.js';
import { fieldReader, type Reading } from '../message/fields.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { type KeptUnknown, keepUnknown } from '../message/unknown-attribute.js';
import {
  NDTA_CONFIG,
  NDTA_GC_INTERVAL,
  NDTA_NAME,
  NDTA_PAD,
  NDTA_PARMS,
  NDTA_STATS,
  NDTA_THRESH1,
  NDTA_THRESH2,
  NDTA_THRESH3,
  NDTMSG_SIZE,
  NDTPA_PAD,
} from '../uapi/neighbour.js';
import type { NeighbourTable, NeighbourTableStatistics } from './neighbour-table.js';
import { TOLD } from './parameters.js';

/** Offset of `ndtc_entries` in `struct ndt_config`. */
const NDTC_ENTRIES = 4;

/** In the order of `struct ndt_stats`. */
const COUNTERS = [
  'allocations',
  'destroyed',
  'hashGrows',
  'resolutionsFailed',
  'lookups',
  'hits',
  'multicastProbesReceived',
  'unicastProbesReceived',
  'periodicGcRuns',
  'forcedGcRuns',
  'tableFulls',
] as const satisfies readonly (keyof NeighbourTableStatistics)[];

const readParameters = fieldReader<NeighbourTable>(TOLD, [], [NDTPA_PAD]);

/** Reads an `RTM_NEWNEIGHTBL`: a table, or its parameters for one link. */
export function readNeighbourTable(bytes: MessageBytes, start: number, end: number): NeighbourTable | undefined {
  if (end - start < NDTMSG_SIZE) {
    bytes.fail('a neighbour table shorter than its header');
    return undefined;
  }
  const family = bytes.u8[start] ?? 0;
  const table: Mutable<NeighbourTable> = {
    name: '',
    family: family === AF_INET ? 'ipv4' : family === AF_INET6 ? 'ipv6' : family,
  };
  const parameters: Reading<NeighbourTable> = {};
  const outside: KeptUnknown = {};
  const thresholds = new Map<number, number>();
  const attributes = new AttributeReader(bytes, start + NDTMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case NDTA_NAME:
        table.name = attributes.string();
        break;
      case NDTA_THRESH1:
      case NDTA_THRESH2:
      case NDTA_THRESH3:
        thresholds.set(attributes.type, attributes.u32());
        break;
      case NDTA_GC_INTERVAL:
        table.gcInterval = Number(attributes.u64());
        break;
      case NDTA_CONFIG:
        table.entries = attributes.u32At(NDTC_ENTRIES);
        break;
      case NDTA_STATS:
        table.statistics = readCounters(attributes, COUNTERS);
        break;
      case NDTA_PARMS:
        readParameters(attributes.nested(), parameters);
        break;
      case NDTA_PAD:
        break;
      default:
        keepUnknown(attributes, outside);
    }
  const [first, second, third] = [NDTA_THRESH1, NDTA_THRESH2, NDTA_THRESH3].map((type) => thresholds.get(type));
  if (first !== undefined && second !== undefined && third !== undefined) table.gcThresholds = [first, second, third];
  if (outside.unknown !== undefined) table.unknownCommon = outside.unknown;
  return { ...table, ...parameters };
}
