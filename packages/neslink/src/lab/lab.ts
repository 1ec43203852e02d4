import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addNamedAsync, InvalidOptionError, listNamed, NetnsError } from 'netns-core';
import { checkKnownOptions, checkMilliseconds, checkOptionsObject, shown } from 'netns-core/checks';
import { type Claim, NETNS_ETC } from './claim.js';
import { type DnsServer, startDnsServer } from './dns-server.js';
import { addressesOf, DnsZone, domainOf } from './dns-zone.js';
import { atEndOfProcess } from './end-of-process.js';
import { emulationOf } from './link-emulation.js';
import { natRules } from './nat.js';
import { LabNode } from './node.js';
import { BRIDGE, type LabPlan, type PlannedLink, type PlannedNode } from './plan.js';
import { setSysctl, setSysctlIfPresent } from './sysctls.js';
import type { LabTopology } from './topology.js';
import { watchOver } from './watcher.js';

const POLL_INTERVAL_MS = 10;
/** How many name servers resolvers read: `MAXNS` of `<resolv.h>`. */
const MAX_NAME_SERVERS = 3;

/**
 * The lowest index of a cable's end. Both ends of a cable have one of their own: between links of the same index, as
 * the kernel would number them in fresh namespaces, it reports a carrier up to a second late (`linkwatch_urgent_event`).
 */
const FIRST_IFINDEX = 100;

/** How to wait for a lab. */
export interface LabWaitOptions {
  /**
   * Milliseconds.
   *
   * @default 10_000
   */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A lab that was built. It is there until `close()`, which `await using` calls. */
export class Lab implements AsyncDisposable {
  readonly topology: LabTopology;
  /** What the names of its namespaces begin with. */
  readonly prefix: string;
  readonly nodes: ReadonlyMap<string, LabNode>;
  readonly #plan: LabPlan;
  readonly #nodes = new Map<string, LabNode>();
  readonly #claim: Claim;
  readonly #servers: DnsServer[] = [];
  readonly #endWatch: () => void;
  readonly #withdraw: () => void;
  #closing: Promise<void> | undefined;

  /** @internal use `buildLab` */
  constructor(topology: LabTopology, plan: LabPlan, claim: Claim) {
    this.topology = topology;
    this.prefix = claim.prefix;
    this.nodes = this.#nodes;
    this.#plan = plan;
    this.#claim = claim;
    this.#withdraw = atEndOfProcess(() => claim.remove());
    this.#endWatch = watchOver(claim);
  }

  /**
   * A node by its name.
   *
   * @throws InvalidOptionError with the nearest name
   */
  node(name: string): LabNode {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    checkKnownOptions(
      { [String(name)]: undefined },
      { callee: 'the lab', noun: 'node', names: [...this.#nodes.keys()] },
    );
    throw new NetnsError(`the node ${shown(name)} was not made yet`, { code: 'ERR_LAB' });
  }

  /**
   * Waits until all links are up, all addresses can be used and the processes listen on their ports. `buildLab` has
   * done so; it is for links that were set down and up again.
   *
   * @throws NetnsError `ETIMEDOUT` naming what is not up
   */
  async waitUp(options: LabWaitOptions = {}): Promise<void> {
    checkOptionsObject(options, 'waitUp');
    checkKnownOptions(options, { callee: 'waitUp', names: ['timeout', 'signal'] });
    checkMilliseconds('timeout', options.timeout);
    const { timeout = 10_000, signal } = options;
    const end = performance.now() + timeout;
    await this.#waitForLinks(end, signal);
    await this.#waitForPorts(end, signal);
  }

  /**
   * Ends all processes, closes all connections and removes the namespaces and everything in them. May be called more
   * than once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      await all([
        ...this.#servers.map((server) => server.close()),
        ...[...this.#nodes.values()].map((node) => node.close()),
      ]);
    } finally {
      this.#claim.remove();
      this.#withdraw();
      this.#endWatch();
    }
  }

  /** @internal Makes everything. If it fails, the caller closes the lab. */
  async build(signal: AbortSignal | undefined): Promise<void> {
    const { nodes, links, nat } = this.#plan;
    const planned = [...nodes.values()];
    this.#announce(planned);
    const hasDns = planned.some(({ dns }) => dns !== undefined);
    await all(planned.map((node) => this.#makeNode(node, hasDns)));
    signal?.throwIfAborted();
    await all(links.map((link, position) => this.#makeLink(link, FIRST_IFINDEX + 2 * position)));
    signal?.throwIfAborted();
    await this.#waitForLinks(performance.now() + 10_000, signal);
    await all(planned.map((node) => this.#configure(node)));
    await all(
      planned
        .map((node) => [node, nat.filter(({ router }) => router === node.name)] as const)
        .filter(([, specs]) => specs.length > 0)
        .map(([node, specs]) =>
          at(node, 'the address translation', () =>
            this.node(node.name).run('nft', ['-f', '-'], { input: natRules(node, specs) }),
          ),
        ),
    );
    signal?.throwIfAborted();
    await all(planned.map((node) => this.#serve(node)));
    await this.waitUp({ signal });
  }

  #namespaceOf(node: string): string {
    return `${this.prefix}${node}`;
  }

  /** What is there already was not made by a lab, and must not be removed as if it were. */
  #announce(nodes: readonly PlannedNode[]): void {
    const names = nodes.map(({ name }) => this.#namespaceOf(name));
    const taken = new Set(listNamed());
    for (const name of names)
      if (taken.has(name))
        throw new NetnsError(
          `there is a namespace ${shown(name)} already, which no lab has made: delete it, or give the lab another prefix`,
          { code: 'EEXIST' },
        );
    this.#claim.announce(names);
  }

  async #makeNode(plan: PlannedNode, hasDns: boolean): Promise<void> {
    const namespace = this.#namespaceOf(plan.name);
    await at(plan, 'the namespace', async () => {
      (await addNamedAsync(namespace)).close();
      if (hasDns) this.#writeResolvConf(namespace);
      // The kernel may pass on what home has: a lab must be the same on every machine.
      const forwards = plan.kind === 'router' ? '1' : '0';
      setSysctlIfPresent(namespace, 'net.ipv4.ip_forward', forwards);
      setSysctlIfPresent(namespace, 'net.ipv6.conf.all.forwarding', forwards);
      for (const scope of ['all', 'default']) {
        setSysctlIfPresent(namespace, `net.ipv4.conf.${scope}.rp_filter`, '0');
        // Without it, an IPv6 address could not be used for a second or two.
        setSysctlIfPresent(namespace, `net.ipv6.conf.${scope}.accept_dad`, '0');
      }
      const node = new LabNode(plan, namespace, hasDns);
      this.#nodes.set(plan.name, node);
      const { netlink } = node;
      await netlink.linkSetUp('lo');
      if (plan.kind === 'switch') await netlink.linkAdd({ type: 'bridge', name: BRIDGE, up: true });
      for (const [name, value] of plan.sysctls) if (!isOfInterface(name, plan)) setSysctl(namespace, name, value);
    });
  }

  #writeResolvConf(namespace: string): void {
    const servers = [...this.#plan.nodes.values()].filter(({ dns }) => dns !== undefined);
    const domains = new Set(servers.flatMap(({ dns }) => (dns === undefined ? [] : [domainOf(dns)])));
    const addresses = servers.flatMap((server) => addressesOf(server).slice(0, 1)).slice(0, MAX_NAME_SERVERS);
    const directory = path.join(NETNS_ETC, namespace);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      path.join(directory, 'resolv.conf'),
      [`search ${[...domains].join(' ')}`, ...addresses.map((address) => `nameserver ${address}`), ''].join('\n'),
    );
  }

  async #makeLink({ ends: [left, right], spec }: PlannedLink, ifindex: number): Promise<void> {
    const place = { name: left.node };
    const mtu = spec.mtu === undefined ? {} : { mtu: spec.mtu };
    await at(place, `the link to ${right.node}`, () =>
      this.node(left.node).netlink.linkAdd({
        type: 'veth',
        name: left.name,
        index: ifindex,
        ...mtu,
        peer: { name: right.name, index: ifindex + 1, netns: this.#namespaceOf(right.node), ...mtu },
      }),
    );
    await all(
      [left, right].map(async ({ node, name, addresses }) =>
        at({ name: node }, `the interface ${name}`, async () => {
          const { netlink, kind } = this.node(node);
          if (kind === 'switch') await netlink.linkSetMaster(name, BRIDGE);
          const emulation = emulationOf(spec, name);
          if (emulation !== undefined) await netlink.qdiscAdd(emulation);
          for (const address of addresses) await addAddress(netlink, name, address);
          await netlink.linkSetUp(name);
        }),
      ),
    );
  }

  /** What takes links that are up. */
  async #configure(plan: PlannedNode): Promise<void> {
    const { netlink, namespace } = this.node(plan.name);
    for (const address of plan.addresses)
      await at(plan, `the address ${address}`, () =>
        addAddress(netlink, plan.kind === 'switch' ? BRIDGE : 'lo', address),
      );
    for (const [name, value] of plan.sysctls)
      if (isOfInterface(name, plan))
        await at(plan, `the sysctl ${name}`, async () => setSysctl(namespace, name, value));
    for (const [dst, gateway, zone] of plan.routes)
      await at(plan, `the route to ${dst}`, () =>
        netlink.routeAdd({ dst, gateway, ...(zone === undefined ? {} : { oif: zone }) }),
      );
  }

  async #serve(plan: PlannedNode): Promise<void> {
    const node = this.node(plan.name);
    const { dns } = plan;
    if (dns !== undefined)
      await at(plan, 'the DNS server', async () => {
        const zone = new DnsZone(this.#plan, dns);
        this.#servers.push(
          await startDnsServer(node.namespace, node.addresses, (name, type) => zone.lookUp(name, type)),
        );
      });
    for (const [name, { command, env, cwd }] of plan.processes)
      await at(plan, `the process ${name}`, () =>
        node.start(name, command, { ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }) }),
      );
  }

  async #waitForLinks(end: number, signal: AbortSignal | undefined): Promise<void> {
    await all(
      [...this.#plan.nodes.values()].map((plan) =>
        waitUntil(end, signal, async () => {
          const { netlink } = this.node(plan.name);
          const links = new Map((await netlink.linkList()).map((link) => [link.name, link]));
          for (const { name } of plan.interfaces) {
            const state = links.get(name)?.operState;
            if (state !== 'up') return `${name} of node ${plan.name} is ${state ?? 'gone'}`;
          }
          const waiting = (await netlink.addrList()).find(({ flags }) => flags.includes('tentative'));
          return waiting === undefined ? undefined : `${waiting.address} of node ${plan.name} is tentative`;
        }),
      ),
    );
  }

  async #waitForPorts(end: number, signal: AbortSignal | undefined): Promise<void> {
    await all(
      [...this.#plan.nodes.values()].flatMap((plan) =>
        [...plan.processes].map(async ([name, { port }]) => {
          if (port === undefined) return;
          const node = this.node(plan.name);
          const process = node.process(name);
          await waitUntil(end, signal, async () => {
            if (!process.running) {
              const { exitCode, stderr } = await process.result();
              throw new NetnsError(
                `the process ${name} of node ${plan.name} has ended with exit code ${exitCode} before it listened on port ${port}: ${stderr.trim().slice(0, 500) || 'it said nothing'}`,
                { code: 'ERR_PROCESS_FAILED' },
              );
            }
            for (const host of ['127.0.0.1', '::1', ...node.addresses])
              try {
                (await node.dial({ host, port, timeout: 1000 })).destroy();
                return undefined;
              } catch {
                // Not on this address, or not yet.
              }
            return `nothing listens on port ${port} of node ${plan.name}`;
          });
        }),
      ),
    );
  }
}

function addAddress(netlink: LabNode['netlink'], link: string, address: string): Promise<void> {
  return netlink.addrAdd(link, address.includes(':') ? { address, flags: ['nodad'] } : address);
}

/** Whether a sysctl is one of an interface of a link, which is there only once the link is. */
function isOfInterface(sysctl: string, { interfaces }: PlannedNode): boolean {
  return interfaces.some(
    ({ name }) => sysctl.includes(`.${name.replaceAll('.', '/')}.`) || sysctl.includes(`/${name}/`),
  );
}

async function waitUntil(
  end: number,
  signal: AbortSignal | undefined,
  probe: () => Promise<string | undefined>,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const missing = await probe();
    if (missing === undefined) return;
    if (performance.now() > end) throw new NetnsError(`the lab is not up: ${missing}`, { code: 'ETIMEDOUT' });
    await delay(POLL_INTERVAL_MS);
  }
}

/** Says in which node, and with what. */
async function at<T>({ name }: { readonly name: string }, what: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    const { code = 'ERR_LAB', message = String(cause) } = (cause ?? {}) as { code?: string; message?: string };
    if (cause instanceof InvalidOptionError) throw cause;
    throw new NetnsError(`node ${name}: ${what} cannot be made: ${message}`, { code: String(code), cause });
  }
}

/** Waits for all, also if one fails: what still runs would make things that are being removed. */
async function all(promises: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(promises);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
