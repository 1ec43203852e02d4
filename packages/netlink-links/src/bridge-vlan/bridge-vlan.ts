/** A VLAN that a port of a bridge, or the bridge itself, belongs to. */
export interface BridgeVlan {
  /** Index of the port, or of the bridge. */
  ifindex: number;
  /** 1 to 4094. */
  vid: number;
  /** Packets that come in without a tag are of this VLAN. */
  pvid: boolean;
  /** Packets of this VLAN go out without a tag. */
  untagged: boolean;
}
