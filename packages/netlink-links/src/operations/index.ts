// The table of operations. The three doors are derived from it: methods of Netlink, of Netlink.sync, and the
// functions of the module (`../here.ts` names those once more, since a module's exports have to be written out).
export { addrList } from './addr-list.js';
export { linkByName } from './link-by-name.js';
export { linkList } from './link-list.js';
