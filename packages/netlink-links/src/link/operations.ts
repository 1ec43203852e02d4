import { InvalidOptionError } from 'netns-core';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { RTM_DELLINK } from '../uapi/rtnetlink.js';
import { type ChangedSettings, changeLink, type LinkChanges } from './change.js';
import { checkLink } from './check.js';

const DELETE: ChangeAction = { name: 'linkDel', verb: 'delete', type: RTM_DELLINK, removing: true };

/** Changes one property, which must be given. */
function setOne(name: string, link: LinkReference, changes: ChangedSettings, verb: () => string): Operation<void> {
  for (const [property, value] of Object.entries(changes))
    if (value === undefined) throw new InvalidOptionError(property, `${name} needs the ${property}, got undefined`);
  // What the operation is called contains the value: it must be one that can be shown.
  checkLink(changes, name);
  return changeLink(name, link, verb(), changes);
}

/**
 * Deletes a link. Of a veth pair it takes the other end along.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkDel(link: LinkReference): Operation<void> {
  const reference = checkLinkReference(link);
  const target = describeLink(link);
  return changeOperation(DELETE, {
    description: `link ${target}`,
    target,
    link: reference,
    known: reference,
    write(writer) {
      writeLinkHeader(writer, typeof reference === 'number' ? reference : 0);
      if (typeof reference === 'string') writeLookupName(writer, reference);
    },
  });
}

/**
 * Changes a link: what is given is set, the rest stays. With its `type`, what its kind has can be changed, too, as
 * far as the kernel allows it after creation.
 *
 * A link as it was read makes the link what that one was, its master and its alias included: what is not so now is
 * sent, and nothing else, since the kernel refuses attributes that cannot be changed even where they say what is so.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkModify(link: LinkReference, changes: LinkChanges): Operation<void> {
  return changeLink('linkModify', link, 'change link', changes);
}

/**
 * Sets a link up.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetUp(link: LinkReference): Operation<void> {
  return changeLink('linkSetUp', link, 'set up link', { up: true });
}

/**
 * Sets a link down.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetDown(link: LinkReference): Operation<void> {
  return changeLink('linkSetDown', link, 'set down link', { up: false });
}

/**
 * Sets the MTU of a link, in bytes.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetMTU(link: LinkReference, mtu: number): Operation<void> {
  return setOne('linkSetMTU', link, { mtu }, () => `set the MTU ${mtu} of link`);
}

/**
 * Renames a link. Before Linux 6.2 it must be down.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetName(link: LinkReference, name: string): Operation<void> {
  return setOne('linkSetName', link, { name }, () => `set the name ${name} of link`);
}

/**
 * Sets the alias of a link, a text of up to 255 bytes; '' removes it.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetAlias(link: LinkReference, alias: string): Operation<void> {
  return setOne('linkSetAlias', link, { alias }, () => 'set the alias of link');
}

/**
 * Sets the link layer address of a link, `'02:00:00:00:00:01'`.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetHardwareAddr(link: LinkReference, hardwareAddr: string): Operation<void> {
  return setOne('linkSetHardwareAddr', link, { hardwareAddr }, () => `set the address ${hardwareAddr} of link`);
}

/**
 * Makes a link a port of a bridge, bond or VRF.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetMaster(link: LinkReference, master: LinkReference): Operation<void> {
  checkLinkReference(master, 'master');
  return setOne('linkSetMaster', link, { master }, () => `set the master ${describeLink(master)} of link`);
}

/**
 * Takes a link out of its bridge, bond or VRF.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetNoMaster(link: LinkReference): Operation<void> {
  return changeLink('linkSetNoMaster', link, 'take away the master of link', { master: null });
}

/**
 * Sets the length of the queue for sending, in packets.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetTxQLen(link: LinkReference, txQLen: number): Operation<void> {
  return setOne('linkSetTxQLen', link, { txQLen }, () => `set the queue length ${txQLen} of link`);
}

/**
 * Switches promiscuous mode on.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function setPromiscOn(link: LinkReference): Operation<void> {
  return changeLink('setPromiscOn', link, 'switch on promiscuous mode of link', { promisc: true });
}

/**
 * Switches promiscuous mode off.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function setPromiscOff(link: LinkReference): Operation<void> {
  return changeLink('setPromiscOff', link, 'switch off promiscuous mode of link', { promisc: false });
}
