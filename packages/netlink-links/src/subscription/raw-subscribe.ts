import type { NamespaceRef } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { Netlink } from '../netlink/netlink.js';
import { checkProtocol, type NetlinkProtocol, protocolNumber } from '../operation/protocol.js';
import { type RawMessage, readRawMessage } from '../raw/message.js';
import { openMonitorSocket } from '../socket/monitor-socket.js';
import { type MessageTopic, Subscription } from './subscription.js';

/** What a subscription to messages as they come can be told. */
export interface RawSubscribeOptions {
  /** `'route'` by default. */
  protocol?: NetlinkProtocol | undefined;
  /** The numbers of multicast groups, `RTNLGRP_LINK` and so on. */
  groups: readonly number[];
  /** Whose messages; by default those of the namespace that the calling thread is in. */
  namespace?: NamespaceRef | undefined;
  /** Ends the subscription; a loop over it ends as if there were no more messages. */
  signal?: AbortSignal | undefined;
  /** Room for messages that wait to be read, in bytes, as far as the system allows it; 4 MiB. */
  bufferSize?: number | undefined;
}

/** A message of a group, or that some were lost since they came faster than they were read. */
export type RawUpdate = { readonly type: 'message'; readonly message: RawMessage } | { readonly type: 'lost' };

const PROPERTIES = propertiesOf<RawSubscribeOptions>(
  { protocol: 'set', groups: 'set', namespace: 'set', signal: 'set', bufferSize: 'set' },
  { netns: 'namespace', ns: 'namespace', abort: 'signal', group: 'groups' },
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
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`
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
    open: (bufferSize, events) => openMonitorSocket(wanted, [], bufferSize, events, protocolNumber(protocol)),
    read: (bytes, start, end, type) => ({ type: 'message', message: readRawMessage(bytes, start, end, type) }),
    lost: () => ({ type: 'lost' }),
  };
  return new Subscription<RawUpdate>(topic, rest, (namespace) => Netlink.open(namespace));
}
