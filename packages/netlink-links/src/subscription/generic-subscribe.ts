import { InvalidOptionError, type NamespaceRef, type SocketSource } from 'netns-core';
import { shown } from 'netns-core/checks';
import type { GenericFamily } from '../generic/family.js';
import { checkFamily } from '../generic/family-reference.js';
import { type GenericMessage, genericDecoder } from '../generic/message.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { Netlink } from '../netlink/netlink.js';
import { type Monitor, openMonitorSocket } from '../socket/monitor-socket.js';
import { NETLINK_GENERIC } from '../uapi/netlink.js';
import { type MessageTopic, Subscription } from './subscription.js';

/** What a subscription to a family of generic netlink can be told. */
export interface GenericSubscribeOptions {
  /** By name, or as `genericFamilyGet` gives it. */
  family: string | GenericFamily;
  /** The names of its groups; all by default. */
  groups?: readonly string[] | undefined;
  /** Whose messages; by default those of the namespace that the calling thread is in. */
  namespace?: NamespaceRef | undefined;
  /**
   * What makes its sockets: `hopSource`, or what `connectBroker` of netns-core returned.
   *
   * @default the source of the process, see `useSocketSource`; for a handle `hopSource`
   */
  source?: SocketSource | undefined;
  /** Ends the subscription; a loop over it ends as if there were no more messages. */
  signal?: AbortSignal | undefined;
  /** Room for messages that wait to be read, in bytes for each group, as far as the system allows it; 4 MiB. */
  bufferSize?: number | undefined;
}

/** A message of a group, or that some were lost since they came faster than they were read. */
export type GenericUpdate =
  | { readonly type: 'message'; readonly group: string; readonly message: GenericMessage }
  | { readonly type: 'lost' };

const PROPERTIES = propertiesOf<GenericSubscribeOptions>(
  { family: 'set', groups: 'set', namespace: 'set', source: 'set', signal: 'set', bufferSize: 'set' },
  { netns: 'namespace', ns: 'namespace', broker: 'source', abort: 'signal', group: 'groups' },
);

/**
 * Subscribes to the groups of a family of generic netlink. Messages of one group come in their order. No list can be
 * made here of what changed while messages were lost, so that is told: `{ type: 'lost' }`.
 *
 * ```ts
 * for await (const update of genericSubscribe({ family: 'ethtool', groups: ['monitor'] }))
 *   if (update.type === 'message') console.log(update.group, update.message.command);
 * ```
 *
 * @throws InvalidOptionError for a group that the family lacks
 * @throws NetlinkError `ENOENT` where the kernel lacks the family
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function genericSubscribe(options: GenericSubscribeOptions): Subscription<GenericUpdate> {
  checkProperties(options, 'genericSubscribe', PROPERTIES);
  const { family, groups, ...rest } = options;
  const reference = checkFamily(family);
  checkArray('groups', groups, 'names of groups');
  const known = typeof reference === 'string' ? lookUp(reference, options) : reference;
  const wanted = groupsOf(known, groups);
  const decode = genericDecoder(known.headerSize);
  const topic: MessageTopic<GenericUpdate> = {
    name: 'genericSubscribe',
    open: openingGroups([...wanted.keys()]),
    read(bytes, start, end, type, _flags, group) {
      const message = decode(bytes, start, end, type);
      return message === undefined ? undefined : { type: 'message', group: wanted.get(group) ?? '', message };
    },
    lost: () => ({ type: 'lost' }),
  };
  return new Subscription<GenericUpdate>(() => topic, rest);
}

/** Opens what tells of the messages of groups. A message does not say which group it was sent to: each has a socket. */
export function openingGroups(groups: readonly number[]): MessageTopic<unknown>['open'] {
  return (makeSocket, bufferSize, events) =>
    together(groups, (group) =>
      openMonitorSocket(
        makeSocket(NETLINK_GENERIC),
        { groups: [group], bufferSize },
        { message: (...message) => events.message(...message, group), lost: events.lost },
      ),
    );
}

function lookUp(
  name: string,
  { namespace, source }: Pick<GenericSubscribeOptions, 'namespace' | 'source'>,
): GenericFamily {
  using netlink = Netlink.open(namespace, { source });
  return netlink.sync.genericFamilyGet(name);
}

/** The numbers of the wanted groups, each with its name. */
export function groupsOf(family: GenericFamily, names: readonly string[] | undefined): ReadonlyMap<number, string> {
  const { groups, name: familyName } = family;
  if (!Array.isArray(groups)) throw mustBe('family.groups', 'an array of groups', groups);
  const all = groups.map(({ name }) => name).join(', ');
  if (groups.length === 0 || names?.length === 0)
    throw new InvalidOptionError(
      groups.length === 0 ? 'family' : 'groups',
      groups.length === 0
        ? `generic netlink family ${shown(familyName)} has no groups to subscribe to`
        : `groups must be an array of names of groups, out of ${all}`,
    );
  const wanted = new Map<number, string>();
  for (const name of names ?? groups.map((group) => group.name)) {
    const group = groups.find((each) => each.name === name);
    if (group === undefined)
      throw new InvalidOptionError(
        'groups',
        `generic netlink family ${shown(familyName)} has no group ${shown(name)}: its groups are ${all}`,
      );
    wanted.set(group.id, name);
  }
  return wanted;
}

/** Several monitors as one. */
function together(groups: readonly number[], open: (group: number) => Monitor): Monitor {
  const monitors: Monitor[] = [];
  const each = (act: (monitor: Monitor) => void): void => {
    for (const monitor of monitors) act(monitor);
  };
  const close = (): void => each((monitor) => monitor.close());
  try {
    for (const group of groups) monitors.push(open(group));
  } catch (error) {
    close();
    throw error;
  }
  return { pause: () => each((monitor) => monitor.pause()), resume: () => each((monitor) => monitor.resume()), close };
}
