import { hostname } from 'node:os';
import {
  etcPlaces,
  type HostsFile,
  type NameServer,
  normaliseName,
  parseHostsFile,
  parseResolvConf,
  WatchedFile,
} from 'netns-core/etc';
import type { CheckedDns } from '../target/dns-options.js';
import type { DnsServer } from '../target/dns-server.js';
import { completeKey, shortKey } from './complete-key.js';
import { DEFAULT_SOURCES, type NameSource, parseNsswitch } from './nsswitch.js';

/** All that decides how a name is resolved: the files of the namespace or the host, and what the caller wants otherwise. */
export interface ResolverConfiguration {
  /** In the order of their listing; never empty. */
  readonly servers: readonly DnsServer[];
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
  readonly noAaaa: boolean;
  /** Authorities for servers over TLS and HTTPS; `undefined` for Node's. */
  readonly ca: readonly string[] | undefined;
  readonly sources: readonly NameSource[];
  readonly hosts: HostsFile;
}

/** A configuration as the resolver uses it, with what tells it from others. */
export interface KeyedConfiguration extends ResolverConfiguration {
  /** Two configurations that may get different answers to the same question differ in it. */
  readonly askingKey: string;
  /** Two configurations that differ in anything differ in it. */
  readonly wholeKey: string;
}

function keyed(configuration: ResolverConfiguration): KeyedConfiguration {
  // What decides which questions are asked, and not what comes of one.
  const { search: _search, ndots: _ndots, sources: _sources, hosts: _hosts, ...asking } = configuration;
  return { ...configuration, askingKey: shortKey(completeKey(asking)), wholeKey: shortKey(completeKey(configuration)) };
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
    files = {
      resolvConf: new WatchedFile(etcPlaces(etcName, 'resolv.conf'), parseResolvConf, NO_CONF),
      hosts: new WatchedFile(etcPlaces(etcName, 'hosts'), parseHostsFile, NO_HOSTS),
      nsswitch: new WatchedFile(etcPlaces(etcName, 'nsswitch.conf'), parseNsswitch, DEFAULT_SOURCES),
    };
    filesByName.set(key, files);
  }
  return files;
}

/** The configuration of one target, kept until one of its files changes. */
export class ConfigurationSource {
  readonly #files: Files;
  readonly #servers: readonly DnsServer[] | undefined;
  readonly #dns: CheckedDns;
  readonly #useHosts: boolean;
  #conf: unknown;
  #hosts: unknown;
  #sources: unknown;
  #current: KeyedConfiguration | undefined;

  constructor(etcName: string | undefined, dns: CheckedDns) {
    this.#files = filesOf(etcName);
    // An empty list counts as none given.
    this.#servers = dns.servers === undefined || dns.servers.length === 0 ? undefined : dns.servers;
    this.#dns = dns;
    this.#useHosts = dns.hosts ?? true;
  }

  /**
   * @param now `performance.now()`
   * @throws NetnsError where a file is there and cannot be read
   */
  read(now: number): KeyedConfiguration {
    const conf = this.#files.resolvConf.read(now);
    const hosts = this.#useHosts ? this.#files.hosts.read(now) : NO_HOSTS;
    const sources = this.#files.nsswitch.read(now);
    if (this.#current !== undefined && conf === this.#conf && hosts === this.#hosts && sources === this.#sources)
      return this.#current;
    this.#conf = conf;
    this.#hosts = hosts;
    this.#sources = sources;
    const servers = this.#servers ?? (conf.servers.length > 0 ? conf.servers : [LOCAL_SERVER]);
    const { search, ndots, timeout, attempts, rotate, tcp, singleRequest, noAaaa, ca } = this.#dns;
    this.#current = keyed({
      servers,
      serversFrom: this.#servers === undefined ? (this.#files.resolvConf.path ?? 'no resolv.conf') : 'dns.servers',
      search: search ?? usable(conf.search ?? [ownDomain()]),
      ndots: ndots ?? conf.ndots,
      timeout: timeout ?? conf.timeout,
      attempts: attempts ?? conf.attempts,
      rotate: rotate ?? conf.rotate,
      tcp: tcp ?? conf.tcp,
      shareSocket: singleRequest === undefined ? conf.shareSocket : !singleRequest,
      noAaaa: noAaaa ?? conf.noAaaa,
      ca,
      sources,
      hosts,
    });
    return this.#current;
  }
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
