import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import type { AttributeReader } from '../message/attribute-reader.js';
import { mustBe } from '../message/checks.js';
import { NetlinkError } from '../operation/errors.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation, Program } from '../operation/operation.js';
import {
  ETHTOOL_A_FEATURES_ACTIVE,
  ETHTOOL_A_FEATURES_HW,
  ETHTOOL_A_FEATURES_NOCHANGE,
  ETHTOOL_A_FEATURES_WANTED,
  ETHTOOL_MSG_FEATURES_GET,
  ETHTOOL_MSG_FEATURES_SET,
} from '../uapi/ethtool-netlink.js';
import { type NamedBits, readBitset, writeBitset } from './bitset.js';
import { askDevice, ethtoolOperation, ethtoolSubject } from './request.js';

/** What a device can do for the kernel. */
export interface EthtoolFeature {
  /** Whether it is in use. */
  readonly active: boolean;
  /** Whether it was asked for; another setting may be in its way. */
  readonly wanted: boolean;
  /** Whether it can be switched. */
  readonly changeable: boolean;
}

/** `ethtool -K`'s short names, and the kernel's that they stand for. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  rx: /^rx-checksum$/,
  tx: /^tx-checksum-/,
  sg: /^tx-scatter-gather/,
  tso: /^tx-tcp.*-segmentation$/,
  gso: /^tx-generic-segmentation$/,
  gro: /^rx-gro$/,
  lro: /^rx-lro$/,
  rxvlan: /^rx-vlan-hw-parse$/,
  txvlan: /^tx-vlan-hw-insert$/,
  ntuple: /^rx-ntuple-filter$/,
  rxhash: /^rx-hashing$/,
};

const NONE: NamedBits = new Map();

/** Reads what a device can do. @param known names of the features, for notifications */
export function readFeatures(
  attributes: AttributeReader,
  known: readonly string[] = [],
): Record<string, EthtoolFeature> {
  const sets = new Map<number, NamedBits>();
  while (attributes.next())
    if (attributes.type >= ETHTOOL_A_FEATURES_HW && attributes.type <= ETHTOOL_A_FEATURES_NOCHANGE)
      sets.set(attributes.type, readBitset(attributes.nested(), known));
  const isIn = (set: number, name: string): boolean => (sets.get(set) ?? NONE).get(name) === true;
  // The first has all features, and bits that are of none, whose name is a number.
  const names = (sets.get(ETHTOOL_A_FEATURES_HW) ?? NONE).keys();
  return Object.fromEntries(
    [...names]
      .filter((name) => !/^\d+$/.test(name))
      .map((name) => [
        name,
        {
          active: isIn(ETHTOOL_A_FEATURES_ACTIVE, name),
          wanted: isIn(ETHTOOL_A_FEATURES_WANTED, name),
          changeable: isIn(ETHTOOL_A_FEATURES_HW, name) && !isIn(ETHTOOL_A_FEATURES_NOCHANGE, name),
        },
      ]),
  );
}

/** What of the wanted features did not become so, as it is. */
export function readRefused(attributes: AttributeReader): Record<string, boolean> {
  let refused: NamedBits = NONE;
  while (attributes.next())
    if (attributes.type === ETHTOOL_A_FEATURES_WANTED) refused = readBitset(attributes.nested());
  return Object.fromEntries([...refused].map(([name, wanted]) => [name, !wanted]));
}

function* askFeatures(family: number, link: string | number): Program<Record<string, EthtoolFeature>> {
  return yield* askDevice(family, ETHTOOL_MSG_FEATURES_GET, link, (attributes) => readFeatures(attributes));
}

/**
 * Reads what a device can do for the kernel, by the kernel's names: `'tx-tcp-segmentation'`.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function ethtoolFeaturesGet(link: LinkReference): Operation<Record<string, EthtoolFeature>> {
  const subject = ethtoolSubject('ethtoolFeaturesGet', 'read the features of', link);
  return ethtoolOperation(subject, (family) => askFeatures(family, subject.reference));
}

/** The kernel's names for what is wanted. @throws the name that it does not have, in place of a result */
function wantedBits(known: Readonly<Record<string, EthtoolFeature>>, wanted: ReadonlyMap<string, boolean>): NamedBits {
  const bits = new Map<string, boolean>();
  for (const [name, value] of wanted) {
    const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
    if (group === undefined) bits.set(name, value);
    else
      for (const [feature, { changeable }] of Object.entries(known))
        if (group.test(feature) && changeable) bits.set(feature, value);
  }
  return bits;
}

/** The names that have a part in common with another one. */
function near(name: string, names: readonly string[]): string[] {
  const parts = name.split(/[-_]/).filter((part) => part.length > 2);
  return names.filter((other) => parts.some((part) => other.includes(part)));
}

/**
 * Switches what a device does for the kernel on or off. `ethtool`'s short names `tso`, `gso`, `gro`, `lro`, `rx`, `tx`,
 * `sg`, `rxvlan`, `txvlan`, `ntuple` and `rxhash` stand for all that they mean and that can be switched.
 *
 * @returns what did not become as wanted, as it is: another setting was in its way, or it cannot be switched
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ERR_UNKNOWN_FEATURE` for a name that the kernel does not have
 */
export function ethtoolFeaturesSet(
  link: LinkReference,
  features: Readonly<Record<string, boolean>>,
): Operation<Record<string, boolean>> {
  const subject = ethtoolSubject('ethtoolFeaturesSet', 'set the features of', link);
  if (typeof features !== 'object' || features === null || Array.isArray(features))
    throw mustBe('features', 'an object of names and booleans', features);
  const wanted = new Map(Object.entries(features));
  if (wanted.size === 0) throw new InvalidOptionError('features', 'ethtoolFeaturesSet needs at least one feature');
  for (const [name, value] of wanted) {
    if (value === undefined) throw mustBe(`features['${name}']`, 'a boolean', value);
    checkBoolean(`features['${name}']`, value);
    if (name === '' || name.includes('\0')) throw mustBe('features', 'an object of names and booleans', name);
  }
  const { identity, reference } = subject;
  return ethtoolOperation(subject, function* (family) {
    const known = yield* askFeatures(family, reference);
    const bits = wantedBits(known, wanted);
    const names = Object.keys(known);
    for (const name of bits.keys()) {
      if (names.includes(name)) continue;
      const candidates = near(name, names);
      throw NetlinkError.failed(
        identity,
        'ERR_UNKNOWN_FEATURE',
        `the kernel has no feature '${name}'; ${candidates.length === 0 ? 'it has' : 'near it are'} ${(candidates.length === 0 ? names : candidates).join(', ')}`,
      );
    }
    if (bits.size === 0) return Object.fromEntries([...wanted].map(([name, value]) => [name, !value]));
    return yield* askDevice(family, ETHTOOL_MSG_FEATURES_SET, reference, readRefused, (writer) =>
      writeBitset(writer, ETHTOOL_A_FEATURES_WANTED, bits),
    );
  });
}
