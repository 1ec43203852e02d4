import { NetnsError } from 'netns-core';
import type { Link, LinkOf } from '../link/link.js';
import { linkList } from '../netlink/here.js';
import { checkReadLinks } from './checks.js';

/**
 * Finds the one veth of the caller's namespace, or of the links given.
 *
 * @throws NetnsError `ERR_NO_VETH` or `ERR_SEVERAL_VETHS`, naming what there is
 */
export function findVeth(links: readonly Link[] = linkList()): LinkOf<'veth'> {
  checkReadLinks('links', links);
  const veths = links.filter((link): link is LinkOf<'veth'> => link.type === 'veth');
  const [veth, ...others] = veths;
  if (veth === undefined) {
    const found = links.map((link) => `${link.name} (${link.type === 'generic' ? link.kind : link.type})`);
    throw new NetnsError(
      `there is no veth in the namespace, there ${found.length === 0 ? 'are no links at all' : `is only ${found.join(', ')}`}: has CNI run?`,
      { code: 'ERR_NO_VETH' },
    );
  }
  if (others.length > 0)
    throw new NetnsError(
      `there are ${veths.length} veths in the namespace: ${veths.map((link) => link.name).join(', ')}. Say by a CNI result which ones are meant`,
      { code: 'ERR_SEVERAL_VETHS' },
    );
  return veth;
}
