export type { Action, Results } from './action.js';
export type { ActionContext } from './action-context.js';
export { Do, DoFd, type DoResult, MustDo, MustNsDo, NsDo } from './do.js';
export { ActionError, ProviderError } from './do-error.js';
export { NAExec, NAExecNescript, type NAExecOptions } from './exec-actions.js';
export { LinkDo, MustLinkDo } from './link-do.js';
export { NAGetLink, NALinks, NASetLinkNs } from './link-ns-actions.js';
export type { LinkProvider } from './link-provider.js';
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
