export { get, getFromName, getFromPath, getFromPid, getFromThread, newNetns, set, setns } from './current.js';
export { type DockerOptions, getFromDocker } from './docker.js';
export * from './errors.js';
export { NetnsHandle, none } from './handle.js';
export {
  type HopEvent,
  type HopOptions,
  mustRunInNamespace,
  mustRunInNamespace as MustDo,
  runInNamespace,
  runInNamespace as Do,
} from './hop.js';
export { addNamed, deleteNamed, listNamed, type NamedOptions, newNamed } from './named.js';
export { checkName, parseAddress, vrfToNetns } from './names.js';
export { listNamespaces, type NamespaceInfo } from './namespaces.js';
export {
  checkReference,
  describeNamespace,
  type NamespaceRef,
  NETNS_RUN_DIR,
  namespaceName,
  resolveNamespace,
} from './reference.js';
export {
  checkSocketOptions,
  namespaceCookie,
  type OpenSocketOptions,
  openSocket,
  type SocketOptions,
  socketNamespaceCookie,
} from './socket.js';
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
export { isThreadPoisoned } from './thread.js';
export {
  type NamedEvent,
  type NamedSubscription,
  subscribeNamed,
  type WatchNamedOptions,
  watchNamed,
} from './watch.js';
export { NamespaceWorker } from './worker/namespace-worker.js';
