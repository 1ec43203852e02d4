/**
 * @internal Readers of the files in `/etc` that say how names are resolved, for the resolver of vrf-dial and the lookups
 * of a `NamespaceWorker`: the subpath `netns-core/etc`. It is not a public interface: it may change in any version.
 * @module
 */
export { etcPlaces } from './etc-places.js';
export { asciiName, normaliseName } from './host-name.js';
export { addressesInHosts, type HostsEntry, type HostsFile, namesInHosts, parseHostsFile } from './hosts-file.js';
export { type NameServer, parseNameServer } from './name-server.js';
export { parseResolvConf, type ResolvConf } from './resolv-conf.js';
export { serviceOfPort } from './services.js';
export { WatchedFile } from './watched-file.js';
