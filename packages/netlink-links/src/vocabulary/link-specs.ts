import type { LinkSpec } from '../link/link.js';

/** A link to be made, which has a name. */
export type NamedLinkSpec = LinkSpec & { readonly name: string };

export const bridgeSpec = (name: string): NamedLinkSpec => ({ type: 'bridge', name });
export const vethSpec = (name: string, peerName: string): NamedLinkSpec => ({
  type: 'veth',
  name,
  peer: { name: peerName },
});
export const dummySpec = (name: string): NamedLinkSpec => ({ type: 'dummy', name });
export const gretapSpec = (name: string, localIP: string, remoteIP: string): NamedLinkSpec => ({
  type: 'gretap',
  name,
  localAddress: localIP,
  remoteAddress: remoteIP,
});
export const wireguardSpec = (name: string): NamedLinkSpec => ({ type: 'wireguard', name });
/** Learning stays on, as the kernel has it; NESlink turns it off by accident. */
export const vxlanSpec = (name: string, localIP: string, groupIP: string, id: number, port: number): NamedLinkSpec => ({
  type: 'vxlan',
  name,
  vxlanId: id,
  localAddress: localIP,
  groupAddress: groupIP,
  port,
});
