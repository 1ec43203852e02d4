// Loaded into every namespace worker before the user's program: see NamespaceWorker.
import dns, { type LookupAddress, type LookupAllOptions, type LookupOptions } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { getEnvironmentData } from 'node:worker_threads';
import { LOCAL_SERVERS, LookupFiles } from './lookup-files.js';
import { WORKER_NAMESPACE, type WorkerNamespace } from './worker-namespace.js';

const namespace = getEnvironmentData(WORKER_NAMESPACE) as WorkerNamespace | undefined;
const name = namespace?.name;
const files = new LookupFiles(name);
const UnchangedResolver = dns.promises.Resolver;
const unchangedLookup = dns.lookup;

/** Asks the servers that `resolv.conf` names: a resolver for each list of them, so that queries under way are not lost. */
let asking: { readonly servers: string; readonly resolver: dns.promises.Resolver } | undefined;

/** @throws NetnsError where a file cannot be read */
function resolverNow(): dns.promises.Resolver {
  const { servers } = files.resolvConf();
  const key = servers.join();
  if (asking?.servers !== key) {
    const resolver = new UnchangedResolver();
    resolver.setServers(servers);
    asking = { servers: key, resolver };
  }
  return asking.resolver;
}

type Family = 0 | 4 | 6;

class LookupError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly hostname: string;

  constructor(code: string, syscall: string, hostname: string) {
    super(`${syscall} ${code} ${hostname}`);
    this.code = code;
    // libuv's numbers, as Node's own errors carry them.
    this.errno = code === 'ENOTFOUND' ? -3008 : -3001;
    this.syscall = syscall;
    this.hostname = hostname;
  }
}

/** Asks for a name's addresses of one family; none is an empty list, a server's failure an error. */
async function query(resolver: dns.promises.Resolver, hostname: string, family: 4 | 6): Promise<LookupAddress[]> {
  try {
    const addresses = await (family === 4 ? resolver.resolve4(hostname) : resolver.resolve6(hostname));
    return addresses.map((address) => ({ address, family }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME') return [];
    throw error;
  }
}

async function addressesOf(hostname: string, family: Family): Promise<LookupAddress[]> {
  const literal = isIP(hostname.split('%')[0] ?? '');
  if (literal !== 0) return [{ address: hostname, family: literal }];
  const wanted = (address: LookupAddress): boolean => family === 0 || address.family === family;

  const bare = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  const fromHosts = files.hosts(bare, family);
  if (fromHosts.length > 0) return [...fromHosts];
  // RFC 6761: never asked of a server.
  if (bare.toLowerCase() === 'localhost' || bare.toLowerCase().endsWith('.localhost'))
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ].filter(wanted);

  const { search, ndots } = files.resolvConf();
  const resolver = resolverNow();
  const absolute = hostname.endsWith('.');
  const searched = absolute ? [] : search.map((domain) => `${hostname}.${domain}`);
  const enoughDots = hostname.split('.').length - 1 >= ndots;
  const candidates = absolute ? [bare] : enoughDots ? [hostname, ...searched] : [...searched, hostname];
  for (const candidate of candidates) {
    const answers = await Promise.allSettled([
      family === 6 ? [] : query(resolver, candidate, 4),
      family === 4 ? [] : query(resolver, candidate, 6),
    ]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    // A server that fails is not a name that does not exist: asking for another name would give a wrong answer.
    if (answers.some((answer) => answer.status === 'rejected'))
      throw new LookupError('EAI_AGAIN', 'getaddrinfo', hostname);
  }
  throw new LookupError('ENOTFOUND', 'getaddrinfo', hostname);
}

/** Those of this machine where the file cannot be read: never those of another file. Lookups say that it cannot. */
function serversNow(): readonly string[] {
  try {
    return files.resolvConf().servers;
  } catch {
    return LOCAL_SERVERS;
  }
}

/**
 * Has Node check the arguments of a lookup as it does itself. An address resolves to itself, without the thread pool.
 *
 * @throws what `dns.lookup` throws
 */
function checkArguments(options: LookupOptions | number | undefined): void {
  unchangedLookup('192.0.2.1', options as LookupOptions, () => undefined);
}

const defaultOrder = (): string => dns.getDefaultResultOrder?.() ?? 'verbatim';

async function lookupAll(hostname: string, options: LookupOptions | number | undefined): Promise<LookupAddress[]> {
  const settings: LookupOptions = typeof options === 'number' ? { family: options } : (options ?? {});
  const family = settings.family === 'IPv4' ? 4 : settings.family === 'IPv6' ? 6 : ((settings.family ?? 0) as Family);
  if (!hostname) return settings.all ? [] : [{ address: null as unknown as string, family: family === 6 ? 6 : 4 }];
  const addresses = await addressesOf(hostname, family);
  const order =
    settings.order ??
    (settings.verbatim === true ? 'verbatim' : settings.verbatim === false ? 'ipv4first' : defaultOrder());
  if (order === 'verbatim') return addresses;
  const first = order === 'ipv6first' ? 6 : 4;
  return [...addresses].sort((a, b) => Number(b.family === first) - Number(a.family === first));
}

type LookupCallback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** Calls back outside the promise: what the callback throws is an uncaught exception, as with Node's own lookup. */
function answer<A extends unknown[]>(callback: (...args: A) => void, ...args: A): void {
  process.nextTick(callback, ...args);
}

function lookup(
  hostname: string,
  ...rest: [LookupCallback] | [LookupOptions | number | undefined, LookupCallback]
): void {
  const callback = rest.at(-1) as LookupCallback;
  const options = rest.length > 1 ? (rest[0] as LookupOptions | number | undefined) : undefined;
  if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.');
  checkArguments(options);
  const all = typeof options === 'object' && options?.all === true;
  lookupAll(hostname, options).then(
    (addresses) => {
      const [first] = addresses;
      if (all) answer(callback, null, addresses);
      else if (first) answer(callback, null, first.address, first.family);
      else answer(callback, new LookupError('ENOTFOUND', 'getaddrinfo', hostname));
    },
    (error: Error) => answer(callback, error),
  );
}

async function lookupPromise(
  hostname: string,
  options?: LookupOptions | number,
): Promise<LookupAddress | LookupAddress[]> {
  checkArguments(options);
  const addresses = await lookupAll(hostname, options);
  if (typeof options === 'object' && (options as LookupAllOptions).all) return addresses;
  const [first] = addresses;
  if (first === undefined) throw new LookupError('ENOTFOUND', 'getaddrinfo', hostname);
  return first;
}

async function lookupServicePromise(address: string, port: number): Promise<{ hostname: string; service: string }> {
  const names = await resolverNow()
    .reverse(address)
    .catch(() => [] as string[]);
  return { hostname: names[0] ?? address, service: files.serviceName(port) };
}

function lookupService(
  address: string,
  port: number,
  callback: (error: Error | null, hostname?: string, service?: string) => void,
): void {
  lookupServicePromise(address, port).then(
    ({ hostname, service }) => answer(callback, null, hostname, service),
    (error: Error) => answer(callback, error),
  );
}

// Node's own carry the same mark: `util.promisify(dns.lookup)` gives an object.
Object.defineProperty(lookup, promisify.custom, { value: lookupPromise });
Object.defineProperty(lookupService, promisify.custom, { value: lookupServicePromise });
Object.assign(dns, { lookup, lookupService });
Object.assign(dns.promises, { lookup: lookupPromise, lookupService: lookupServicePromise });

// c-ares reads /etc/resolv.conf by itself, when a resolver is made; the namespace's own file has to be told to it. As in
// every program, `dns.resolve` keeps to the servers of the start, and a `Resolver` to those of its own.
if (name !== undefined) {
  dns.setServers(serversNow());
  const withServers = <T extends typeof dns.Resolver | typeof dns.promises.Resolver>(Base: T): T =>
    class Resolver extends (Base as typeof dns.Resolver) {
      constructor(...args: ConstructorParameters<typeof dns.Resolver>) {
        super(...args);
        this.setServers(serversNow());
      }
    } as unknown as T;
  Object.assign(dns, { Resolver: withServers(dns.Resolver) });
  Object.assign(dns.promises, { Resolver: withServers(dns.promises.Resolver) });
}
syncBuiltinESMExports();
