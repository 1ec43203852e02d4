/** A link as a port of a master of a kind that this package does not know: its data as they are. */
export interface GenericPort {
  /** The name of the master's kind, `IFLA_INFO_SLAVE_KIND`. */
  readonly kind: string;
  /** What `IFLA_INFO_SLAVE_DATA` holds: netlink attributes, as bytes. */
  readonly data: Uint8Array;
}
