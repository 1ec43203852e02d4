import { AF_INET, AF_INET6, AF_UNSPEC } from 'netns-core/sys';
import { writeFields } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import {
  NDTA_GC_INTERVAL,
  NDTA_NAME,
  NDTA_PARMS,
  NDTA_THRESH1,
  NDTA_THRESH2,
  NDTA_THRESH3,
  NDTMSG_SIZE,
  NDTPA_IFINDEX,
} from '../uapi/neighbour.js';
import { PARAMETERS } from './parameters.js';
import type { NeighbourTableSettings } from './spec.js';

/** Writes `struct ndtmsg`. */
export function writeNeighbourTableHeader(message: MessageWriter, family = AF_UNSPEC): void {
  message.header(NDTMSG_SIZE, (view, at) => view.setUint8(at, family));
}

/** Writes what is to change in a table. @param ifindex of the link, or 0 */
export function writeNeighbourTable(
  message: MessageWriter,
  name: string,
  settings: NeighbourTableSettings,
  ifindex: number,
): void {
  writeNeighbourTableHeader(message, name === 'arp_cache' ? AF_INET : AF_INET6);
  message.string(NDTA_NAME, name);
  const { gcThresholds, gcInterval, unknown, unknownCommon } = settings;
  if (gcThresholds !== undefined) {
    const [first, second, third] = gcThresholds;
    message.u32(NDTA_THRESH1, first).u32(NDTA_THRESH2, second).u32(NDTA_THRESH3, third);
  }
  if (gcInterval !== undefined) message.u64(NDTA_GC_INTERVAL, BigInt(gcInterval));
  message.nest(
    NDTA_PARMS,
    (parameters) => {
      if (ifindex !== 0) parameters.u32(NDTPA_IFINDEX, ifindex);
      writeFields(parameters, PARAMETERS, settings);
      if (unknown !== undefined) writeUnknown(parameters, unknown);
    },
    false,
    false,
  );
  if (unknownCommon !== undefined) writeUnknown(message, unknownCommon);
}
