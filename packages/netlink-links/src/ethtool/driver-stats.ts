import { Errno } from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { withJson } from '../message/json.js';
import { MessageBytes } from '../message/message-bytes.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import type { ControlResult } from '../operation/request.js';
import {
  ETH_GSTRING_LEN,
  ETH_SS_STATS,
  ETHTOOL_GSSET_INFO,
  ETHTOOL_GSTATS,
  ETHTOOL_GSTRINGS,
  ETHTOOL_GSTRINGS_DATA,
  ETHTOOL_GSTRINGS_LEN,
  ETHTOOL_GSTRINGS_STRING_SET,
  ETHTOOL_SSET_INFO_DATA,
  ETHTOOL_SSET_INFO_MASK,
  ETHTOOL_STATS_DATA,
  ETHTOOL_STATS_N_STATS,
} from '../uapi/ethtool.js';
import { type Command, controlOperation, textAt } from './control.js';
import { ethtoolSubject } from './request.js';

const U32 = 4;
const U64 = 8;
/**
 * The kernel does not ask how large the memory is: it writes as many as the driver has by then. There are more of them
 * when somebody gives the device more channels in between.
 */
const SPARE_COUNTERS = 4096;
const MAX_ATTEMPTS = 8;

/** How many counters there are; negative where the driver has none. */
function countOf(command: Command): number {
  const info = new MessageBytes(ETHTOOL_SSET_INFO_DATA + U32);
  info.u32[0] = ETHTOOL_GSSET_INFO;
  info.view.setBigUint64(ETHTOOL_SSET_INFO_MASK, 1n << BigInt(ETH_SS_STATS), LITTLE_ENDIAN);
  const result = command(info);
  if (result < 0) return result;
  const isThere = info.view.getBigUint64(ETHTOOL_SSET_INFO_MASK, LITTLE_ENDIAN) !== 0n;
  return isThere ? (info.u32[ETHTOOL_SSET_INFO_DATA / U32] ?? 0) : -Errno.EOPNOTSUPP;
}

/** Reads names and values, in this order; `undefined` where their numbers differ, since they changed in between. */
function readCounters(command: Command, count: number): ControlResult<Record<string, bigint>> | undefined {
  const names = new MessageBytes(ETHTOOL_GSTRINGS_DATA + (count + SPARE_COUNTERS) * ETH_GSTRING_LEN);
  names.u32[0] = ETHTOOL_GSTRINGS;
  names.u32[ETHTOOL_GSTRINGS_STRING_SET / U32] = ETH_SS_STATS;
  names.u32[ETHTOOL_GSTRINGS_LEN / U32] = count;
  const named = command(names);
  if (named < 0) return { errno: -named };
  const values = new MessageBytes(ETHTOOL_STATS_DATA + (count + SPARE_COUNTERS) * U64);
  values.u32[0] = ETHTOOL_GSTATS;
  values.u32[ETHTOOL_STATS_N_STATS / U32] = count;
  const valued = command(values);
  if (valued < 0) return { errno: -valued };
  const numbers = [names.u32[ETHTOOL_GSTRINGS_LEN / U32], values.u32[ETHTOOL_STATS_N_STATS / U32]];
  if (numbers.some((number) => number !== count)) return undefined;
  const counters = new Map<string, bigint>();
  for (let index = 0; index < count; index += 1) {
    const name = textAt(names, ETHTOOL_GSTRINGS_DATA + index * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
    const value = values.view.getBigUint64(ETHTOOL_STATS_DATA + index * U64, LITTLE_ENDIAN);
    // Nothing keeps a driver from giving two the same name.
    counters.set(counters.has(name) ? `${name}#${index}` : name, value);
  }
  return { value: withJson(Object.fromEntries(counters)) };
}

/**
 * Reads the counters that the driver of a device has, by the driver's names; `ethtool -S`. The second of two with the
 * same name has `#` and its position behind the name.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none, `EAGAIN` where their number does not stay
 *   the same
 */
export function ethtoolDriverStatsGet(link: LinkReference): Operation<Record<string, bigint>> {
  return controlOperation(ethtoolSubject('ethtoolDriverStatsGet', 'read the counters of', link), (command) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const count = countOf(command);
      if (count < 0) return { errno: -count };
      if (count === 0) return { value: {} };
      const counters = readCounters(command, count);
      if (counters !== undefined) return counters;
    }
    return { errno: Errno.EAGAIN };
  });
}
