import type { NamespaceRef, SocketSource } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { checkProtocol, type NetlinkProtocol, protocolNumber } from '../operation/protocol.js';
import { type RawMessage, readRawMessage } from '../raw/message.js';
import { openMonitorSocket } from '../socket/monitor-socket.js';
import { type FromNamespace, type MessageTopic, Subscription } from './subscription.js';

/** What a subscription to messages as they come can be told. */
export interface RawSubscribeOptions {
  /** `'route'` by default. */
  protocol?: NetlinkProtocol | undefined;
  /** The numbers of multicast groups, `RTNLGRP_LINK` and so on. */
  groups: readonly number[];
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
  /** Room for messages that wait to be read, in bytes, as far as the system allows it; 4 MiB. */
  bufferSize?: number | undefined;
  /**
   * Also hear of the namespaces that have an identifier in this one (`nsidSet`): their updates have it as `nsid`. It takes
   * `CAP_NET_BROADCAST` in the namespace, and in the others.
   *
   * @default false
   */
  allNamespaces?: boolean | undefined;
}

/** A message of a group, or that some were lost since they came faster than they were read. */
export type RawUpdate =
  | ({ readonly type: 'message'; readonly message: RawMessage } & FromNamespace)
  | { readonly type: 'lost' };

const PROPERTIES = propertiesOf<RawSubscribeOptions>(
  {
    protocol: 'set',
    groups: 'set',
    namespace: 'set',
    source: 'set',
    signal: 'set',
    bufferSize: 'set',
    allNamespaces: 'set',
  },
  {
    netns: 'namespace',
    ns: 'namespace',
    broker: 'source',
    abort: 'signal',
    group: 'groups',
    'all-nsid': 'allNamespaces',
  },
);

const MAX_GROUP = 0x7fffffff;

/**
 * Subscribes to the messages of multicast groups as they come: what this package has no subscription for. No list can
 * be made here of what changed while messages were lost, so that is told: `{ type: 'lost' }`.
 *
 * ```ts
 * for await (const update of rawSubscribe({ groups: [1] })) if (update.type === 'message') console.log(update.message.type);
 * ```
 *
 * @throws InvalidOptionError
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function rawSubscribe(options: RawSubscribeOptions): Subscription<RawUpdate> {
  checkProperties(options, 'rawSubscribe', PROPERTIES);
  const { protocol, groups, ...rest } = options;
  checkProtocol(protocol);
  checkArray('groups', groups, 'numbers of groups');
  if (groups === undefined || groups.length === 0) throw mustBe('groups', 'an array of numbers of groups', groups);
  for (const group of groups) {
    if (typeof group !== 'number') throw mustBe('groups', 'an array of numbers of groups', group);
    checkInteger('groups', group, 1, MAX_GROUP);
  }
  const wanted = [...groups];
  const topic: MessageTopic<RawUpdate> = {
    name: 'rawSubscribe',
    open: (makeSocket, bufferSize, events, allNamespaces) =>
      openMonitorSocket(makeSocket(protocolNumber(protocol)), { groups: wanted, bufferSize, allNamespaces }, events),
    read: (bytes, start, end, type) => ({ type: 'message', message: readRawMessage(bytes, start, end, type) }),
    lost: () => ({ type: 'lost' }),
  };
  return new Subscription<RawUpdate>(() => topic, rest);
}
