// The table of operations. The three doors are derived from it: methods of Netlink, of Netlink.sync, and the
// functions of the module (`here.ts` names those once more, since a module's exports have to be written out: scripts/write-documentation.mjs does).

export { addrList } from '../address/list.js';
export { addrAdd, addrDel, addrReplace } from '../address/operations.js';
export { bridgeVlanList } from '../bridge-vlan/list.js';
export { bridgeVlanAdd, bridgeVlanDel } from '../bridge-vlan/operations.js';
export { genericFamilyGet, genericFamilyList } from '../generic/families.js';
export { genericRequest } from '../generic/request.js';
export { linkAdd } from '../link/add.js';
export { linkAddAltName, linkDelAltName } from '../link/alt-names.js';
export { linkByAlias, linkByIndex, linkByName } from '../link/find.js';
export { linkList } from '../link/list.js';
export { linkSetNsFd, linkSetNsPid } from '../link/move.js';
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
export { neighList } from '../neighbour/list.js';
export { neighAdd, neighAppend, neighDel, neighSet } from '../neighbour/operations.js';
export { nsidGet, nsidSet } from '../nsid/operations.js';
export { qdiscList } from '../qdisc/list.js';
export { qdiscAdd, qdiscChange, qdiscDel, qdiscReplace } from '../qdisc/operations.js';
export { rawRequest } from '../raw/request.js';
export { routeGet } from '../route/get.js';
export { routeList } from '../route/list.js';
export { routeAdd, routeAppend, routeDel, routeReplace } from '../route/operations.js';
export { ruleList } from '../rule/list.js';
export { ruleAdd, ruleDel } from '../rule/operations.js';
export { socketList } from '../sockets/list.js';
export { socketDestroy, socketDestroyAll, socketGet } from '../sockets/operations.js';
export { wireguardGet, wireguardSet } from '../wireguard/operations.js';
