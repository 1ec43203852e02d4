import type { WithUnknown } from '../message/unknown-attribute.js';

/** An identifier that a VXLAN with `vniFilter` carries. */
export interface BridgeVni extends WithUnknown {
  readonly ifindex: number;
  readonly vni: number;
  /** The multicast group, or the one endpoint, that unknown frames go to. */
  readonly groupAddress?: string;
}
