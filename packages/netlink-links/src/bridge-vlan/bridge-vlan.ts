/** A VLAN that a port of a bridge, or the bridge itself, belongs to. */
export interface BridgeVlan {
  /** Index of the port, or of the bridge. */
  readonly ifindex: number;
  /** 1 to 4094. */
  readonly vid: number;
  /** Packets that come in without a tag are of this VLAN. */
  readonly pvid: boolean;
  /** Packets of this VLAN go out without a tag. */
  readonly untagged: boolean;
  /** It is of the bridge itself, whose own traffic it is for; absent for those of ports. */
  readonly self?: boolean | undefined;
  /** Identifier of the VXLAN that the VLAN is mapped to, where the port is a tunnel (`vlan_tunnel`). */
  readonly tunnelId?: number | undefined;
}
