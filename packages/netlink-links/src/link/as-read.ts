import { IFF_KNOWN, IFF_OTHER_SETTINGS } from '../uapi/if.js';
import type { LinkAttributes, LinkFlag } from './attributes/attributes.js';
import type { NewLinkSettings } from './attributes/settings.js';
import { OTHER_FLAGS, type WithOtherFlags } from './attributes/write.js';
import { TOLD_OF_LINKS } from './check.js';
import type { LinkKind } from './kinds/kind.js';

/** Flags that no setting stands for. Those that have no name yet are settings for all that is known of them. */
export const SETTINGS_WITHOUT_NAME = IFF_OTHER_SETTINGS | ~IFF_KNOWN;

/** Whether it is a link as it was read, which has what only the kernel tells. */
export function isAsRead(link: object): boolean {
  return 'rawFlags' in link;
}

/**
 * The settings that a link as it was read stands for: its flags as switches, its master and the link below it by their
 * indexes. What is given beside them counts. Settings that were not read are returned as they are.
 */
export function settingsOf<L extends NewLinkSettings>(link: L, kind: LinkKind<object> | undefined): L {
  if (!isAsRead(link)) return link;
  const { flags = [], rawFlags = 0, masterIndex, parentIndex, slaveKind } = link as Partial<LinkAttributes>;
  const has = (flag: LinkFlag): boolean => flags.includes(flag);
  const told: NewLinkSettings = {
    // A bond brings its ports up by itself, and takes none that is up.
    ...(slaveKind !== 'bond' && { up: has('up') }),
    promisc: has('promisc'),
    multicast: has('multicast'),
    arp: !has('noarp'),
    dynamic: has('dynamic'),
    trailers: !has('notrailers'),
    ...(masterIndex !== undefined && { master: masterIndex }),
    ...(parentIndex !== undefined && parentIndex !== 0 && kind?.hasParent === true && { parent: parentIndex }),
  };
  const given = Object.entries(link).filter(
    ([property, value]) =>
      value !== undefined &&
      !TOLD_OF_LINKS.includes(property) &&
      // It follows when the link has its master.
      property !== 'masterPort' &&
      // These two are told of all links, and settings of few.
      (property !== 'carrier' || kind?.keepsCarrier === true) &&
      !(property === 'protoDown' && value === false),
  );
  const own = Object.fromEntries(given);
  const otherFlags = rawFlags & SETTINGS_WITHOUT_NAME;
  const settings: NewLinkSettings & WithOtherFlags = {
    ...told,
    ...(otherFlags !== 0 && { [OTHER_FLAGS]: { flags: otherFlags, change: otherFlags } }),
    ...(kind?.asRead?.(own) ?? own),
  };
  // Read, it is how many have asked for it.
  if (typeof settings.allMulticast === 'number') settings.allMulticast = has('allmulti');
  return settings as L;
}
