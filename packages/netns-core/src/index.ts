export * from './errors.js';
export {
  type HopEvent,
  type HopOptions,
  mustRunInNamespace,
  mustRunInNamespace as MustDo,
  runInNamespace,
  runInNamespace as Do,
} from './hop/hop.js';
export { isThreadPoisoned } from './hop/thread.js';
export { addNamed, deleteNamed, listNamed, type NamedOptions, newNamed } from './named/named.js';
export {
  type NamedEvent,
  type NamedSubscription,
  subscribeNamed,
  type WatchNamedOptions,
  watchNamed,
} from './named/watch.js';
export { get, getFromName, getFromPath, getFromPid, getFromThread, newNetns, set, setns } from './namespace/current.js';
export { type DockerOptions, getFromDocker } from './namespace/docker.js';
export { NetnsHandle, none } from './namespace/handle.js';
export { listNamespaces, type NamespaceInfo } from './namespace/list-namespaces.js';
export { checkName, parseAddress, vrfToNetns } from './namespace/names.js';
export {
  checkReference,
  describeNamespace,
  type NamespaceRef,
  NETNS_RUN_DIR,
  namespaceName,
  resolveNamespace,
} from './namespace/reference.js';
export {
  checkSocketOptions,
  namespaceCookie,
  type OpenSocketOptions,
  openSocket,
  type SocketOptions,
  socketNamespaceCookie,
} from './socket/socket.js';
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
export { NamespaceWorker } from './worker/namespace-worker.js';
