import type { WithUnknown } from '../../message/unknown-attribute.js';

/** A VLAN that the packets of a virtual function are put into. */
export interface VfVlan {
  /** 1 to 4094; 0 takes the VLAN away. */
  readonly id: number;
  /**
   * Priority of the packets, 0 to 7.
   *
   * @default 0
   */
  readonly qos?: number | undefined;
  /**
   * Of the tag.
   *
   * @default '802.1q'
   */
  readonly protocol?: '802.1q' | '802.1ad' | number | undefined;
}

/** What can be set of a virtual function; what is left out stays as it is. */
export interface VfSettings extends WithUnknown {
  readonly hardwareAddr?: string | undefined;
  /** One VLAN, or a list of them; the kernel takes one so far. */
  readonly vlan?: VfVlan | readonly VfVlan[] | undefined;
  /** Bits per second that it can always send, whole megabits; 0 for none. */
  readonly minTxRate?: number | undefined;
  /** Bits per second that it can send at most, whole megabits; 0 for no limit. */
  readonly maxTxRate?: number | undefined;
  /** Whether it has a signal: as the device has, always, or never. */
  readonly linkState?: 'auto' | 'enable' | 'disable' | number | undefined;
  /** Whether packets with another source address are dropped. */
  readonly spoofCheck?: boolean | undefined;
  /** Whether it may do what only the owner of the device may otherwise. */
  readonly trust?: boolean | undefined;
  /** Whether it may ask for the key and the table by which flows are spread. */
  readonly rssQuery?: boolean | undefined;
  /** InfiniBand: eight bytes, `'00:11:22:33:44:55:66:77'`. */
  readonly nodeGuid?: string | undefined;
  readonly portGuid?: string | undefined;
}

/** What a virtual function has counted. What the driver does not count is absent. */
export interface VfStatistics extends WithUnknown {
  readonly rxPackets?: bigint;
  readonly txPackets?: bigint;
  readonly rxBytes?: bigint;
  readonly txBytes?: bigint;
  readonly broadcast?: bigint;
  readonly multicast?: bigint;
  readonly rxDropped?: bigint;
  readonly txDropped?: bigint;
}

/** A virtual function of a device (SR-IOV). What the driver does not tell is absent. What was read can be given to `linkSetVf`. */
export interface Vf extends VfSettings {
  /** Its number, from 0 on. */
  readonly vf: number;
  /** Told. */
  readonly broadcast?: string | undefined;
  /** Told. */
  readonly statistics?: VfStatistics | undefined;
}
