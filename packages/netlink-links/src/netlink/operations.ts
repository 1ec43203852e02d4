// The table of operations. The three doors are derived from it: methods of Netlink, of Netlink.sync, and the
// functions of the module (`here.ts` names those once more, since a module's exports have to be written out: scripts/write-documentation.mjs does).

export { actionList } from '../action/list.js';
export { actionAdd, actionDel, actionReplace } from '../action/operations.js';
export { addrList } from '../address/list.js';
export { addrAdd, addrDel, addrReplace } from '../address/operations.js';
export { bridgeVlanList } from '../bridge-vlan/list.js';
export { bridgeVlanAdd, bridgeVlanDel, bridgeVlanSet, bridgeVlanTunnelDel } from '../bridge-vlan/operations.js';
export { bridgeVniList } from '../bridge-vni/list.js';
export { bridgeVniAdd, bridgeVniDel } from '../bridge-vni/operations.js';
export { chainList } from '../chain/list.js';
export { chainAdd, chainDel } from '../chain/operations.js';
export { classList } from '../class/list.js';
export { classAdd, classChange, classDel, classReplace } from '../class/operations.js';
export { devlinkList } from '../devlink/devices.js';
export { devlinkEswitchGet, devlinkEswitchSet } from '../devlink/eswitch.js';
export { devlinkInfoGet } from '../devlink/info.js';
export { devlinkPortList } from '../devlink/ports.js';
export { ethtoolChannelsGet, ethtoolChannelsSet } from '../ethtool/channels.js';
export { ethtoolCoalesceGet, ethtoolCoalesceSet } from '../ethtool/coalesce.js';
export { ethtoolDriverGet } from '../ethtool/driver.js';
export { ethtoolDriverStatsGet } from '../ethtool/driver-stats.js';
export { ethtoolFeaturesGet, ethtoolFeaturesSet } from '../ethtool/features.js';
export { ethtoolLinkGet, ethtoolLinkSet } from '../ethtool/link.js';
export { ethtoolPauseGet, ethtoolPauseSet } from '../ethtool/pause.js';
export { ethtoolRingsGet, ethtoolRingsSet } from '../ethtool/rings.js';
export { ethtoolStatsGet } from '../ethtool/stats.js';
export { ethtoolStringsGet } from '../ethtool/strings.js';
export { ethtoolTimestampingGet } from '../ethtool/timestamping.js';
export { filterList } from '../filter/list.js';
export { filterAdd, filterChange, filterDel, filterReplace } from '../filter/operations.js';
export { genericFamilyGet, genericFamilyList } from '../generic/families.js';
export { genericRequest } from '../generic/request.js';
export { linkAdd } from '../link/add.js';
export { linkAddAltName, linkDelAltName } from '../link/alt-names.js';
export { linkByAlias, linkByIndex, linkByName } from '../link/find.js';
export { linkList } from '../link/list.js';
export { macvlanAddressAdd, macvlanAddressDel } from '../link/macvlan-addresses.js';
export { linkSetNetns, linkSetNsFd, linkSetNsPid } from '../link/move.js';
export {
  linkDel,
  linkModify,
  linkSetAlias,
  linkSetDown,
  linkSetHardwareAddr,
  linkSetMaster,
  linkSetMTU,
  linkSetName,
  linkSetNoMaster,
  linkSetTxQLen,
  linkSetUp,
  setPromiscOff,
  setPromiscOn,
} from '../link/operations.js';
export { linkSetPort } from '../link/port.js';
export { linkSetVf } from '../link/set-vf.js';
export { linkSetXdp } from '../link/xdp.js';
export { linkStatsList } from '../link-stats/list.js';
export { mdbList } from '../mdb/list.js';
export { mdbAdd, mdbDel, mdbReplace } from '../mdb/operations.js';
export { mplsRouteList } from '../mpls-route/list.js';
export { mplsRouteAdd, mplsRouteDel, mplsRouteReplace } from '../mpls-route/operations.js';
export { neighFlush } from '../neighbour/flush.js';
export { neighList } from '../neighbour/list.js';
export { neighAdd, neighAppend, neighDel, neighSet } from '../neighbour/operations.js';
export { neighTableList, neighTableSet } from '../neighbour-table/operations.js';
export { netconfList } from '../netconf/list.js';
export { nexthopBucketList } from '../nexthop/buckets.js';
export { nexthopGet, nexthopList } from '../nexthop/list.js';
export { nexthopAdd, nexthopDel, nexthopReplace } from '../nexthop/operations.js';
export { nsidList } from '../nsid/list.js';
export { nsidGet, nsidSet } from '../nsid/operations.js';
export { qdiscList } from '../qdisc/list.js';
export { qdiscAdd, qdiscChange, qdiscDel, qdiscReplace } from '../qdisc/operations.js';
export { rawRequest } from '../raw/request.js';
export { routeGet } from '../route/get.js';
export { routeList } from '../route/list.js';
export { routeAdd, routeAppend, routeChange, routeDel, routeReplace } from '../route/operations.js';
export { ruleList } from '../rule/list.js';
export { ruleAdd, ruleDel } from '../rule/operations.js';
export { socketList } from '../sockets/list.js';
export { socketDestroy, socketDestroyAll, socketGet } from '../sockets/operations.js';
export { wireguardGet, wireguardSet } from '../wireguard/operations.js';
