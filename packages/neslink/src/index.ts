export type { Action, Results } from './action.js';
export type { ActionContext } from './action-context.js';
export { Do, DoFd, type DoResult, MustDo, MustNsDo, NsDo } from './do.js';
export { ActionError, ProviderError } from './do-error.js';
export { NAExec, NAExecNescript, type NAExecOptions } from './exec-actions.js';
export { LinkDo, MustLinkDo } from './link-do.js';
export { NAGetLink, NALinks, NASetLinkNs } from './link-ns-actions.js';
export type { LinkAction } from './links/link-action.js';
export {
  LAAddAddr,
  LAAddNetem,
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
  LASetPromiscOff,
  LASetPromiscOn,
  LASetUp,
  type LinkRoute,
  type Master,
  type NetemOptions,
  type TbfOptions,
} from './links/link-actions.js';
export type { LinkContext, LinkProvider } from './links/link-provider.js';
export {
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
} from './links/link-providers.js';
export { DefaultMountPath, Namespace, NsFdNone } from './namespace.js';
export { NADeleteNamed, NADeleteNamedAt, NAGeneric, NAGetNsFd, NANewNs, NANewNsAt } from './ns-actions.js';
export type { NsProvider, ProvidedNamespace } from './ns-provider.js';
export {
  NPGeneric,
  NPName,
  NPNameAt,
  NPNew,
  NPNewNamed,
  NPNow,
  NPPath,
  NPProcess,
  NPThread,
} from './ns-providers.js';
