import { etcPlaces } from '../etc/etc-places.js';
import { addressesInHosts, type HostsEntry, type HostsFile, parseHostsFile } from '../etc/hosts-file.js';
import { parseResolvConf, type ResolvConf } from '../etc/resolv-conf.js';
import { serviceOfPort } from '../etc/services.js';
import { WatchedFile } from '../etc/watched-file.js';

/** What a namespace's `resolv.conf` says that a lookup needs, see resolv.conf(5). */
export interface LookupConfiguration {
  /** As `dns.setServers` wants them; never empty. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
}

/** resolv.conf(5): without a server, the one on this machine. Never those of another file. */
export const LOCAL_SERVERS: readonly string[] = ['127.0.0.1'];

/** The files of `/etc` by which a worker's lookups go, or those that stand in for them in its namespace. */
export class LookupFiles {
  readonly #resolvConf: WatchedFile<ResolvConf>;
  readonly #hosts: WatchedFile<HostsFile>;
  readonly #services: WatchedFile<string>;

  /** @param name the namespace's name; `undefined` for one without */
  constructor(name: string | undefined) {
    this.#resolvConf = new WatchedFile(etcPlaces(name, 'resolv.conf'), parseResolvConf, parseResolvConf(''));
    this.#hosts = new WatchedFile(etcPlaces(name, 'hosts'), parseHostsFile, new Map());
    this.#services = new WatchedFile(etcPlaces(name, 'services'), (text) => text, '');
  }

  /** @throws NetnsError where the file is there and cannot be read */
  resolvConf(): LookupConfiguration {
    const { servers, search = [], ndots } = this.#resolvConf.read(performance.now());
    return { servers: servers.length > 0 ? servers.map(({ text }) => text) : LOCAL_SERVERS, search, ndots };
  }

  /**
   * The addresses that `hosts` has for a name, in the file's order.
   *
   * @throws NetnsError where the file is there and cannot be read
   */
  hosts(hostname: string, family: 0 | 4 | 6): readonly HostsEntry[] {
    return addressesInHosts(this.#hosts.read(performance.now()), hostname, family) ?? [];
  }

  /**
   * The name of a TCP or UDP port in `services`; the number itself if it has none.
   *
   * @throws NetnsError where the file is there and cannot be read
   */
  serviceName(port: number): string {
    return serviceOfPort(this.#services.read(performance.now()), port) ?? String(port);
  }
}
