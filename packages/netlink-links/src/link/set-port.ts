import { Errno } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import { isDeepStrictEqual } from '../message/deep-equal.js';
import { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { keepUnknown, type UnknownAttribute, writeUnknown } from '../message/unknown-attribute.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import {
  checkLinkReference,
  type LinkReference,
  resolveLinkIndex,
  writeLinkHeader,
} from '../operation/link-reference.js';
import { ask, type Program } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { IFLA_BRPORT_FLUSH, IFLA_INFO_SLAVE_DATA, IFLA_INFO_SLAVE_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import type { CheckedPort } from './check-port.js';
import type { Link } from './link.js';
import { PORT_KINDS } from './ports/index.js';

type Settings = Readonly<Record<string, unknown>>;

/** What of the settings the port does not have now. */
function differing(wanted: Settings, now: Settings): Settings {
  const settings: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(wanted)) {
    if (isDeepStrictEqual(value, now[property])) continue;
    const isUnknown = property === 'unknown' && Array.isArray(value);
    settings[property] = isUnknown ? without(value, now.unknown) : value;
  }
  return settings;
}

/** The attributes of one list that are not in another. */
function without(wanted: readonly UnknownAttribute[], now: unknown): readonly UnknownAttribute[] {
  const current = Array.isArray(now) ? now : [];
  return wanted.filter((attribute) => !current.some((each) => isDeepStrictEqual(each, attribute)));
}

function attributesOf(data: unknown): readonly UnknownAttribute[] {
  const read: { unknown?: readonly UnknownAttribute[] } = {};
  if (!(data instanceof Uint8Array)) return [];
  const attributes = new AttributeReader(MessageBytes.from(data), 0, data.length);
  while (attributes.next()) keepUnknown(attributes, read);
  return read.unknown ?? [];
}

/** The message with the settings; nothing where there is nothing to say. */
function portMessage({ type, kernelName }: CheckedPort, settings: Settings, index: number): Uint8Array | undefined {
  const { unknown = [], ...own } = settings as { unknown?: readonly UnknownAttribute[]; flushFdb?: boolean };
  if (unknown.length === 0 && Object.keys(own).length === 0) return undefined;
  const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
  writeLinkHeader(writer, index);
  writer.nest(IFLA_LINKINFO, (info) => {
    info.bareString(IFLA_INFO_SLAVE_KIND, kernelName);
    info.nest(IFLA_INFO_SLAVE_DATA, (data) => {
      if (type !== 'generic') PORT_KINDS[type].write(data, own);
      if (own.flushFdb === true) data.flag(IFLA_BRPORT_FLUSH);
      writeUnknown(data, unknown);
    });
  });
  return writer.finish();
}

/** The error of a link that is not a port of such a master. */
function mismatch(identity: OperationIdentity, { type, kernelName }: CheckedPort, now: Link): NetlinkError {
  const masterOf = (kind: string): string =>
    Object.values(PORT_KINDS).find((each) => each.kernelName === kind)?.master ?? `a master of kind '${kind}'`;
  const wanted = type === 'generic' ? `a master of kind '${kernelName}'` : PORT_KINDS[type].master;
  if (now.slaveKind !== undefined)
    return NetlinkError.failed(
      identity,
      'ERR_PORT_MISMATCH',
      `${now.name} is a port of ${masterOf(now.slaveKind)}, not of ${wanted}`,
    );
  return new NetlinkError(`cannot ${identity.description}: ${now.name} is not a port of ${wanted} (EOPNOTSUPP)`, {
    code: 'EOPNOTSUPP',
    errno: Errno.EOPNOTSUPP,
    operation: identity.name,
    target: identity.target,
  });
}

/** A state that follows from others: spanning tree of the kernel chooses it, or the port has no signal. */
const FOLLOWS: readonly string[] = ['EBUSY', 'ENETDOWN'];

/**
 * Sets what a link is as a port. The kernel does not compare kinds, and would take the attributes of one for those of
 * another: so they are compared here. Of settings that were read only what differs is sent, since the kernel does not
 * take all at any time.
 *
 * @param now the link as it is
 */
export function* setPort(identity: OperationIdentity, port: CheckedPort, now: Link): Program<void> {
  if (now.slaveKind !== port.kernelName) throw mismatch(identity, port, now);
  const { index } = now;
  const current: Settings = { ...now.masterPort };
  if (port.type === 'generic') {
    const unknown = without(attributesOf(port.settings.data), attributesOf(current.data));
    const message = portMessage(port, { unknown }, index);
    if (message !== undefined) yield* ask(acknowledged(message));
    return;
  }
  const { backupPort, ...given } = port.settings as { backupPort?: LinkReference | null };
  const wanted: Record<string, unknown> = given;
  if (backupPort !== undefined)
    wanted.backupPortIndex =
      backupPort === null ? 0 : yield* resolveLinkIndex(identity, checkLinkReference(backupPort, 'backupPort'));
  else if (port.isAsRead && port.type === 'bridge' && current.backupPortIndex !== undefined)
    wanted.backupPortIndex ??= 0;
  if (!port.isAsRead) {
    const message = portMessage(port, wanted, index);
    if (message !== undefined) yield* ask(acknowledged(message));
    return;
  }
  const { state, ...rest } = differing(wanted, current);
  const message = portMessage(port, rest, index);
  if (message !== undefined) yield* ask(acknowledged(message));
  const last = state === undefined ? undefined : portMessage(port, { state }, index);
  if (last === undefined) return;
  try {
    yield* ask(acknowledged(last));
  } catch (error) {
    if (!(error instanceof NetlinkError) || !FOLLOWS.includes(error.code)) throw error;
  }
}

/**
 * Gives a link that was read what it was as a port. One that is a port of nothing now, or of a master of another kind,
 * is left alone.
 *
 * @param asked the link as it was read
 */
export function* giveBackPort(
  identity: OperationIdentity,
  port: CheckedPort | undefined,
  asked: Partial<Link>,
  now: Link,
): Program<void> {
  if (port === undefined || port.kernelName !== now.slaveKind) return;
  // Without a signal every port is disabled.
  const isDisabled = port.settings.state === 'disabled' && asked.flags?.includes('lower_up') !== true;
  const { state: _, ...rest } = port.settings;
  yield* setPort(identity, isDisabled ? { ...port, settings: rest } : port, now);
}
