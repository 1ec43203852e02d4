import { checkLinkReference, describeLink, type LinkReference } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { checkPort } from './check-port.js';
import { linkRequest } from './get.js';
import type { BondPortSettings, BridgePortSettings, LinkPortSettings } from './ports/index.js';
import { setPort } from './set-port.js';

/**
 * Sets what a link is as a port of its bridge or bond, as `ip link set … type bridge_slave` and `bridge link set` do;
 * what is left out stays. A port that was read (`Link.masterPort`) can be given: what is not so now is sent.
 *
 * ```ts
 * linkSetPort('eth1', { hairpin: true, isolated: true });
 * ```
 *
 * @param settings `type` says of which kind of master, and is needed only where the settings do not tell it
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError `ERR_PORT_MISMATCH` if the link is a port of another kind of master, `EOPNOTSUPP` if of none
 */
export function linkSetPort(
  link: LinkReference,
  settings: BridgePortSettings | BondPortSettings | Extract<LinkPortSettings, { type: 'generic' }>,
): Operation<void> {
  const reference = checkLinkReference(link);
  const port = checkPort(settings, 'linkSetPort', '');
  const target = describeLink(link);
  const identity = {
    name: 'linkSetPort',
    description: `set the port settings of link ${target}`,
    target,
    link: reference,
  };
  return new Operation(identity, function* () {
    yield* setPort(identity, port, yield* ask(linkRequest(reference)));
  });
}
