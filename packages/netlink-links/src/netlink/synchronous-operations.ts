// Written by scripts/write-documentation.mjs from the operations. Change them there, and run it.
import type * as operations from './operations.js';
import type { Synchronous } from './synchronous.js';

/** The functions of the table as they are when a Netlink executes them at once. */
export interface SynchronousOperations {
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
   * Lists routes, of the table `'main'` unless told otherwise. The kernel filters by family, table, protocol, type and
   * link; the rest is sorted out here.
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
   * Lists the sockets of the namespace: of TCP and UDP unless told otherwise. The kernel chooses by state, address, port,
   * link and mark; the rest is sorted out here. Which process has a socket is not told.
   *
   * ```ts
   * netlink.sync.socketList({ protocol: 'tcp', states: ['established'], remote: { port: 443 } });
   * ```
   *
   * @throws InvalidOptionError
   * @throws LinkNotFoundError when it runs and the link does not exist
   * @throws NetlinkError when it runs: `ENOENT` where the kernel cannot list sockets of a protocol
   */
  socketList: Synchronous<typeof operations.socketList>;

  /**
   * Destroys a socket: its owner gets `ECONNABORTED`, and TCP tells the peer. A UDP socket stays bound to
   * a port that its owner chose. It needs CAP_NET_ADMIN.
   *
   * @param socket one that was read will do: its cookie keeps another one from being hit that has its place by then
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where it is gone, `EOPNOTSUPP` where sockets of the protocol cannot be destroyed
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
   * @throws NetlinkError when it runs: `EOPNOTSUPP` where sockets of a protocol cannot be destroyed
   */
  socketDestroyAll: Synchronous<typeof operations.socketDestroyAll>;

  /**
   * Finds a socket by its addresses and ports. One without a remote end is found by its local end.
   *
   * @param socket one that was read will do
   * @throws InvalidOptionError
   * @throws NetlinkError when it runs: `ENOENT` where there is none
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
