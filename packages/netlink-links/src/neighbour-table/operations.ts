import { InvalidOptionError } from 'netns-core';
import { Errno } from 'netns-core/sys';
import { isDeepStrictEqual } from '../message/deep-equal.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { describeLink, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, DumpOperation, Operation, type Program } from '../operation/operation.js';
import { type AckRequest, acknowledged, type DumpRequest, dump } from '../operation/request.js';
import { NLM_F_ACK, NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETNEIGHTBL, RTM_SETNEIGHTBL } from '../uapi/rtnetlink.js';
import { checkNeighbourTable } from './check.js';
import type { NeighbourTable, NeighbourTableName } from './neighbour-table.js';
import { PARAMETERS } from './parameters.js';
import { readNeighbourTable } from './read.js';
import type { NeighbourTableSettings } from './spec.js';
import { writeNeighbourTable, writeNeighbourTableHeader } from './write.js';

function tables(): DumpRequest<NeighbourTable> {
  const message = new MessageWriter(RTM_GETNEIGHTBL, NLM_F_DUMP);
  writeNeighbourTableHeader(message);
  return dump(message.finish(), readNeighbourTable);
}

/**
 * Lists the tables of neighbours, of IPv4 and of IPv6: what new links get, and the parameters of each link. `ip ntable`.
 */
export function neighTableList(): DumpOperation<NeighbourTable> {
  return new DumpOperation(
    { name: 'neighTableList', description: 'list the neighbour tables', target: 'neighbour tables' },
    tables(),
  );
}

/** What belongs to a whole table. */
const OF_TABLE = ['gcThresholds', 'gcInterval'] as const satisfies readonly (keyof NeighbourTableSettings)[];
const SETTABLE: readonly (keyof NeighbourTableSettings)[] = [
  ...(Object.keys(PARAMETERS) as (keyof NeighbourTableSettings)[]),
  ...OF_TABLE,
  'unknown',
  'unknownCommon',
];

const saysNothing = (settings: NeighbourTableSettings): boolean =>
  SETTABLE.every((property) => settings[property] === undefined);

/**
 * Leaves out what is so already: a table that was read has what the initial namespace alone can set, in every namespace.
 */
function* differing(name: string, settings: NeighbourTableSettings): Program<NeighbourTableSettings> {
  const current: NeighbourTableSettings | undefined = (yield* ask(tables())).find(
    (table) => table.name === name && table.ifindex === undefined,
  );
  const changed = { ...settings };
  for (const property of SETTABLE)
    if (isDeepStrictEqual(settings[property], current?.[property])) delete changed[property];
  return changed;
}

/** The kernel says no more than ENOENT of what other namespaces cannot set. */
function explained(identity: OperationIdentity, error: unknown): unknown {
  if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') return error;
  return new NetlinkError(
    `cannot ${identity.description}: what new links get, gcThresholds and gcInterval can be set in the initial network namespace alone; name a link (ENOENT)`,
    { code: 'ENOENT', errno: Errno.ENOENT, operation: identity.name, target: identity.target, cause: error },
  );
}

/**
 * Changes how neighbours of a link, or of links that are made from now on, are looked for and kept; what is left out
 * stays as it is. Without a link it is a setting of the initial network namespace, which others have for their new links
 * too. A table that was read will do: `neighTableSet(table.name, table)`. `ip ntable change`.
 *
 * ```ts
 * neighTableSet('arp_cache', { link: 'eth0', baseReachable: 60_000, unicastProbes: 5 });
 * ```
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ENOENT` without a link, in another than the initial namespace, where something is not
 *   so already; where the link has no addresses of the family
 */
export function neighTableSet(name: NeighbourTableName, settings: NeighbourTableSettings): Operation<void> {
  const checked = checkNeighbourTable(name, settings);
  if (saysNothing(checked.settings))
    throw new InvalidOptionError('settings', `neighTableSet needs at least one of ${SETTABLE.slice(0, -2).join(', ')}`);
  const about = settings.link ?? settings.ifindex;
  const of = about === undefined ? '' : ` of ${describeLink(about)}`;
  const identity: OperationIdentity = {
    name: 'neighTableSet',
    description: `set the neighbour table ${name}${of}`,
    target: `${name}${of}`,
    ...(checked.link !== 0 && { link: checked.link }),
  };
  const request = (wanted: NeighbourTableSettings, ifindex: number): AckRequest => {
    const message = new MessageWriter(RTM_SETNEIGHTBL, NLM_F_ACK);
    writeNeighbourTable(message, name, wanted, ifindex);
    return acknowledged(message.finish());
  };
  return new Operation<void>(identity, function* () {
    if (checked.link !== 0) {
      yield* ask(request(checked.settings, yield* resolveLinkIndex(identity, checked.link)));
      return;
    }
    const left = yield* differing(name, checked.settings);
    if (saysNothing(left)) return;
    try {
      yield* ask(request(left, 0));
    } catch (error) {
      throw explained(identity, error);
    }
  });
}
