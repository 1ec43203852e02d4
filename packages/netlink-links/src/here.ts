// Every operation as a synchronous function that acts in the namespace that the calling thread is in at the time.
// Inside a hop that is the hop's. Each has the arguments of its namesake in 'netlink-links/operations', where it is
// described, and answers at once.
import { inCurrentNamespace } from './doors/current-namespace.js';
import * as operations from './operations/index.js';

export const addrList = inCurrentNamespace(operations.addrList);
export const linkByName = inCurrentNamespace(operations.linkByName);
export const linkList = inCurrentNamespace(operations.linkList);
export const routeAdd = inCurrentNamespace(operations.routeAdd);
export const routeAppend = inCurrentNamespace(operations.routeAppend);
export const routeDel = inCurrentNamespace(operations.routeDel);
export const routeGet = inCurrentNamespace(operations.routeGet);
export const routeList = inCurrentNamespace(operations.routeList);
export const routeReplace = inCurrentNamespace(operations.routeReplace);
export const addrAdd = inCurrentNamespace(operations.addrAdd);
export const addrDel = inCurrentNamespace(operations.addrDel);
export const addrReplace = inCurrentNamespace(operations.addrReplace);
export const linkAddAltName = inCurrentNamespace(operations.linkAddAltName);
export const linkAdd = inCurrentNamespace(operations.linkAdd);
export const linkByAlias = inCurrentNamespace(operations.linkByAlias);
export const linkByIndex = inCurrentNamespace(operations.linkByIndex);
export const linkDelAltName = inCurrentNamespace(operations.linkDelAltName);
export const linkDel = inCurrentNamespace(operations.linkDel);
export const linkModify = inCurrentNamespace(operations.linkModify);
export const linkSetAlias = inCurrentNamespace(operations.linkSetAlias);
export const linkSetDown = inCurrentNamespace(operations.linkSetDown);
export const linkSetHardwareAddr = inCurrentNamespace(operations.linkSetHardwareAddr);
export const linkSetMaster = inCurrentNamespace(operations.linkSetMaster);
export const linkSetMTU = inCurrentNamespace(operations.linkSetMTU);
export const linkSetName = inCurrentNamespace(operations.linkSetName);
export const linkSetNoMaster = inCurrentNamespace(operations.linkSetNoMaster);
export const linkSetNsFd = inCurrentNamespace(operations.linkSetNsFd);
export const linkSetNsPid = inCurrentNamespace(operations.linkSetNsPid);
export const linkSetTxQLen = inCurrentNamespace(operations.linkSetTxQLen);
export const linkSetUp = inCurrentNamespace(operations.linkSetUp);
export const setPromiscOff = inCurrentNamespace(operations.setPromiscOff);
export const setPromiscOn = inCurrentNamespace(operations.setPromiscOn);
