import { InvalidOptionError } from 'netns-core';
import type { Link, LinkOf } from '../link/link.js';
import {
  linkAdd,
  linkByName,
  linkDel,
  linkSetDown,
  linkSetMaster,
  linkSetNoMaster,
  linkSetUp,
} from '../netlink/here.js';
import { checkLinkName } from '../operation/link-name.js';
import { checkReadLink, checkReadLinks } from './checks.js';
import { undoing } from './undoing.js';

/**
 * Makes a bridge in the caller's namespace, with the MTU of the first link, brings it up and makes the links its
 * ports. If a link cannot be one, there is no bridge either.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT` without a link; NetlinkError
 */
export function setupBridge(name: string, links: readonly Link[]): LinkOf<'bridge'> {
  checkLinkName(name);
  checkReadLinks('links', links);
  const [first] = links;
  if (first === undefined)
    throw new InvalidOptionError('links', `the bridge "${name}" needs at least one link: none was given`);
  linkAdd({ type: 'bridge', name, mtu: first.mtu });
  return undoing(
    () => linkDel(name),
    () => {
      linkSetUp(name);
      for (const link of links) linkSetMaster(link, name);
      return linkByName(name) as LinkOf<'bridge'>;
    },
  );
}

/** Takes the links out of the bridge and sets it down. It is still there then; `linkDel` removes it. */
export function teardownBridge(bridge: Link, links: readonly Link[]): void {
  checkReadLink('bridge', bridge);
  checkReadLinks('links', links);
  for (const link of links) linkSetNoMaster(link);
  linkSetDown(bridge);
}
