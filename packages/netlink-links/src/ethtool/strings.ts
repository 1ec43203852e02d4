import { withFamily } from '../generic/family-reference.js';
import type { AttributeReader } from '../message/attribute-reader.js';
import { mustBe } from '../message/checks.js';
import { NamedNumbers } from '../message/named-numbers.js';
import type { LinkReference } from '../operation/link-reference.js';
import { Operation, type Program } from '../operation/operation.js';
import {
  ETHTOOL_A_STRING_INDEX,
  ETHTOOL_A_STRING_VALUE,
  ETHTOOL_A_STRINGS_STRING,
  ETHTOOL_A_STRINGSET_ID,
  ETHTOOL_A_STRINGSET_STRINGS,
  ETHTOOL_A_STRINGSETS_STRINGSET,
  ETHTOOL_A_STRSET_STRINGSETS,
  ETHTOOL_GENL_NAME,
  ETHTOOL_MSG_STRSET_GET,
} from '../uapi/ethtool-netlink.js';
import { askDevice, ethtoolOperation, ethtoolSubject } from './request.js';

/** `enum ethtool_stringset` of `<linux/ethtool.h>` */
export const STRING_SETS = {
  test: 0,
  stats: 1,
  'priv-flags': 2,
  'ntuple-filters': 3,
  features: 4,
  'rss-hash-functions': 5,
  tunables: 6,
  'phy-stats': 7,
  'phy-tunables': 8,
  'link-modes': 9,
  'message-classes': 10,
  'wake-on-lan-modes': 11,
  'timestamping-flags': 12,
  'timestamping-tx-types': 13,
  'timestamping-rx-filters': 14,
  'udp-tunnel-types': 15,
  'standard-stats': 16,
  'eth-phy-stats': 17,
  'eth-mac-stats': 18,
  'eth-ctrl-stats': 19,
  'rmon-stats': 20,
} as const;

/** A set of names that the kernel, or the driver of a device, has: of its counters, its features. */
export type EthtoolStringSet = keyof typeof STRING_SETS | number;

const sets = new NamedNumbers('set', STRING_SETS, 0xffffffff);

export function readStrings(attributes: AttributeReader): string[] {
  const strings: string[] = [];
  while (attributes.next()) {
    if (attributes.type !== ETHTOOL_A_STRSET_STRINGSETS) continue;
    const all = attributes.nested();
    while (all.next()) {
      if (all.type !== ETHTOOL_A_STRINGSETS_STRINGSET) continue;
      const set = all.nested();
      while (set.next()) {
        if (set.type !== ETHTOOL_A_STRINGSET_STRINGS) continue;
        const list = set.nested();
        while (list.next()) if (list.type === ETHTOOL_A_STRINGS_STRING) readString(list.nested(), strings);
      }
    }
  }
  return strings;
}

function readString(string: AttributeReader, into: string[]): void {
  let value = '';
  while (string.next())
    if (string.type === ETHTOOL_A_STRING_VALUE) value = string.string();
    else if (string.type !== ETHTOOL_A_STRING_INDEX) continue;
  // They come in the order of their numbers.
  into.push(value);
}

/** Asks for a set of names. @param link whose; `undefined` for a set that the kernel has for all devices */
export function askStrings(family: number, link: string | number | undefined, set: number): Program<string[]> {
  return askDevice(family, ETHTOOL_MSG_STRSET_GET, link, readStrings, (writer) =>
    writer.nest(
      ETHTOOL_A_STRSET_STRINGSETS,
      (all) => all.nest(ETHTOOL_A_STRINGSETS_STRINGSET, (one) => void one.u32(ETHTOOL_A_STRINGSET_ID, set), true),
      true,
    ),
  );
}

/** The names of bits that notifications tell without names. */
export interface EthtoolNames {
  readonly features: readonly string[];
  readonly linkModes: readonly string[];
}

/** Asks for the names of bits. */
export function ethtoolNames(): Operation<EthtoolNames> {
  const identity = { name: 'ethtoolSubscribe', description: 'read the names of features', target: 'features' };
  return new Operation<EthtoolNames>(identity, () =>
    withFamily(identity, ETHTOOL_GENL_NAME, function* ({ id }) {
      return {
        features: yield* askStrings(id, undefined, STRING_SETS.features),
        linkModes: yield* askStrings(id, undefined, STRING_SETS['link-modes']),
      };
    }),
  );
}

/**
 * Reads a set of names, in the order of their numbers: those of the counters of a device, say.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function ethtoolStringsGet(link: LinkReference, set: EthtoolStringSet): Operation<string[]> {
  const subject = ethtoolSubject('ethtoolStringsGet', 'read names of', link);
  if (set === undefined) throw mustBe('set', `one of ${Object.keys(STRING_SETS).join(', ')}, or a number`, set);
  const id = sets.number(set);
  return ethtoolOperation(subject, (family) => askStrings(family, subject.reference, id));
}
