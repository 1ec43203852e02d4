import { type BondPort, type BondPortSettings, bondPort } from './bond.js';
import { type BridgePort, type BridgePortSettings, type BridgePortState, bridgePort } from './bridge.js';
import type { GenericPort } from './generic.js';
import type { PortKind } from './kind.js';
import { type VrfPort, vrfPort } from './vrf.js';

/** What a link is as a port of its master. `type` says of which kind the master is, and TypeScript narrows by it. */
export type LinkPort =
  | ({ readonly type: 'bridge' } & BridgePort)
  | ({ readonly type: 'bond' } & BondPort)
  | ({ readonly type: 'vrf' } & VrfPort)
  | ({ readonly type: 'generic' } & GenericPort);

/** What can be said of a port. That of a VRF device has no settings, and is ignored. */
export type LinkPortSettings =
  | BridgePortSettings
  | BondPortSettings
  | ({ readonly type: 'vrf' } & Partial<VrfPort>)
  | ({ readonly type: 'generic' } & GenericPort);

/** The kinds of ports whose data is known here, by their `type`. */
export const PORT_KINDS: Readonly<Record<'bridge' | 'bond' | 'vrf', PortKind<Record<string, unknown>>>> = {
  bridge: bridgePort as PortKind<never>,
  bond: bondPort as PortKind<never>,
  vrf: vrfPort as PortKind<never>,
};

export type { BondPort, BondPortSettings, BridgePort, BridgePortSettings, BridgePortState, GenericPort, VrfPort };
