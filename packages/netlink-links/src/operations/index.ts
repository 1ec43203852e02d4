// The table of operations. The three doors are derived from it: methods of Netlink, of Netlink.sync, and the
// functions of the module (`../here.ts` names those once more, since a module's exports have to be written out).

export { addrAdd } from './addr-add.js';
export { addrDel } from './addr-del.js';
export { addrList } from './addr-list.js';
export { addrReplace } from './addr-replace.js';
export { linkAdd } from './link-add.js';
export { linkAddAltName } from './link-add-alt-name.js';
export { linkByAlias } from './link-by-alias.js';
export { linkByIndex } from './link-by-index.js';
export { linkByName } from './link-by-name.js';
export { linkDel } from './link-del.js';
export { linkDelAltName } from './link-del-alt-name.js';
export { linkList } from './link-list.js';
export { linkModify } from './link-modify.js';
export { linkSetAlias } from './link-set-alias.js';
export { linkSetDown } from './link-set-down.js';
export { linkSetHardwareAddr } from './link-set-hardware-addr.js';
export { linkSetMaster } from './link-set-master.js';
export { linkSetMTU } from './link-set-mtu.js';
export { linkSetName } from './link-set-name.js';
export { linkSetNoMaster } from './link-set-no-master.js';
export { linkSetNsFd } from './link-set-ns-fd.js';
export { linkSetNsPid } from './link-set-ns-pid.js';
export { linkSetTxQLen } from './link-set-tx-q-len.js';
export { linkSetUp } from './link-set-up.js';
export { routeAdd } from './route-add.js';
export { routeAppend } from './route-append.js';
export { routeDel } from './route-del.js';
export { routeGet } from './route-get.js';
export { routeList } from './route-list.js';
export { routeReplace } from './route-replace.js';
export { setPromiscOff } from './set-promisc-off.js';
export { setPromiscOn } from './set-promisc-on.js';
