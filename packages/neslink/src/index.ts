// NESlink's vocabulary of links, and the handle that stands in NsFd's place, so that neslink needs no second import.
export {
  type ClassOptions,
  type FilterOptions,
  LAAddAddr,
  LAAddClass,
  LAAddFilter,
  LAAddNetem,
  LAAddQdisc,
  LAAddRoute,
  LAAddTbf,
  LADelAddr,
  LADelete,
  LADelRoute,
  LAGeneric,
  LANewBridge,
  LANewDummy,
  LANewGRETap,
  LANewVeth,
  LANewVxlan,
  LANewWireguard,
  LASetAlias,
  LASetDown,
  LASetHw,
  LASetMaster,
  LASetMTU,
  LASetName,
  LASetPort,
  LASetPromiscOff,
  LASetPromiscOn,
  LASetUp,
  LAWireguard,
  type LinkAction,
  type LinkContext,
  type LinkProvider,
  type LinkRoute,
  LPAlias,
  LPGeneric,
  LPIndex,
  LPName,
  LPNewBridge,
  LPNewDummy,
  LPNewGRETap,
  LPNewVeth,
  LPNewVxlan,
  LPNewWireguard,
  type Master,
  type NetemOptions,
  type PortOptions,
  ProviderError,
  type QdiscOptions,
  type TbfOptions,
  type WireguardSettings,
} from 'netlink-links';
export { NetnsHandle } from 'netns-core';
export type { Action, Results } from './action.js';
export type { ActionContext, CleanupOption } from './action-context.js';
export { Do, DoFd, type DoResult, MustDo, MustNsDo, NsDo } from './do.js';
export { ActionError } from './do-error.js';
export { NAExec, NAExecNescript, type NAExecOptions } from './exec-actions.js';
export { LinkDo, MustLinkDo } from './link-do.js';
export { NAGetLink, NALinks, NASetLinkNs } from './link-ns-actions.js';
export { DefaultMountPath, Namespace, NsFdNone } from './namespace.js';
export { NADeleteNamed, NADeleteNamedAt, NAGeneric, NAGetNsFd, NANewNs, NANewNsAt } from './ns-actions.js';
export type { NsProvider, ProvidedNamespace } from './ns-provider.js';
export {
  NPGeneric,
  NPHome,
  NPName,
  NPNameAt,
  NPNew,
  NPNewNamed,
  NPNow,
  NPPath,
  NPProcess,
  NPThread,
} from './ns-providers.js';
export { NASockets } from './socket-ns-actions.js';
