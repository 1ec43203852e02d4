export {
  AsyncCallbackError,
  ClosedHandleError,
  InvalidNameError,
  InvalidOptionError,
  NamespaceNotFoundError,
  NamespaceRestoreError,
  NetnsError,
  type NetnsErrorDetails,
  NotANamespaceError,
  PoisonedThreadError,
  UnsupportedPlatformError,
} from './errors.js';
export {
  type HopEvent,
  mustRunInNamespace,
  mustRunInNamespace as MustDo,
  runInNamespace,
  runInNamespace as Do,
} from './hop/hop.js';
export type { HopOptions } from './hop/hop-options.js';
export { addNamed, attachNamed, newNamed } from './named/add-named.js';
export { deleteNamed } from './named/delete-named.js';
export {
  type NamedEvent,
  type NamedSubscription,
  type SubscribeNamedOptions,
  subscribeNamed,
} from './named/directory-watch.js';
export { listNamed } from './named/list-named.js';
export type { NamedOptions } from './named/name-file.js';
export { type WatchNamedOptions, watchNamed } from './named/watch-named.js';
export {
  get,
  get as currentNamespace,
  getFromName,
  getFromPath,
  getFromPid,
  getFromThread,
  homeNamespace,
  newNetns,
  set,
  setns,
} from './namespace/current.js';
export { type DockerOptions, getFromDocker } from './namespace/docker.js';
export { NetnsHandle, none } from './namespace/handle.js';
export {
  identify,
  type ListNamespacesOptions,
  listNamespaces,
  listNamespacesAsync,
  type NamespaceHolder,
  type NamespaceInfo,
} from './namespace/list-namespaces.js';
export { parseAddress, vrfToNetns } from './namespace/names.js';
export { type NamespaceRef, NETNS_RUN_DIR, resolveNamespace } from './namespace/reference.js';
export { addNamedAsync, addUnnamedAsync, deleteNamedAsync } from './namespace-thread/add-namespace.js';
export { type BrokerSource, type ConnectBrokerOptions, connectBroker } from './socket/broker-source.js';
export { hopSource } from './socket/hop-source.js';
export { namespaceCookie } from './socket/namespace-cookie.js';
export { type OpenSocketOptions, openSocket } from './socket/open-socket.js';
export { socketNamespaceCookie } from './socket/socket-cookie.js';
export type { SocketOptions } from './socket/socket-options.js';
export { type ReserveOptions, SocketReserve } from './socket/socket-reserve.js';
export { socketSource, useSocketSource } from './socket/socket-source.js';
export type { BindAddress, InspectedNamespace, SocketSource, SourceWatch } from './socket/source-types.js';
export { type SpawnInNamespaceOptions, spawnInNamespace } from './spawn.js';
export {
  CLONE_IO,
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from './sys/constants.js';
export { isThreadPoisoned } from './thread/thread-state.js';
export { NamespaceWorker } from './worker/namespace-worker.js';
