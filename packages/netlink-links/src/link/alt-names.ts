import { InvalidOptionError } from 'netns-core';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { checkLookupName } from '../operation/link-name.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { IFLA_ALT_IFNAME, IFLA_PROP_LIST } from '../uapi/if-link.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_DELLINKPROP, RTM_NEWLINKPROP } from '../uapi/rtnetlink.js';
import { writeUnknownInside } from './attributes/write.js';

const ADD: ChangeAction = {
  name: 'linkAddAltName',
  verb: 'add',
  type: RTM_NEWLINKPROP,
  flags: NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND,
};
const DELETE: ChangeAction = { name: 'linkDelAltName', verb: 'remove', type: RTM_DELLINKPROP, removing: true };

function changeAltNames(
  action: ChangeAction,
  link: LinkReference,
  names: readonly string[],
  unknown: readonly UnknownAttribute[] = [],
): Operation<void> {
  const reference = checkLinkReference(link);
  if (names.length === 0 && unknown.length === 0)
    throw new InvalidOptionError('names', `${action.name} needs at least one name`);
  for (const [index, altName] of names.entries()) checkLookupName(altName, `names[${index}]`);
  const target = describeLink(link);
  return changeOperation(action, {
    description: `the alternative name ${names.join(', ')} of link ${target}`,
    target,
    link: reference,
    taken: `a link named ${names.join(' or ')}`,
    known: reference,
    write(writer) {
      writeLinkHeader(writer, typeof reference === 'number' ? reference : 0);
      if (typeof reference === 'string') writeLookupName(writer, reference);
      writer.nest(
        IFLA_PROP_LIST,
        (list) => {
          for (const altName of names) list.string(IFLA_ALT_IFNAME, altName);
          writeUnknownInside(list, IFLA_PROP_LIST, unknown);
        },
        true,
      );
    },
  });
}

/**
 * Gives a link further names, under which it can be looked up like under its own. They may have up to 127 bytes.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkAddAltName(link: LinkReference, ...names: readonly string[]): Operation<void> {
  return changeAltNames(ADD, link, names);
}

/**
 * Gives a new link its alternative names, and what else the list of them had when it was read.
 *
 * @param unknown has what is not known here inside the list
 */
export function addAltNamesAsRead(
  link: string,
  names: readonly string[],
  unknown: readonly UnknownAttribute[],
): Operation<void> {
  return changeAltNames(ADD, link, names, unknown);
}

/**
 * Takes names away from a link that `linkAddAltName` gave it.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkDelAltName(link: LinkReference, ...names: readonly string[]): Operation<void> {
  return changeAltNames(DELETE, link, names);
}
