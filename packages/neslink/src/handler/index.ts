export type { Logger } from './logger.js';
export {
  MICROSERVICE_LABEL,
  type Microservice,
  type MicroserviceCtx,
  type MicroserviceEvent,
  NewMicroservice,
  TerminatedMicroservice,
  UnavailableMicroserviceError,
} from './microservice.js';
export {
  compareNamespaces,
  genericNsToString,
  genericToIfaceNs,
  Namespace,
  type NamespaceFields,
} from './namespace.js';
export type { Microservices, NamespaceAPI, NsConvertor, NsManagement } from './namespace-api.js';
export { NamespaceMgmtCtx, newNamespaceMgmtCtx } from './namespace-mgmt-ctx.js';
export { FileRefNs, MicroserviceRefNs, NamedNs, type NamespaceType, PidRefNs } from './namespace-type.js';
export { NsHandler, type NsHandlerEvents, type NsHandlerOptions } from './ns-handler.js';
export type { NetlinkNamespace, NetNsNamespace, OperatingSystem, Syscall, SystemAPI } from './system-api.js';
export { newSystemHandler, SystemHandler } from './system-handler.js';
export type { ArpNamespace, InterfaceNamespace, RouteNamespace } from './typed-namespace.js';
