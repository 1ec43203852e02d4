import { NetnsError } from 'netns-core';
import { MessageWriter } from '../codec/message-writer.js';
import { Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { IFLA_ALT_IFNAME, IFLA_PROP_LIST } from '../uapi/if-link.js';
import { checkLookupName } from './link-name.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from './link-reference.js';

/** Builds the operation that adds or removes alternative names. */
export function changeAltNames(
  name: string,
  verb: string,
  type: number,
  flags: number,
  link: LinkReference,
  names: readonly string[],
): Operation<void> {
  const reference = checkLinkReference(link);
  if (names.length === 0) throw new NetnsError(`${name} needs at least one name`, { code: 'ERR_INVALID_ARGUMENT' });
  for (const altName of names) checkLookupName(altName);
  const target = describeLink(link);
  const writer = new MessageWriter(type, flags);
  writeLinkHeader(writer, typeof reference === 'number' ? reference : 0);
  if (typeof reference === 'string') writeLookupName(writer, reference);
  writer.nest(
    IFLA_PROP_LIST,
    (list) => {
      for (const altName of names) list.string(IFLA_ALT_IFNAME, altName);
    },
    true,
  );
  return new Operation(
    {
      name,
      description: `${verb} the alternative name ${names.join(', ')} of link ${target}`,
      target,
      link: reference,
    },
    acknowledged(writer.finish()),
  );
}
