import { NetnsError } from 'netns-core';
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
import { undoing } from './undoing.js';

/**
 * Makes a bridge in the caller's namespace, with the MTU of the first link, brings it up and makes the links its
 * ports. If a link cannot be one, there is no bridge either.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT` without a link; NetlinkError
 */
export function setupBridge(name: string, links: readonly Link[]): LinkOf<'bridge'> {
  const [first] = links;
  if (first === undefined)
    throw new NetnsError(`the bridge "${name}" needs at least one link: none was given`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
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
  for (const link of links) linkSetNoMaster(link);
  linkSetDown(bridge);
}
