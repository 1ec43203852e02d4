import type { Socket } from 'node:net';
import { Netlink } from 'netlink-links';
import { NetnsError, spawnInNamespace } from 'netns-core';
import { checkBoolean, checkKnownOptions, checkOptionsObject, escaped, shown } from 'netns-core/checks';
// vrf-dial and undici are loaded by the methods that need them: they take more memory than all the rest.
import type { VrfFetch } from 'vrf-dial';
import type { DialOptions, PingOptions, PingResult } from 'vrf-dial/node';
import { localEnvironment, mergeEnvironment } from '../script/environment.js';
import { type Environment, type ExecOptions, execute, type Process, type Result } from '../script/index.js';
import { checkCaptureOptions, type LabCapture, type LabCaptureOptions, startCapture } from './capture.js';
import { addressesOf } from './dns-zone.js';
import type { PlannedInterface, PlannedNode } from './plan.js';

/** How a node runs a program. */
export interface LabSpawnOptions extends Omit<ExecOptions, 'executor' | 'cleanup'> {
  /** Its whole environment. Default: that of this process. */
  readonly env?: Environment | undefined;
}

/** How a node runs a program to its end. */
export interface LabRunOptions extends LabSpawnOptions {
  /** What it reads from its standard input. */
  readonly input?: string | undefined;
  /**
   * Whether an exit code other than 0 is an error.
   *
   * @default true
   */
  readonly check?: boolean | undefined;
}

/** An interface of a node: one end of a link. */
export type LabInterface = PlannedInterface;

const STDERR_CHARACTERS = 500;

/** A node of a lab: what is done here is done in its network namespace. */
export class LabNode {
  readonly name: string;
  readonly kind: PlannedNode['kind'];
  /** The name of its namespace, for everything that takes one: `NPName`, vrf-dial's `namespace`, `ip netns exec`. */
  readonly namespace: string;
  readonly interfaces: readonly LabInterface[];
  /** Its addresses without the lengths of their prefixes, those of its links first. */
  readonly addresses: readonly string[];
  /** A connection to the rtnetlink of the namespace. The lab closes it. */
  readonly netlink: Netlink;
  readonly #hasFiles: boolean;
  #fetch: Promise<VrfFetch> | undefined;
  readonly #running = new Set<Process>();
  readonly #named = new Map<string, Process>();
  readonly #captures = new Set<LabCapture>();
  readonly #sockets = new Set<Socket>();
  readonly #ending = new AbortController();

  /**
   * @internal
   * @param hasFiles whether there are files for it in /etc/netns
   */
  constructor(plan: PlannedNode, namespace: string, hasFiles: boolean) {
    this.name = plan.name;
    this.kind = plan.kind;
    this.namespace = namespace;
    this.interfaces = plan.interfaces;
    this.addresses = addressesOf(plan);
    this.#hasFiles = hasFiles;
    this.netlink = Netlink.open(namespace);
  }

  /**
   * Starts a program; it ends with the lab. Where the lab has a DNS server, it sees the node's `/etc/resolv.conf`, as
   * with `ip netns exec`.
   *
   * @throws NetnsError if it could not be started
   */
  async spawn(command: string, args: readonly string[] = [], options: LabSpawnOptions = {}): Promise<Process> {
    this.#checkOpen();
    checkOptionsObject(options, 'spawn');
    const { env, ...execOptions } = options;
    const process = await execute([command, ...args], mergeEnvironment(env ?? localEnvironment(), []), {
      ...execOptions,
      executor: (file, words, spawnOptions) =>
        spawnInNamespace(this.namespace, file, words, {
          ...spawnOptions,
          ...(this.#hasFiles ? { netnsEtc: true } : {}),
        }),
    });
    this.#running.add(process);
    // Only the entry is taken out: who waits for the result gets what became of it.
    void process.result({ keepInput: true }).finally(() => this.#running.delete(process));
    if (this.#ending.signal.aborted) process.close();
    return process;
  }

  /**
   * Runs a program to its end.
   *
   * @throws NetnsError `ERR_PROCESS_FAILED` with what it wrote to its standard error, unless its exit code is 0 or
   *   `check` is false
   */
  async run(command: string, args: readonly string[] = [], options: LabRunOptions = {}): Promise<Result> {
    checkOptionsObject(options, 'run');
    const { input, check = true, ...spawnOptions } = options;
    checkBoolean('check', check);
    const process = await this.spawn(command, args, spawnOptions);
    // A program that does not read all of it has its reasons.
    if (input !== undefined) process.stdin.end(input);
    const result = await process.result();
    if (check && result.exitCode !== 0)
      throw new NetnsError(
        `${shown([command, ...args].join(' '))} in node ${this.name} ${result.signal === null ? `ended with exit code ${result.exitCode}` : `was ended by ${result.signal}`}: ${escaped(result.stderr.trim(), STDERR_CHARACTERS) || 'it said nothing'}`,
        { code: 'ERR_PROCESS_FAILED', cause: result },
      );
    return result;
  }

  /**
   * A process of the topology.
   *
   * @throws InvalidOptionError if there is none of this name
   */
  process(name: string): Process {
    checkKnownOptions(
      { [name]: undefined },
      { callee: `node ${this.name}`, noun: 'process', names: [...this.#named.keys()] },
    );
    const process = this.#named.get(name);
    if (process === undefined)
      throw new NetnsError(`the process ${shown(name)} was not started yet`, { code: 'ERR_LAB' });
    return process;
  }

  /** `fetch`, with all that it needs made in the node: DNS, redirects. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    this.#checkOpen();
    this.#fetch ??= import('vrf-dial').then(({ createVrfFetch }) => createVrfFetch({ namespace: this.namespace }));
    const fetchHere = await this.#fetch;
    this.#checkOpen();
    return fetchHere(input, init);
  }

  /** Opens a TCP connection from the node. The lab closes it. See vrf-dial. */
  async dial(options: Omit<DialOptions, 'vrf' | 'namespace'>): Promise<Socket> {
    this.#checkOpen();
    checkOptionsObject(options, 'dial');
    const { dial } = await import('vrf-dial/node');
    const socket = await dial({ ...options, namespace: this.namespace });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#ending.signal.aborted) socket.destroy();
    return socket;
  }

  /**
   * Sends ICMP echo requests to a name or an address. See vrf-dial.
   *
   * @returns what came of them, be it no reply at all
   * @throws NetnsError if nothing can be sent: no route, no such name
   */
  async ping(host: string, options: Omit<PingOptions, 'vrf' | 'namespace' | 'host'> = {}): Promise<PingResult> {
    this.#checkOpen();
    checkOptionsObject(options, 'ping');
    const { ping } = await import('vrf-dial/node');
    const { signal } = options;
    return ping({
      ...options,
      namespace: this.namespace,
      host,
      signal: signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]),
    });
  }

  /**
   * Captures packets. Everything that is sent from now on is in it.
   *
   * @throws InvalidOptionError, NetnsError
   */
  async capture(options: LabCaptureOptions = {}): Promise<LabCapture> {
    this.#checkOpen();
    checkCaptureOptions(options);
    const names = this.interfaces.map(({ name }) => name);
    const wanted = options.interface === undefined ? new Set(names) : new Set([options.interface]);
    const links = await this.netlink.linkList();
    const found = links.filter(({ name }) => wanted.has(name));
    if (options.interface !== undefined && found.length === 0)
      checkKnownOptions(
        { [options.interface]: undefined },
        { callee: `node ${this.name}`, noun: 'interface', names: links.map(({ name }) => name) },
      );
    const capture: LabCapture = startCapture(this.namespace, found, options, () => this.#captures.delete(capture));
    this.#captures.add(capture);
    return capture;
  }

  /** @internal */
  async start(name: string, command: readonly string[], options: LabSpawnOptions): Promise<void> {
    const [program = '', ...args] = command;
    this.#named.set(name, await this.spawn(program, args, options));
  }

  /** @internal Ends what runs, and closes what is open. */
  async close(): Promise<void> {
    this.#ending.abort(closedError(this.name));
    const running = [...this.#running];
    for (const process of running) process.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([
      ...running.map((process) => process.result()),
      ...[...this.#captures].map((capture) => capture.stop()),
      this.#fetch?.then(({ agent }) => agent.destroy()),
    ]);
    this.netlink.close();
  }

  #checkOpen(): void {
    if (this.#ending.signal.aborted) throw closedError(this.name);
  }
}

function closedError(node: string): NetnsError {
  return new NetnsError(`the lab of node ${node} is closed`, { code: 'ERR_LAB_CLOSED' });
}
