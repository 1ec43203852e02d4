import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkBytes, checkProperties, mustBe } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkReference } from '../operation/link-reference.js';
import { MAX_KIND_LENGTH } from './kinds/generic.js';
import { type LinkPortSettings, PORT_KINDS } from './ports/index.js';

/** What a port can be told beside what is read of it. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { bridge: ['backupPort', 'flushFdb'] };
const GENERIC = ['type', 'kind', 'data'];

/** Settings of a port that were checked. */
export interface CheckedPort {
  readonly type: 'bridge' | 'bond' | 'vrf' | 'generic';
  /** The name that the kernel knows the master's kind by. */
  readonly kernelName: string;
  /** Whether they were read of a port, and so say all that there is of it. */
  readonly isAsRead: boolean;
  /** Those that can be set. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What the settings of a port of a kind may have, apart from `type`. */
function propertiesOfKind(type: keyof typeof PORT_KINDS): readonly string[] {
  return [...PORT_KINDS[type].properties, ...(BESIDE[type] ?? []), 'unknown'];
}

/** Whether the kernel only tells it. */
function isTold(type: keyof typeof PORT_KINDS, property: string): boolean {
  return PORT_KINDS[type].told.includes(property);
}

const KINDS_WITH_SETTINGS = ['bridge', 'bond'] as const;

/** The kind of ports that has what is given, where `type` is left out. @throws InvalidOptionError */
function kindOfSettings(callee: string, what: string, given: readonly string[]): 'bridge' | 'bond' {
  const having = (properties: readonly string[]): ('bridge' | 'bond')[] =>
    KINDS_WITH_SETTINGS.filter((type) => properties.every((property) => propertiesOfKind(type).includes(property)));
  const fitting = having(given);
  const taking = fitting.filter((type) => given.some((property) => !isTold(type, property)));
  if (taking.length > 1 && given.length > 0)
    throw new InvalidOptionError(
      `${what}type`,
      `${callee} needs the \`type\` of the port, 'bridge' or 'bond': both have ${given.join(', ')}`,
    );
  // What no kind has is refused by name, as a property of the kind that has one of the others.
  return taking[0] ?? fitting[0] ?? having(given.slice(0, 1))[0] ?? 'bridge';
}

/**
 * Checks the settings of a port.
 *
 * @param callee the function that got them, `'linkSetPort'`
 * @param what stands before the name of a property in an error: `'masterPort.'`
 * @param mayBeTold whether it is enough that there is what the kernel tells: of a link that was read
 * @throws InvalidOptionError
 */
export function checkPort(port: LinkPortSettings, callee: string, what: string, mayBeTold = false): CheckedPort {
  if (typeof port !== 'object' || port === null || Array.isArray(port))
    throw mustBe(what === '' ? 'settings' : what.slice(0, -1), 'an object with the settings of a port', port);
  const entries = Object.entries(port).filter(([property, value]) => property !== 'type' && value !== undefined);
  const given = entries.map(([property]) => property);
  const type: unknown = port.type ?? kindOfSettings(callee, what, given);
  const settings = Object.fromEntries(entries);
  if (type === 'generic') {
    checkProperties(port, `${callee} of a port`, { names: GENERIC });
    const { kind, data } = settings;
    if (typeof kind !== 'string' || kind === '' || kind.includes('\0') || Buffer.byteLength(kind) > MAX_KIND_LENGTH)
      throw mustBe(`${what}kind`, `the name of the master's kind, a string of 1 to ${MAX_KIND_LENGTH} bytes`, kind);
    checkBytes(`${what}data`, data);
    if (!(data instanceof Uint8Array) || (data.length & 3) !== 0)
      throw mustBe(`${what}data`, 'netlink attributes, a Uint8Array of a multiple of 4 bytes', data);
    return { type, kernelName: kind, isAsRead: true, settings };
  }
  if (type !== 'bridge' && type !== 'bond' && type !== 'vrf')
    throw new InvalidOptionError(
      `${what}type`,
      `${what}type must be one of ${[...Object.keys(PORT_KINDS), 'generic'].join(', ')}, got ${shown(type)}`,
    );
  const kind = PORT_KINDS[type];
  const names = ['type', ...propertiesOfKind(type)];
  checkProperties(port, `${callee} of a port of ${kind.master}`, { names, synonyms: kind.synonyms });
  checkUnknown(settings.unknown, `${what}unknown`);
  kind.check(settings, what);
  const { backupPort, flushFdb } = settings as { backupPort?: unknown; flushFdb?: unknown };
  if (backupPort !== undefined && backupPort !== null) checkLinkReference(backupPort as string, `${what}backupPort`);
  if (flushFdb !== undefined && flushFdb !== true) throw mustBe(`${what}flushFdb`, 'true', flushFdb);
  if (!mayBeTold && given.every((property) => isTold(type, property)))
    throw new InvalidOptionError(
      what === '' ? (given[0] ?? 'settings') : what.slice(0, -1),
      given.length === 0
        ? `${callee} needs at least one setting of a port`
        : `${given.join(', ')} can be read of a port of ${kind.master}, but not set`,
    );
  return {
    type,
    kernelName: kind.kernelName,
    isAsRead: given.some((property) => isTold(type, property)),
    settings: Object.fromEntries(entries.filter(([property]) => !isTold(type, property))),
  };
}
