import { hostname } from 'node:os';
import { InvalidOptionError } from 'netns-core';
import type { VrfDnsOptions } from '../target.js';
import { normaliseName } from './domain-name.js';
import { type HostsFile, parseHostsFile } from './hosts-file.js';
import { type NameServer, parseNameServer } from './name-server.js';
import { DEFAULT_SOURCES, type NameSource, parseNsswitch } from './nsswitch.js';
import { parseResolvConf } from './resolv-conf.js';
import { WatchedFile } from './watched-file.js';

/** All that decides how a name is resolved: the files of the namespace or the host, and what the caller wants otherwise. */
export interface ResolverConfiguration {
  /** In the order of their listing; never empty. */
  readonly servers: readonly NameServer[];
  /** Where the servers are named, for messages: a path or `dns.servers`. */
  readonly serversFrom: string;
  readonly search: readonly string[];
  readonly ndots: number;
  /** In milliseconds, for one try of one server. */
  readonly timeout: number;
  readonly attempts: number;
  readonly rotate: boolean;
  readonly tcp: boolean;
  readonly shareSocket: boolean;
  readonly sources: readonly NameSource[];
  readonly hosts: HostsFile;
  /** A text in which two configurations differ that may get different answers from a server. */
  readonly serversKey: string;
}

const NO_HOSTS: HostsFile = new Map();
const NO_CONF = parseResolvConf('');
/** What `resolv.conf(5)` says of a file without servers. */
const LOCAL_SERVER: NameServer = { family: 'ipv4', address: '127.0.0.1', port: 53, zone: undefined, text: '127.0.0.1' };

/** The files that apply in one namespace. */
interface Files {
  readonly resolvConf: WatchedFile<ReturnType<typeof parseResolvConf>>;
  readonly hosts: WatchedFile<HostsFile>;
  readonly nsswitch: WatchedFile<readonly NameSource[]>;
}

// Files belong to the machine, so that a thousand targets in one namespace read them once. Bounded by the names that
// a program uses; an entry is three small objects and a parsed hosts file.
const filesByName = new Map<string, Files>();

function filesOf(etcName: string | undefined): Files {
  const key = etcName ?? '';
  let files = filesByName.get(key);
  if (files === undefined) {
    // The convention of `ip netns exec`: a file in /etc/netns/<name> stands in for the one of that name in /etc.
    const places = (file: string): string[] =>
      etcName === undefined ? [`/etc/${file}`] : [`/etc/netns/${etcName}/${file}`, `/etc/${file}`];
    files = {
      resolvConf: new WatchedFile(places('resolv.conf'), parseResolvConf, NO_CONF),
      hosts: new WatchedFile(places('hosts'), parseHostsFile, NO_HOSTS),
      nsswitch: new WatchedFile(places('nsswitch.conf'), parseNsswitch, DEFAULT_SOURCES),
    };
    filesByName.set(key, files);
  }
  return files;
}

/** The configuration of one target, kept until one of its files changes. */
export class ConfigurationSource {
  readonly #files: Files;
  readonly #servers: readonly NameServer[] | undefined;
  readonly #search: readonly string[] | undefined;
  readonly #useHosts: boolean;
  #conf: unknown;
  #hosts: unknown;
  #sources: unknown;
  #current: ResolverConfiguration | undefined;

  /** @throws InvalidOptionError for a server that is no address */
  constructor(etcName: string | undefined, dns: Readonly<VrfDnsOptions>) {
    this.#files = filesOf(etcName);
    this.#servers = dns.servers === undefined ? undefined : checkServers(dns.servers);
    this.#search = dns.search === undefined ? undefined : checkSearch(dns.search);
    this.#useHosts = dns.hosts ?? true;
  }

  /**
   * @param now `performance.now()`
   * @throws NetnsError where a file is there and cannot be read
   */
  read(now: number): ResolverConfiguration {
    const conf = this.#files.resolvConf.read(now);
    const hosts = this.#useHosts ? this.#files.hosts.read(now) : NO_HOSTS;
    const sources = this.#files.nsswitch.read(now);
    if (this.#current !== undefined && conf === this.#conf && hosts === this.#hosts && sources === this.#sources)
      return this.#current;
    this.#conf = conf;
    this.#hosts = hosts;
    this.#sources = sources;
    const servers = this.#servers ?? (conf.servers.length > 0 ? conf.servers : [LOCAL_SERVER]);
    const { ndots, timeout, attempts, rotate, tcp, shareSocket } = conf;
    this.#current = {
      servers,
      serversFrom: this.#servers === undefined ? (this.#files.resolvConf.path ?? 'no resolv.conf') : 'dns.servers',
      search: this.#search ?? usable(conf.search ?? [ownDomain()]),
      ndots,
      timeout,
      attempts,
      rotate,
      tcp,
      shareSocket,
      sources,
      hosts,
      serversKey: servers.map((server) => server.text).join(','),
    };
    return this.#current;
  }
}

/** Checks `dns.servers`; an empty list counts as none given. */
function checkServers(list: readonly string[]): readonly NameServer[] | undefined {
  if (list.length === 0) return undefined;
  return list.map((text) => {
    const server = parseNameServer(text);
    if (server === undefined)
      throw new InvalidOptionError(
        'dns.servers',
        `dns.servers: '${text}' is not the address of a name server: it takes '192.0.2.53', '192.0.2.53:5353', '2001:db8::53' or '[2001:db8::53]:5353'`,
      );
    return server;
  });
}

function checkSearch(list: readonly string[]): readonly string[] {
  return list.map((domain) => {
    const name = normaliseName(domain);
    if (name === undefined)
      throw new InvalidOptionError('dns.search', `dns.search: '${domain}' is not the name of a domain`);
    return name;
  });
}

function usable(domains: readonly string[]): readonly string[] {
  return domains.map((domain) => normaliseName(domain)).filter((domain) => domain !== undefined);
}

/** Without a list, names are searched for in the domain of the machine's own name. */
function ownDomain(): string {
  const name = hostname();
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
