// Written by scripts/write-documentation.mjs from the operations. Change them there, and run it.
import type * as operations from './operations.js';
import type { Synchronous } from './synchronous.js';

/** The functions of the table as they are when a Netlink executes them at once. */
export interface SynchronousOperations {
  /**
   * Lists the actions of one kind in the namespace: those that filters have, and those that were added by themselves.
   *
   * @throws InvalidOptionError
   */
  actionList: Synchronous<typeof operations.actionList>;

  /**
   * Adds an action by itself, which filters then share by its `index`. That there is one with its index is an error, `EEXIST`.
   *
   * @returns its index
   * @throws InvalidOptionError for an action that cannot be
   * @throws LinkNotFoundError when it runs and a link that it names does not exist
   */
  actionAdd: Synchronous<typeof operations.actionAdd>;

  /**
   * Removes an action that was added by itself. The kernel refuses it (`EPERM`) while a filter has the action.
   *
   * @throws InvalidOptionError for an action that cannot be
   */
  actionDel: Synchronous<typeof operations.actionDel>;

  /**
   * Puts an action in the place of the one with its index, for all filters that share it, or adds it if there is none.
   *
   * @returns its index
   * @throws InvalidOptionError for an action that cannot be
   * @throws LinkNotFoundError when it runs and a link that it names does not exist
   */
  actionReplace: Synchronous<typeof operations.actionReplace>;

  /**
   * Lists addresses, of all links or of one. The kernel filters.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  addrList: Synchronous<typeof operations.addrList>;

  /**
   * Gives a link an address. That it has it already is an error (EEXIST).
   *
   * @param address `'192.0.2.1/24'`, or with more to say an object
   * @throws InvalidOptionError for an address that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  addrAdd: Synchronous<typeof operations.addrAdd>;

  /**
   * Takes an address from a link. The length of the prefix belongs to it. That it is not there is an error (EADDRNOTAVAIL).
   *
   * @param address `'192.0.2.1/24'`, or with more to say an object
   * @throws InvalidOptionError for an address that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  addrDel: Synchronous<typeof operations.addrDel>;

  /**
   * Gives a link an address, or changes the lifetimes and flags of one that it has.
   *
   * @param address `'192.0.2.1/24'`, or with more to say an object
   * @throws InvalidOptionError for an address that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  addrReplace: Synchronous<typeof operations.addrReplace>;

  /**
   * Lists the VLANs of the ports of bridges, and of bridges themselves; of all, or of one link.
   *
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVlanList: Synchronous<typeof operations.bridgeVlanList>;

  /**
   * Adds a VLAN, or a range, to a port of a bridge; to the bridge itself with `self`. One that is there already gets
   * the flags that are given.
   *
   * @throws InvalidOptionError for a VLAN that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVlanAdd: Synchronous<typeof operations.bridgeVlanAdd>;

  /**
   * Removes a VLAN, or a range, from a port of a bridge; from the bridge itself with `self`.
   *
   * @throws InvalidOptionError for a VLAN that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVlanDel: Synchronous<typeof operations.bridgeVlanDel>;

  /**
   * Sets what a port of a bridge is for a VLAN, or for a range of them, that it belongs to: its state of spanning tree, and
   * whether there are routers of multicast behind it. `bridge vlan set`.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ENOENT` where the port does not belong to the VLAN
   */
  bridgeVlanSet: Synchronous<typeof operations.bridgeVlanSet>;

  /**
   * Removes the mapping of a VLAN, or of a range, to identifiers of a VXLAN, and leaves the VLAN. `bridgeVlanAdd` with
   * `tunnelId` makes it.
   *
   * @throws InvalidOptionError for a mapping that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVlanTunnelDel: Synchronous<typeof operations.bridgeVlanTunnelDel>;

  /**
   * Lists the identifiers of VXLANs with `vniFilter`. Linux 5.18 and later.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVniList: Synchronous<typeof operations.bridgeVniList>;

  /**
   * Adds an identifier, or a range, to a VXLAN with `vniFilter`. One that is there already gets the group that is given.
   * Linux 5.18 and later.
   *
   * @throws InvalidOptionError for an identifier that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVniAdd: Synchronous<typeof operations.bridgeVniAdd>;

  /**
   * Removes an identifier, or a range, from a VXLAN with `vniFilter`.
   *
   * @throws InvalidOptionError for an identifier that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  bridgeVniDel: Synchronous<typeof operations.bridgeVniDel>;

  /**
   * Lists the chains of a link or of a block: those that were added, and those that have filters. Of a link they are asked for
   * one queueing discipline after the other, unless a `parent` is given.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  chainList: Synchronous<typeof operations.chainList>;

  /**
   * Adds a chain of filters. Filters make the chains that they are in by themselves, which go with their last filter; one that
   * was added stays until it is removed. That there is one is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a chain that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  chainAdd: Synchronous<typeof operations.chainAdd>;

  /**
   * Removes a chain with its filters. While an action goes to it, the kernel keeps the chain, without filters.
   *
   * @throws InvalidOptionError for a chain that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  chainDel: Synchronous<typeof operations.chainDel>;

  /**
   * Lists the traffic classes of all links or of one, those that the kernel has for its own queueing disciplines included. Of
   * all links they are asked for one link after the other.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  classList: Synchronous<typeof operations.classList>;

  /**
   * Adds a class to a queueing discipline that has classes. That there is one with its number is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a class that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  classAdd: Synchronous<typeof operations.classAdd>;

  /**
   * Changes the settings of a class; it stays the same one, with what is in its queue. A setting that is left out gets
   * its default.
   *
   * @throws InvalidOptionError for a class that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  classChange: Synchronous<typeof operations.classChange>;

  /**
   * Removes a class, with the queueing discipline in it. One that other classes are below, or that a filter names, is in
   * use (`EBUSY`).
   *
   * @throws InvalidOptionError for a place that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  classDel: Synchronous<typeof operations.classDel>;

  /**
   * Changes the class with this number, or adds it if there is none.
   *
   * @throws InvalidOptionError for a class that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  classReplace: Synchronous<typeof operations.classReplace>;

  /**
   * Lists the devices that can be managed by devlink. `devlink dev`.
   *
   * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family `devlink`
   */
  devlinkList: Synchronous<typeof operations.devlinkList>;

  /**
   * Reads the switch between the functions of a device. `devlink dev eswitch show`.
   *
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where it has no switch
   */
  devlinkEswitchGet: Synchronous<typeof operations.devlinkEswitchGet>;

  /**
   * Changes the switch between the functions of a device; what is left out stays as it is. What was read can be given.
   *
   * ```ts
   * devlinkEswitchSet('pci/0000:03:00.0', { mode: 'switchdev' });
   * ```
   *
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where it has no switch
   */
  devlinkEswitchSet: Synchronous<typeof operations.devlinkEswitchSet>;

  /**
   * Reads what a device is, and which programs are in it. `devlink dev info`.
   *
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where its driver does not tell
   */
  devlinkInfoGet: Synchronous<typeof operations.devlinkInfoGet>;

  /**
   * Lists the ports of the devices that can be managed by devlink. `devlink port`.
   *
   * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family `devlink`
   */
  devlinkPortList: Synchronous<typeof operations.devlinkPortList>;

  /**
   * Reads how many channels a device has, and can have.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolChannelsGet: Synchronous<typeof operations.ethtoolChannelsGet>;

  /**
   * Sets how many channels a device has; what is left out stays as it is. What was read can be given: the maxima are ignored.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolChannelsSet: Synchronous<typeof operations.ethtoolChannelsSet>;

  /**
   * Reads for how long a device waits before it interrupts.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolCoalesceGet: Synchronous<typeof operations.ethtoolCoalesceGet>;

  /**
   * Sets for how long a device waits before it interrupts; what is left out stays as it is.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolCoalesceSet: Synchronous<typeof operations.ethtoolCoalesceSet>;

  /**
   * Reads what drives a device.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver does not say, as that of `lo`
   */
  ethtoolDriverGet: Synchronous<typeof operations.ethtoolDriverGet>;

  /**
   * Reads the counters that the driver of a device has, by the driver's names; `ethtool -S`. The second of two with the
   * same name has `#` and its position behind the name.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none, `EAGAIN` where their number does not stay
   *   the same
   */
  ethtoolDriverStatsGet: Synchronous<typeof operations.ethtoolDriverStatsGet>;

  /**
   * Reads what a device can do for the kernel, by the kernel's names: `'tx-tcp-segmentation'`.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  ethtoolFeaturesGet: Synchronous<typeof operations.ethtoolFeaturesGet>;

  /**
   * Switches what a device does for the kernel on or off. `ethtool`'s short names `tso`, `gso`, `gro`, `lro`, `rx`, `tx`,
   * `sg`, `rxvlan`, `txvlan`, `ntuple` and `rxhash` stand for all that they mean and that can be switched.
   *
   * @returns what did not become as wanted, as it is: another setting was in its way, or it cannot be switched
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ERR_UNKNOWN_FEATURE` for a name that the kernel does not have
   */
  ethtoolFeaturesSet: Synchronous<typeof operations.ethtoolFeaturesSet>;

  /**
   * Reads how a device is connected: its speed, what it offers, whether there is a signal.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  ethtoolLinkGet: Synchronous<typeof operations.ethtoolLinkGet>;

  /**
   * Sets speed, duplex and what is offered to the other end; what is left out stays as it is.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver cannot set it
   */
  ethtoolLinkSet: Synchronous<typeof operations.ethtoolLinkSet>;

  /**
   * Reads whether a device sends and obeys pause frames.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolPauseGet: Synchronous<typeof operations.ethtoolPauseGet>;

  /**
   * Sets whether a device sends and obeys pause frames; what is left out stays as it is.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolPauseSet: Synchronous<typeof operations.ethtoolPauseSet>;

  /**
   * Reads how many packets the rings of a device hold, and can hold.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolRingsGet: Synchronous<typeof operations.ethtoolRingsGet>;

  /**
   * Sets how many packets the rings of a device hold; what is left out stays as it is. What was read can be given: the maxima are ignored.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
   */
  ethtoolRingsSet: Synchronous<typeof operations.ethtoolRingsSet>;

  /**
   * Reads counters that standards define, by groups; `ethtool -S DEVICE --groups …`. What the driver counts by names of its
   * own is what `ethtoolDriverStatsGet` reads.
   *
   * @param groups all that the kernel has by default
   * @returns each group with its counters, none where the driver has none of them
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` for a group that the kernel does not have
   */
  ethtoolStatsGet: Synchronous<typeof operations.ethtoolStatsGet>;

  /**
   * Reads a set of names, in the order of their numbers: those of the counters of a device, say.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  ethtoolStringsGet: Synchronous<typeof operations.ethtoolStringsGet>;

  /**
   * Reads which timestamps a device can make.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  ethtoolTimestampingGet: Synchronous<typeof operations.ethtoolTimestampingGet>;

  /**
   * Lists the filters of a link or of a block. Of a link they are asked for one queueing discipline after the other, unless a
   * `parent` is given.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  filterList: Synchronous<typeof operations.filterList>;

  /**
   * Adds a filter. That there is one with its priority and handle is an error, `EEXIST`.
   *
   * @returns where it is, with the priority and the handle that the kernel chose
   * @throws InvalidOptionError for a filter that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
   */
  filterAdd: Synchronous<typeof operations.filterAdd>;

  /**
   * Changes the filter with its priority and handle. Some kinds keep what is left out, others do not.
   *
   * @throws InvalidOptionError for a filter that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
   */
  filterChange: Synchronous<typeof operations.filterChange>;

  /**
   * Removes a filter. A place without a handle means all filters of the priority, one without a priority all of the
   * parent (and of the chain, if that is given).
   *
   * @throws InvalidOptionError for a place that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  filterDel: Synchronous<typeof operations.filterDel>;

  /**
   * Puts a filter in the place of the one with its priority and handle, or adds it if there is none. Without a handle it
   * is a further filter of its priority.
   *
   * @returns where it is, with the priority and the handle that the kernel chose
   * @throws InvalidOptionError for a filter that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
   */
  filterReplace: Synchronous<typeof operations.filterReplace>;

  /**
   * Finds a family of generic netlink by its name or number. The kernel loads its module if it can.
   *
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks it
   */
  genericFamilyGet: Synchronous<typeof operations.genericFamilyGet>;

  /** Lists the families of generic netlink that the kernel has: parts of it that are talked to by commands of their own. */
  genericFamilyList: Synchronous<typeof operations.genericFamilyList>;

  /**
   * Sends a command to a family of generic netlink: what this package has no operation for.
   *
   * ```ts
   * const [features] = netlink.sync.genericRequest('ethtool', {
   *   command: 11,
   *   attributes: [attr.nested(1, [attr.string(2, 'eth0')])],
   *   answer: 'one',
   * });
   * ```
   *
   * @param family by name, or as `genericFamilyGet` gives it; a name is looked up once for each connection
   * @returns the messages of the kernel; none for `answer: 'ack'`
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family
   */
  genericRequest: Synchronous<typeof operations.genericRequest>;

  /**
   * Makes a link. `type` says of which kind; `name` may be left out, the kernel then chooses one.
   *
   * ```ts
   * linkAdd({ type: 'veth', name: 'v0', up: true, peer: { name: 'eth0', netnsFd: container.fd } });
   * ```
   *
   * A link that cannot be given everything that was asked for is not left behind.
   *
   * A link as it was read is made again with its index, its names and its settings, as the port of its master that it
   * was, on top of the link below, and up if it was. What belongs to other objects is not a part of it: addresses,
   * queueing disciplines, and the other end of a pair, which `peer` describes. One with an XDP program is refused.
   *
   * @throws InvalidOptionError for a link that cannot be
   * @throws LinkNotFoundError when it runs and `master` or `parent` does not exist
   */
  linkAdd: Synchronous<typeof operations.linkAdd>;

  /**
   * Gives a link further names, under which it can be looked up like under its own. They may have up to 127 bytes.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkAddAltName: Synchronous<typeof operations.linkAddAltName>;

  /**
   * Takes names away from a link that `linkAddAltName` gave it.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkDelAltName: Synchronous<typeof operations.linkDelAltName>;

  /**
   * Finds a link by its alias (`linkSetAlias`). Of several with the same alias it is the one with the lowest index.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and there is none
   */
  linkByAlias: Synchronous<typeof operations.linkByAlias>;

  /**
   * Finds a link by its index.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and there is none
   */
  linkByIndex: Synchronous<typeof operations.linkByIndex>;

  /**
   * Finds a link by its name or one of its alternative names.
   *
   * @param options `{ vfs: true }` for its virtual functions
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and there is none
   */
  linkByName: Synchronous<typeof operations.linkByName>;

  /**
   * Lists the links of the namespace.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the master does not exist
   */
  linkList: Synchronous<typeof operations.linkList>;

  /**
   * Adds to the addresses whose frames a macvlan in source mode takes. The property `sourceAddresses` sets all of them.
   * Of several addresses each is a message of its own: those before one that is refused stay.
   *
   * @param addresses hardware addresses: `'02:00:00:00:00:01'`
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  macvlanAddressAdd: Synchronous<typeof operations.macvlanAddressAdd>;

  /**
   * Takes addresses away from those whose frames a macvlan in source mode takes. Addresses that it does not have are passed over.
   *
   * @param addresses hardware addresses: `'02:00:00:00:00:01'`
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  macvlanAddressDel: Synchronous<typeof operations.macvlanAddressDel>;

  /**
   * Moves a link into a namespace, given by any reference to it.
   *
   * @param namespace resolved when the operation runs, and held open until the kernel has answered
   * @returns the link's index over there: it keeps its own if that is free
   * @throws InvalidOptionError
   * @throws NamespaceNotFoundError when it runs and the namespace does not exist
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetNetns: Synchronous<typeof operations.linkSetNetns>;

  /**
   * Moves a link into a namespace, given by a file descriptor of it (`NetnsHandle.fd`).
   *
   * @returns the link's index over there: it keeps its own if that is free
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetNsFd: Synchronous<typeof operations.linkSetNsFd>;

  /**
   * Moves a link into the namespace of a process.
   *
   * @returns the link's index over there: it keeps its own if that is free
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetNsPid: Synchronous<typeof operations.linkSetNsPid>;

  /**
   * Deletes a link. Of a veth pair it takes the other end along.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkDel: Synchronous<typeof operations.linkDel>;

  /**
   * Changes a link: what is given is set, the rest stays. With its `type`, what its kind has can be changed, too, as
   * far as the kernel allows it after creation.
   *
   * A link as it was read makes the link what that one was, its master and its alias included: what is not so now is
   * sent, and nothing else, since the kernel refuses attributes that cannot be changed even where they say what is so.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkModify: Synchronous<typeof operations.linkModify>;

  /**
   * Sets the alias of a link, a text of up to 255 bytes; '' removes it.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetAlias: Synchronous<typeof operations.linkSetAlias>;

  /**
   * Sets a link down.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetDown: Synchronous<typeof operations.linkSetDown>;

  /**
   * Sets the link layer address of a link, `'02:00:00:00:00:01'`.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetHardwareAddr: Synchronous<typeof operations.linkSetHardwareAddr>;

  /**
   * Makes a link a port of a bridge, bond or VRF.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetMaster: Synchronous<typeof operations.linkSetMaster>;

  /**
   * Sets the MTU of a link, in bytes.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetMTU: Synchronous<typeof operations.linkSetMTU>;

  /**
   * Renames a link. Before Linux 6.2 it must be down.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetName: Synchronous<typeof operations.linkSetName>;

  /**
   * Takes a link out of its bridge, bond or VRF.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetNoMaster: Synchronous<typeof operations.linkSetNoMaster>;

  /**
   * Sets the length of the queue for sending, in packets.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetTxQLen: Synchronous<typeof operations.linkSetTxQLen>;

  /**
   * Sets a link up.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkSetUp: Synchronous<typeof operations.linkSetUp>;

  /**
   * Switches promiscuous mode off.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  setPromiscOff: Synchronous<typeof operations.setPromiscOff>;

  /**
   * Switches promiscuous mode on.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  setPromiscOn: Synchronous<typeof operations.setPromiscOn>;

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
  linkSetPort: Synchronous<typeof operations.linkSetPort>;

  /**
   * Sets what a virtual function of a device (SR-IOV) is and may do; what is left out stays as it is. A function that was read
   * (`Link.vfs`) can be given: `linkSetVf(link, vf.vf, vf)`. `ip link set … vf`.
   *
   * ```ts
   * linkSetVf('eth0', 3, { hardwareAddr: '02:00:00:00:00:03', vlan: { id: 10 }, maxTxRate: 100_000_000 });
   * ```
   *
   * @param vf its number, from 0 on
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has no such setting, `EINVAL` where it has no such function
   */
  linkSetVf: Synchronous<typeof operations.linkSetVf>;

  /**
   * Attaches an XDP program to a link, which then sees every packet that arrives before all else does, or takes it away.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs and the program cannot be opened, or the kernel refuses it
   */
  linkSetXdp: Synchronous<typeof operations.linkSetXdp>;

  /**
   * Lists what links count: packets and bytes as in `Link.statistics`; of bridges and their ports VLANs and multicast; of bonds and
   * their ports LACP; what hardware forwards; MPLS. `ip stats`.
   *
   * ```ts
   * const [{ bridge }] = await netlink.linkStatsList({ link: 'br0', groups: ['bridge'] });
   * ```
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  linkStatsList: Synchronous<typeof operations.linkStatsList>;

  /**
   * Lists the multicast groups of bridges and VXLANs.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
   */
  mdbList: Synchronous<typeof operations.mdbList>;

  /**
   * Adds a multicast group to a port of a bridge, or to the bridge itself. The bridge must be up. That it is there already
   * is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a group that cannot be
   * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
   */
  mdbAdd: Synchronous<typeof operations.mdbAdd>;

  /**
   * Removes a multicast group.
   *
   * @throws InvalidOptionError for a group that cannot be
   * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
   */
  mdbDel: Synchronous<typeof operations.mdbDel>;

  /**
   * Adds a multicast group, or changes the one that is there. Linux 6.3 and later; older kernels refuse it for a group
   * that is there.
   *
   * @throws InvalidOptionError for a group that cannot be
   * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
   */
  mdbReplace: Synchronous<typeof operations.mdbReplace>;

  /** Lists the routes of MPLS, by their labels. There are none where the kernel lacks it (module `mpls_router`). */
  mplsRouteList: Synchronous<typeof operations.mplsRouteList>;

  /**
   * Adds a route of MPLS: what is to be done with packets that come with a label. That there is one is an error, `EEXIST`.
   *
   * Links take packets with labels only if the sysctl `net.mpls.conf.<link>.input` says so, and the kernel knows labels up to
   * the sysctl `net.mpls.platform_labels`, which is 0 at first.
   *
   * ```ts
   * mplsRouteAdd({ label: 100, swapTo: [200], via: '192.0.2.2' });
   * ```
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  mplsRouteAdd: Synchronous<typeof operations.mplsRouteAdd>;

  /**
   * Removes the route of MPLS that has the label. A route as it was read can be given; what it has besides does not matter.
   * That there is none is not an error: the kernel does not say so.
   *
   * @throws InvalidOptionError for a route that cannot be
   */
  mplsRouteDel: Synchronous<typeof operations.mplsRouteDel>;

  /**
   * Puts a route of MPLS in the place of the one with the same label, or adds it if there is none.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  mplsRouteReplace: Synchronous<typeof operations.mplsRouteReplace>;

  /**
   * Removes the entries of a forwarding database that match, as `bridge fdb flush` does, with one message. Of a bridge it
   * needs Linux 5.19, of a VXLAN Linux 6.7; older kernels refuse it.
   *
   * ```ts
   * neighFlush({ family: 'bridge', link: 'eth1', flags: ['master'], state: 'reachable' });
   * ```
   *
   * @throws InvalidOptionError for what cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighFlush: Synchronous<typeof operations.neighFlush>;

  /**
   * Lists neighbours. The kernel filters by family, link and master.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighList: Synchronous<typeof operations.neighList>;

  /**
   * Adds a neighbour. That there is one with this address already is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a neighbour that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighAdd: Synchronous<typeof operations.neighAdd>;

  /**
   * Adds a further destination to an entry of a forwarding database, as `bridge fdb append` does: a VXLAN floods frames
   * to all destinations of the address `'00:00:00:00:00:00'`.
   *
   * @throws InvalidOptionError for a neighbour that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighAppend: Synchronous<typeof operations.neighAppend>;

  /**
   * Removes a neighbour.
   *
   * @throws InvalidOptionError for a neighbour that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighDel: Synchronous<typeof operations.neighDel>;

  /**
   * Adds a neighbour, or changes the one with this address.
   *
   * @throws InvalidOptionError for a neighbour that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  neighSet: Synchronous<typeof operations.neighSet>;

  /**
   * Lists the tables of neighbours, of IPv4 and of IPv6: what new links get, and the parameters of each link. `ip ntable`.
   */
  neighTableList: Synchronous<typeof operations.neighTableList>;

  /**
   * Changes how neighbours of a link, or of links that are made from now on, are looked for and kept; what is left out
   * stays as it is. Without a link it is a setting of the initial network namespace, which others have for their new links
   * too. A table that was read will do: `neighTableSet(table.name, table)`. `ip ntable change`.
   *
   * ```ts
   * neighTableSet('arp_cache', { link: 'eth0', baseReachable: 60_000, unicastProbes: 5 });
   * ```
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ENOENT` without a link, in another than the initial namespace, where something is not
   *   so already; where the link has no addresses of the family
   */
  neighTableSet: Synchronous<typeof operations.neighTableSet>;

  /**
   * Lists the settings that links have for IPv4, IPv6 and MPLS, those of all links (`'all'`) and those that links begin with
   * (`'default'`) included: what `ip netconf` shows. The kernel filters by family only.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  netconfList: Synchronous<typeof operations.netconfList>;

  /**
   * Lists the buckets of resilient groups: which member each belongs to, and for how long no packet has come. The kernel
   * filters.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ENOENT` where there is no nexthop object with the id, `EINVAL` where it is not a
   * resilient group
   */
  nexthopBucketList: Synchronous<typeof operations.nexthopBucketList>;

  /**
   * Gives the nexthop object with an id.
   *
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where there is none
   */
  nexthopGet: Synchronous<typeof operations.nexthopGet>;

  /**
   * Lists nexthop objects. The kernel filters by link, master and groups; the rest is sorted out here.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and a link does not exist
   */
  nexthopList: Synchronous<typeof operations.nexthopList>;

  /**
   * Adds a nexthop object: a way to the next router, a blackhole, or a group of others. That there is one with the id
   * already is an error, `EEXIST`.
   *
   * @returns its id, which the kernel has chosen if none was given
   * @throws InvalidOptionError for a nexthop object that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  nexthopAdd: Synchronous<typeof operations.nexthopAdd>;

  /**
   * Removes a nexthop object, with the routes that name it; groups lose it as a member.
   *
   * @param nexthop its id, or one that was read
   * @throws InvalidOptionError
   */
  nexthopDel: Synchronous<typeof operations.nexthopDel>;

  /**
   * Puts a nexthop object in the place of the one with the same id, or adds it if there is none. Routes that name it follow.
   * The number of a resilient group's buckets stays.
   *
   * @throws InvalidOptionError for a nexthop object that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  nexthopReplace: Synchronous<typeof operations.nexthopReplace>;

  /** Lists the identifiers by which the namespace of the connection knows others: what `ip netns list-id` shows. */
  nsidList: Synchronous<typeof operations.nsidList>;

  /**
   * The identifier by which the namespace of the connection knows another one: what `linkNetnsId` of a link and the
   * `peerNetnsId` of a veth end count in. The kernel gives one when a link first reaches over, or `nsidSet` does.
   *
   * @param namespace the other one; resolved when the operation runs
   * @returns `undefined` where it has none
   * @throws NamespaceNotFoundError when it runs and the namespace does not exist
   */
  nsidGet: Synchronous<typeof operations.nsidGet>;

  /**
   * Gives another namespace an identifier in that of the connection. It cannot be changed or taken back.
   *
   * @param namespace the other one; resolved when the operation runs
   * @param nsid 0 or greater; the kernel chooses one if left out
   * @throws InvalidOptionError
   * @throws NamespaceNotFoundError when it runs and the namespace does not exist
   */
  nsidSet: Synchronous<typeof operations.nsidSet>;

  /**
   * Lists queueing disciplines, of all links or of one, the kernel's own included. The kernel lists them all; the
   * filter is applied here.
   *
   * @param filter a filter, or the link alone
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  qdiscList: Synchronous<typeof operations.qdiscList>;

  /**
   * Adds a queueing discipline to a link. That there is one at the place, other than the kernel's own, is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a queueing discipline that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  qdiscAdd: Synchronous<typeof operations.qdiscAdd>;

  /**
   * Changes settings of a queueing discipline; it stays the same one, with what is in its queue.
   *
   * @throws InvalidOptionError for a queueing discipline that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  qdiscChange: Synchronous<typeof operations.qdiscChange>;

  /**
   * Removes a queueing discipline; the kernel puts its own in the place. The link is enough for the one at the root,
   * and the kind (or the parent) for ingress and clsact.
   *
   * @throws InvalidOptionError for a place that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  qdiscDel: Synchronous<typeof operations.qdiscDel>;

  /**
   * Puts a queueing discipline in the place of the one that is there, or adds it if there is none.
   *
   * @throws InvalidOptionError for a queueing discipline that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  qdiscReplace: Synchronous<typeof operations.qdiscReplace>;

  /**
   * Sends a message as it is and gives the kernel's as they come: what this package has no operation for. Dumps that are
   * interrupted are started again; errors carry the kernel's words.
   *
   * @returns the messages of the kernel; none for `answer: 'ack'`
   * @throws InvalidOptionError
   */
  rawRequest: Synchronous<typeof operations.rawRequest>;

  /**
   * Asks the kernel which way a packet to an address would take.
   *
   * @param destination one address
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and `iif` or `oif` does not exist
   * @throws NetlinkError when it runs and there is no way: `ENETUNREACH`, `EHOSTUNREACH`, `EACCES`
   */
  routeGet: Synchronous<typeof operations.routeGet>;

  /**
   * Lists routes of IPv4 and IPv6, of the table `'main'` unless told otherwise; those of MPLS are what `mplsRouteList`
   * lists. The kernel filters by family, table, protocol, type and link; the rest is sorted out here.
   *
   * A route with more next hops than fit into 32 KiB (about 2,000) ends the kernel's list where it stands, and the kernel
   * says nothing of it.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeList: Synchronous<typeof operations.routeList>;

  /**
   * Adds a route. That there is one with the same destination, TOS, metric and table already is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeAdd: Synchronous<typeof operations.routeAdd>;

  /**
   * Adds a route behind those with the same destination, TOS, metric and table; in IPv6 they become one with several
   * nexthops.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeAppend: Synchronous<typeof operations.routeAppend>;

  /**
   * Puts a route in the place of the one with the same destination, TOS, metric and table. That there is none is an error,
   * `ENOENT`.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeChange: Synchronous<typeof operations.routeChange>;

  /**
   * Removes the first route that has all that is given: the destination in any case, and the table, which is `'main'`
   * if left out. What else is left out does not matter.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeDel: Synchronous<typeof operations.routeDel>;

  /**
   * Puts a route in the place of the one with the same destination, TOS, metric and table, or adds it if there is none.
   *
   * @throws InvalidOptionError for a route that cannot be
   * @throws LinkNotFoundError when it runs and the link does not exist
   */
  routeReplace: Synchronous<typeof operations.routeReplace>;

  /**
   * Lists the rules of policy routing, in the order in which they are tried. The kernel filters by family only.
   *
   * @throws InvalidOptionError
   */
  ruleList: Synchronous<typeof operations.ruleList>;

  /**
   * Adds a rule. That there is one just like it is an error, `EEXIST`.
   *
   * @throws InvalidOptionError for a rule that cannot be
   */
  ruleAdd: Synchronous<typeof operations.ruleAdd>;

  /**
   * Removes the first rule that has all that is given; what is left out does not matter.
   *
   * @throws InvalidOptionError for a rule that cannot be, and where nothing but a family is given
   */
  ruleDel: Synchronous<typeof operations.ruleDel>;

  /**
   * Lists the sockets of the namespace: of TCP and UDP unless told otherwise. The kernel chooses by state, address, port
   * and mark, and by link those of IPv4 and IPv6; the rest is sorted out here. Which process has a socket is not told.
   *
   * ```ts
   * netlink.sync.socketList({ protocol: 'tcp', states: ['established'], remote: { port: 443 } });
   * netlink.sync.socketList({ family: ['unix', 'packet'] });
   * ```
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ENOENT` where the kernel cannot list sockets of a family or protocol
   */
  socketList: Synchronous<typeof operations.socketList>;

  /**
   * Destroys a socket: its owner gets `ECONNABORTED`, and TCP tells the peer. A UDP socket stays bound to
   * a port that its owner chose. It needs CAP_NET_ADMIN.
   *
   * @param socket one that was read will do: its cookie keeps another one from being hit that has its place by then
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where it is gone, `EOPNOTSUPP` where sockets of the family or protocol
   *   cannot be destroyed: the kernel destroys those of TCP, UDP and what is made of them
   */
  socketDestroy: Synchronous<typeof operations.socketDestroy>;

  /**
   * Destroys all sockets that are wanted: of TCP and UDP unless told otherwise, those of the own process included. What is
   * gone by then is passed over, and so are UDP sockets that share a port with one that the kernel finds first. It needs
   * CAP_NET_ADMIN.
   *
   * @returns how many were destroyed
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where sockets of a family or protocol cannot be destroyed
   */
  socketDestroyAll: Synchronous<typeof operations.socketDestroyAll>;

  /**
   * Finds a socket: by its addresses and ports, where one without a remote end is found by its local end, or a Unix socket
   * by its inode.
   *
   * @param socket one that was read will do
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where there is none, `EOPNOTSUPP` for netlink, packet, vsock and XDP
   *   sockets, of which the kernel finds no single one
   */
  socketGet: Synchronous<typeof operations.socketGet>;

  /**
   * Reads the keys, settings and peers of a WireGuard device. It needs CAP_NET_ADMIN.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` for a link of another kind, `ENOENT` where the kernel lacks WireGuard
   */
  wireguardGet: Synchronous<typeof operations.wireguardGet>;

  /**
   * Sets keys, settings and peers of a WireGuard device; what is left out stays as it is. A device as it was read will do:
   * with `replacePeers: true` the device becomes an exact copy. No error contains a key. It needs CAP_NET_ADMIN.
   *
   * A list of peers that does not fit into one message goes out in several: if one fails, those before it have been done.
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `EOPNOTSUPP` for a link of another kind, `ENOENT` where the kernel lacks WireGuard
   */
  wireguardSet: Synchronous<typeof operations.wireguardSet>;
}
