import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { isDeepStrictEqual } from '../message/deep-equal.js';
import { SETTINGS_WITHOUT_NAME, settingsOf } from './as-read.js';
import { OTHER_FLAGS, type Related } from './attributes/write.js';
import type { ChangedSettings } from './change.js';
import { isProperty, linkKind } from './check.js';
import type { LinkKind } from './kinds/kind.js';
import type { Link } from './link.js';

/** What is to be sent to make a link what was read of it, or of another one. */
export interface Differences {
  readonly settings: ChangedSettings;
  readonly related: Related;
  /** What is particular to the kind, with its `type`; empty where nothing of it differs. */
  readonly kindOf: ChangedSettings;
}

/** What a link as it was read says by leaving it out. */
const ABSENT = { alias: '', master: null, ipv6Token: '::' } as const;

/** The kernel takes no notice of them in a change. */
const FIXED = ['numTxQueues', 'numRxQueues', 'altNames'] as const;

/** The settings of a link as it was read, together with what it says by leaving it out. */
export function wholeSettings<L extends ChangedSettings>(link: L, kind: LinkKind<object> | undefined): L {
  return { ...ABSENT, ...settingsOf(link, kind) };
}

/**
 * What of a link as it was read is not so now. The kernel refuses attributes that cannot be changed even if they say
 * what is so already, those of a VXLAN for example, and no link takes all of what is told of it. So what is the same is
 * left out, and what differs and cannot be changed is refused by the kernel in its own words.
 *
 * @param asked the link as it was read, with what is said beside
 * @param wanted its settings
 * @param related the links that it names
 * @throws InvalidOptionError for what differs and cannot be said in a change
 */
export function differences(asked: ChangedSettings, wanted: ChangedSettings, related: Related, now: Link): Differences {
  const kind = linkKind(asked.type);
  const current: Readonly<Record<string, unknown>> = wholeSettings(
    now as Link & ChangedSettings,
    linkKind(now.type),
  ) as never;
  const differing = Object.entries(wanted).filter(([property, value]) => !isDeepStrictEqual(value, current[property]));
  const settings: Record<string, unknown> = Object.fromEntries(differing);
  for (const property of FIXED)
    if (settings[property] !== undefined)
      throw new InvalidOptionError(
        property,
        `${property} cannot be changed: link ${now.name} has ${shown(current[property])}, not ${shown(settings[property])}`,
      );
  const { xdp } = asked as Partial<Link>;
  if (xdp !== undefined && !isDeepStrictEqual(xdp, now.xdp))
    throw new InvalidOptionError(
      'xdp',
      `xdp cannot be changed: link ${now.name} has ${now.xdp === undefined ? 'no XDP program' : 'another XDP program'} now; leave out \`xdp\``,
    );
  if (settings.unknownCommon !== undefined) {
    const left = (wanted.unknownCommon ?? []).filter(
      (unknown) => now.unknownCommon?.some((current) => isDeepStrictEqual(current, unknown)) !== true,
    );
    if (left.some(isProperty))
      throw new InvalidOptionError(
        'unknownCommon',
        `unknownCommon cannot be changed in what stands among the alternative names (IFLA_PROP_LIST): link ${now.name} has other; leave it out`,
      );
    Object.assign(settings, { unknownCommon: left });
  }
  const { protoDown, protoDownReason = 0 } = asked;
  // Of links that are not held down it is left out, since few can be told so.
  if (protoDown === false && now.protoDown) Object.assign(settings, { protoDown, protoDownReason });
  const { rawFlags } = asked as Partial<Link>;
  const otherFlags = ((rawFlags ?? 0) ^ now.rawFlags) & SETTINGS_WITHOUT_NAME;
  const ofKind = [...(kind?.properties ?? []), 'unknown'].filter(
    (property) => settings[property] !== undefined && kind?.told?.includes(property) !== true,
  );
  if (ofKind.length > 0 && kind?.create !== undefined)
    throw new InvalidOptionError(
      ofKind[0] ?? '',
      `${ofKind.join(', ')} cannot be changed: a link of type '${asked.type}' is made with it`,
    );
  const { type } = wanted;
  const own = Object.fromEntries(ofKind.map((property) => [property, settings[property]]));
  return {
    settings: {
      ...(settings as ChangedSettings),
      ...(otherFlags !== 0 && { [OTHER_FLAGS]: { flags: (rawFlags ?? 0) & otherFlags, change: otherFlags } }),
    },
    related: {
      ...(related.master !== undefined && related.master !== (now.masterIndex ?? 0) && { master: related.master }),
      ...(related.parent !== undefined && related.parent !== now.parentIndex && { parent: related.parent }),
    },
    kindOf:
      ofKind.length === 0
        ? {}
        : ({
            ...own,
            type,
            ...(type === 'generic' && { kind: (wanted as { kind?: string }).kind }),
          } as ChangedSettings),
  };
}
