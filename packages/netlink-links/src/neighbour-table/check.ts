import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { checkFields } from '../message/fields.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkReference } from '../operation/link-reference.js';
import type { NeighbourTable, NeighbourTableName } from './neighbour-table.js';
import { PARAMETERS } from './parameters.js';
import type { NeighbourTableSettings } from './spec.js';

const PROPERTIES = propertiesOf<NeighbourTableSettings, NeighbourTable>(
  {
    link: 'set',
    ifindex: 'set',
    baseReachable: 'set',
    retransmit: 'set',
    gcStale: 'set',
    delayProbe: 'set',
    intervalProbe: 'set',
    queueBytes: 'set',
    appProbes: 'set',
    unicastProbes: 'set',
    multicastProbes: 'set',
    multicastReprobes: 'set',
    anycastDelay: 'set',
    proxyDelay: 'set',
    proxyQueueLength: 'set',
    locktime: 'set',
    gcThresholds: 'set',
    gcInterval: 'set',
    unknown: 'set',
    unknownCommon: 'set',
    name: 'told',
    family: 'told',
    reachable: 'told',
    queueLength: 'told',
    references: 'told',
    entries: 'told',
    statistics: 'told',
  },
  {
    dev: 'link',
    base_reachable: 'baseReachable',
    retrans: 'retransmit',
    gc_stale: 'gcStale',
    delay_probe: 'delayProbe',
    queue: 'queueBytes',
    app_probes: 'appProbes',
    ucast_probes: 'unicastProbes',
    mcast_probes: 'multicastProbes',
    anycast_delay: 'anycastDelay',
    proxy_delay: 'proxyDelay',
    proxy_queue: 'proxyQueueLength',
    thresh1: 'gcThresholds',
    thresh2: 'gcThresholds',
    thresh3: 'gcThresholds',
    gc_int: 'gcInterval',
  },
);

const NAMES: readonly string[] = ['arp_cache', 'ndisc_cache'] satisfies readonly NeighbourTableName[];
const MAX_INT = 0x7fffffff;

/** Settings that were checked. */
export interface CheckedNeighbourTable {
  readonly settings: NeighbourTableSettings;
  /** A link, whose name is still to be looked up, or 0 for what new links get. */
  readonly link: string | number;
}

function checkThresholds(thresholds: unknown): void {
  if (thresholds === undefined) return;
  if (!Array.isArray(thresholds) || thresholds.length !== 3)
    throw mustBe('gcThresholds', 'an array of three numbers of entries', thresholds);
  for (const [index, threshold] of thresholds.entries()) {
    if (threshold === undefined) throw mustBe(`gcThresholds[${index}]`, 'a number of entries', threshold);
    checkInteger(`gcThresholds[${index}]`, threshold, 0, MAX_INT);
  }
}

/** Checks what is to change in a table. @throws InvalidOptionError */
export function checkNeighbourTable(name: string, settings: NeighbourTableSettings): CheckedNeighbourTable {
  if (!NAMES.includes(name)) throw mustBe('name', `one of ${NAMES.join(', ')}`, name);
  checkProperties(settings, 'neighTableSet', PROPERTIES);
  checkFields(PARAMETERS, settings);
  checkThresholds(settings.gcThresholds);
  checkInteger('gcInterval', settings.gcInterval, 0, 0xffffffff);
  checkUnknown(settings.unknown);
  checkUnknown(settings.unknownCommon, 'unknownCommon');
  const { link, ifindex, gcThresholds, gcInterval } = settings;
  const reference = link ?? ifindex;
  if (reference !== undefined && (gcThresholds !== undefined || gcInterval !== undefined))
    throw new InvalidOptionError(
      gcThresholds === undefined ? 'gcInterval' : 'gcThresholds',
      'gcThresholds and gcInterval are of the whole table: they cannot be given for a link',
    );
  return {
    // A copy: what the caller does with it afterwards does not matter.
    settings: { ...settings },
    link: reference === undefined ? 0 : checkLinkReference(reference, link === undefined ? 'ifindex' : 'link'),
  };
}
