import { InvalidOptionError } from 'netns-core';
import { Errno, IFNAMSIZ } from 'netns-core/sys';
import type { GenericFamily } from '../generic/family.js';
import { withFamily } from '../generic/family-reference.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, dump } from '../operation/request.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { WG_CMD_GET_DEVICE, WG_GENL_NAME, WG_GENL_VERSION } from '../uapi/wireguard.js';
import { checkWireguardSettings } from './check.js';
import type { WireguardDevice } from './device.js';
import { isKey } from './keys.js';
import { type DevicePart, joinParts, readDevicePart } from './read.js';
import { withoutKeys } from './secrets.js';
import type { WireguardSettings } from './settings.js';
import { settingMessages, writeLink } from './write.js';

/** Checks the link. A key that was given in its place would be repeated by every error. @throws InvalidOptionError */
function checkDevice(link: LinkReference): string | number {
  if (isKey(link)) throw new InvalidOptionError('link', 'link must be a link, and has the form of a key');
  return checkLinkReference(link);
}

/** A link as the family takes it: a name of up to 15 bytes, or an index. */
function* familyLink(identity: OperationIdentity, link: string | number): Program<string | number> {
  return typeof link === 'string' && Buffer.byteLength(link) >= IFNAMSIZ
    ? yield* resolveLinkIndex(identity, link)
    : link;
}

/** Does something with the family of WireGuard; the errors are about the device. */
function* withWireguard<T>(identity: OperationIdentity, run: (family: GenericFamily) => Program<T>): Program<T> {
  try {
    return yield* withFamily(identity, WG_GENL_NAME, run);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EOPNOTSUPP') throw error;
    throw new NetlinkError(
      `cannot ${identity.description}: link ${identity.target} is not a WireGuard device (EOPNOTSUPP)`,
      { code: 'EOPNOTSUPP', errno: Errno.EOPNOTSUPP, operation: identity.name, target: identity.target },
    );
  }
}

/**
 * Reads the keys, settings and peers of a WireGuard device. It needs CAP_NET_ADMIN.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` for a link of another kind, `ENOENT` where the kernel lacks WireGuard
 */
export function wireguardGet(link: LinkReference): Operation<WireguardDevice> {
  const reference = withoutKeys(() => checkDevice(link));
  const target = describeLink(link);
  const identity: OperationIdentity = {
    name: 'wireguardGet',
    description: `read WireGuard device ${target}`,
    target,
    link: reference,
  };
  return new Operation<WireguardDevice>(identity, () =>
    withWireguard(identity, function* ({ id }) {
      const message = new MessageWriter(id, NLM_F_DUMP).header(GENL_HDRLEN, (view, at) => {
        view.setUint8(at, WG_CMD_GET_DEVICE);
        view.setUint8(at + 1, WG_GENL_VERSION);
      });
      writeLink(message, yield* familyLink(identity, reference));
      const parts = yield* ask<DevicePart[]>(dump(message.finish(), readDevicePart, 'generic'));
      const device = joinParts(parts);
      if (device === undefined)
        throw NetlinkError.failed(identity, 'ERR_NETLINK_NO_ANSWER', 'the kernel sent no device');
      return device;
    }),
  );
}

/**
 * Sets keys, settings and peers of a WireGuard device; what is left out stays as it is. A device as it was read will do:
 * with `replacePeers: true` the device becomes an exact copy. No error contains a key. It needs CAP_NET_ADMIN.
 *
 * A list of peers that does not fit into one message goes out in several: if one fails, those before it have been done.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` for a link of another kind, `ENOENT` where the kernel lacks WireGuard
 */
export function wireguardSet(link: LinkReference, settings: WireguardSettings): Operation<void> {
  const { reference, checked } = withoutKeys(() => ({
    reference: checkDevice(link),
    checked: checkWireguardSettings(settings),
  }));
  const target = describeLink(link);
  const identity: OperationIdentity = {
    name: 'wireguardSet',
    description: `configure WireGuard device ${target}`,
    target,
    link: reference,
  };
  // The messages hold keys: they are made when the operation runs, and are not a property of it.
  return new Operation<void>(identity, () =>
    withWireguard(identity, function* ({ id }) {
      const known = yield* familyLink(identity, reference);
      for (const message of settingMessages(id, known, checked)) yield* ask(acknowledged(message, 'generic'));
    }),
  );
}
