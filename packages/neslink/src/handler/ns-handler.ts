import { EventEmitter } from 'node:events';
import { getFromPath, getFromPid, NetnsError, type NetnsHandle, resolveNamespace, runInNamespace } from 'netns-core';
import type { DockerClient } from '../docker/docker-client.js';
import { type Logger, silentLogger } from './logger.js';
import {
  type Microservice,
  type MicroserviceCtx,
  type MicroserviceEvent,
  NewMicroservice,
  TerminatedMicroservice,
  UnavailableMicroserviceError,
} from './microservice.js';
import { MicroserviceTracker } from './microservice-tracker.js';
import { createNamedNetNs, deleteNamedNetNs, namedNetNsExists } from './named-namespace.js';
import { fromTyped, genericNsToString, Namespace, toTyped } from './namespace.js';
import type { NamespaceAPI } from './namespace-api.js';
import { NamespaceMgmtCtx } from './namespace-mgmt-ctx.js';
import { FileRefNs, MicroserviceRefNs, NamedNs, PidRefNs } from './namespace-type.js';
import type { SystemAPI } from './system-api.js';
import { newSystemHandler } from './system-handler.js';
import { switchThread } from './thread-switch.js';
import type { ArpNamespace, InterfaceNamespace, RouteNamespace } from './typed-namespace.js';

/** The namespace in which VETH interfaces are made before they are moved to where they belong. */
const CONFIG_NAMESPACE = 'veth-cfg-ns';

/** What a handler works with. */
export interface NsHandlerOptions {
  /** Where it writes. Default: nowhere. */
  logger?: Logger | undefined;
  /** What it does to the system. Default: {@link newSystemHandler}. */
  systemHandler?: SystemAPI | undefined;
  /** A dockerode client; without one there are no microservices. */
  docker?: DockerClient | undefined;
  /** Called when containers may have changed: it is to call `handleMicroservices(ctx)`. Default: the handler does so itself. */
  onMicroservices?: ((ctx: MicroserviceCtx) => void) | undefined;
  /** Called for each microservice that starts or ends; the same as listening for the handler's events. */
  onMicroserviceEvent?: ((event: MicroserviceEvent) => void) | undefined;
  /** Milliseconds between looks at the containers, should an event have been missed. Default 30,000. */
  pollInterval?: number | undefined;
  /** Milliseconds until the daemon is tried again when it has gone away. Default 2,000. */
  retryInterval?: number | undefined;
}

/** The events of {@link NsHandler}. */
export interface NsHandlerEvents {
  [NewMicroservice]: [event: MicroserviceEvent];
  [TerminatedMicroservice]: [event: MicroserviceEvent];
}

/**
 * Handles namespaces and microservices for others: makes named namespaces on demand, switches to namespaces however
 * they are referred to, and knows which container runs which microservice.
 */
export class NsHandler extends EventEmitter<NsHandlerEvents> implements NamespaceAPI, AsyncDisposable {
  private logger: Logger = silentLogger;
  private system: SystemAPI = newSystemHandler();
  private defaultNs: NetnsHandle | undefined;
  private configNs: InterfaceNamespace | undefined;
  private tracker: MicroserviceTracker | undefined;

  /**
   * Remembers the namespace of the caller as the default one, makes the config namespace anew and starts to watch
   * containers.
   *
   * @throws NetnsError if it was initialized already, or a step fails; nothing is left behind then
   */
  init(options: NsHandlerOptions = {}): Promise<void> {
    // A promise, so that a caller need not know whether the daemon is asked something first.
    return Promise.resolve().then(() => this.start(options));
  }

  private start(options: NsHandlerOptions): void {
    if (this.defaultNs !== undefined)
      throw new NetnsError('the namespace handler is initialized already: close it first', {
        code: 'ERR_ALREADY_INITIALIZED',
      });
    const { logger = silentLogger, systemHandler = newSystemHandler(), docker } = options;
    const { pollInterval = 30_000, retryInterval = 2_000, onMicroservices, onMicroserviceEvent } = options;
    for (const [name, value] of Object.entries({ pollInterval, retryInterval }))
      if (!Number.isFinite(value) || value <= 0)
        throw new NetnsError(`the option ${name} must be a positive number of milliseconds, not ${value}`, {
          code: 'ERR_INVALID_ARGUMENT',
        });
    this.logger = logger;
    this.system = systemHandler;
    this.defaultNs = resolveNamespace('');
    try {
      if (namedNetNsExists(CONFIG_NAMESPACE)) deleteNamedNetNs(this.system, CONFIG_NAMESPACE);
      createNamedNetNs(this.system, CONFIG_NAMESPACE);
    } catch (error) {
      this.defaultNs.close();
      this.defaultNs = undefined;
      throw error;
    }
    this.configNs = new Namespace({ type: NamedNs, name: CONFIG_NAMESPACE }).genericToIfaceNs();
    if (docker === undefined) return;
    const ctx: MicroserviceCtx = { nsMgmtCtx: new NamespaceMgmtCtx() };
    this.tracker = new MicroserviceTracker({
      docker,
      logger,
      pollInterval,
      retryInterval,
      onEvent: (event) => {
        onMicroserviceEvent?.(event);
        this.emit(event.eventType, event);
      },
      onChange: () => {
        if (onMicroservices === undefined) void this.handleMicroservices(ctx);
        else onMicroservices(ctx);
      },
    });
    this.tracker.start();
  }

  /**
   * Stops watching containers and removes the config namespace. May be called more than once.
   *
   * @throws NetnsError if the config namespace cannot be removed; everything else is closed all the same
   */
  async close(): Promise<void> {
    const { tracker, configNs, defaultNs } = this;
    this.tracker = undefined;
    this.configNs = undefined;
    this.defaultNs = undefined;
    defaultNs?.close();
    try {
      if (configNs !== undefined && namedNetNsExists(CONFIG_NAMESPACE)) deleteNamedNetNs(this.system, CONFIG_NAMESPACE);
    } finally {
      await tracker?.stop();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The config namespace; `undefined` before `init` and after `close`. */
  getConfigNamespace(): InterfaceNamespace | undefined {
    return this.configNs;
  }

  /** The microservices that run, by label. */
  getMicroserviceByLabel(): ReadonlyMap<string, Microservice> {
    return this.tracker?.byLabel ?? new Map();
  }

  /** The microservices that run, by the id of their container. */
  getMicroserviceByID(): ReadonlyMap<string, Microservice> {
    return this.tracker?.byId ?? new Map();
  }

  /** Looks for microservices that have started or ended, and raises an event for each. On a restart the end comes first. */
  async handleMicroservices(_ctx: MicroserviceCtx): Promise<void> {
    await this.tracker?.inspect();
  }

  /**
   * Opens a namespace; a named one that does not exist is made. A missing reference, pid 0, and an empty name or path
   * mean the default namespace, the one that `init` was called in.
   *
   * @returns a handle that the caller owns
   * @throws NetnsError for a microservice (`switchNamespace` resolves those), and for whatever cannot be opened
   */
  getOrCreateNamespace(ns: Namespace | undefined): NetnsHandle {
    const byDefault = this.initialized();
    switch (ns?.type) {
      case undefined:
        return byDefault.dup();
      case PidRefNs:
        return ns.pid === 0 ? byDefault.dup() : getFromPid(ns.pid);
      case NamedNs:
        return ns.name === '' ? byDefault.dup() : this.getOrCreateNamed(ns.name);
      case FileRefNs:
        return ns.filePath === '' ? byDefault.dup() : getFromPath(ns.filePath);
      default:
        throw new NetnsError(
          `${genericNsToString(ns)} names a microservice: convert it to its process first (convertMicroserviceNsToPidNs)`,
          { code: 'ERR_MICROSERVICE_REFERENCE' },
        );
    }
  }

  private getOrCreateNamed(name: string): NetnsHandle {
    try {
      return this.system.getNamespaceFromName(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.logger.debug(`making the namespace ${name}`);
    createNamedNetNs(this.system, name);
    return this.system.getNamespaceFromName(name);
  }

  private initialized(): NetnsHandle {
    if (this.defaultNs === undefined)
      throw new NetnsError('the namespace handler is not initialized: call init() first', {
        code: 'ERR_NOT_INITIALIZED',
      });
    return this.defaultNs;
  }

  /** Whether a namespace can be switched to: false only for a microservice that does not run. */
  isNamespaceAvailable(ns: InterfaceNamespace | undefined): boolean {
    return ns?.type !== MicroserviceRefNs || this.getMicroserviceByLabel().has(ns.microservice ?? '');
  }

  /**
   * With a function: calls it with the thread in the namespace and gives what it returns; it must be synchronous.
   *
   * Without: switches the thread and gives the function that switches it back. Until it is called, everything on this
   * thread happens over there, so call it before the first `await`: a switch that outlives its turn of the event loop
   * is reverted and reported.
   *
   * @throws UnavailableMicroserviceError, or NetnsError if the switch fails (the original logs that and goes on)
   */
  switchNamespace<T>(ns: Namespace | undefined, ctx: NamespaceMgmtCtx, fn: () => T): T;
  switchNamespace(ns: Namespace | undefined, ctx: NamespaceMgmtCtx): () => void;
  switchNamespace<T>(ns: Namespace | undefined, ctx: NamespaceMgmtCtx, fn?: () => T): T | (() => void) {
    let resolved = ns;
    if (ns?.type === MicroserviceRefNs) {
      resolved = this.convertMicroserviceNsToPidNs(ns.microservice);
      if (resolved === undefined) throw new UnavailableMicroserviceError(ns.microservice);
    }
    const target = this.getOrCreateNamespace(resolved);
    if (fn !== undefined) {
      try {
        return runInNamespace(target, fn);
      } finally {
        target.close();
      }
    }
    let home: NetnsHandle;
    try {
      home = resolveNamespace('');
    } catch (error) {
      target.close();
      throw error;
    }
    return switchThread(this.system, home, target, genericNsToString(ns ?? new Namespace()), ctx, this.logger);
  }

  /** {@link NsHandler.switchNamespace} for the namespace of an interface. */
  switchToNamespace<T>(ctx: NamespaceMgmtCtx, ns: InterfaceNamespace | undefined, fn: () => T): T;
  switchToNamespace(ctx: NamespaceMgmtCtx, ns: InterfaceNamespace | undefined): () => void;
  switchToNamespace<T>(ctx: NamespaceMgmtCtx, ns: InterfaceNamespace | undefined, fn?: () => T): T | (() => void) {
    const generic = this.ifNsToGeneric(ns);
    return fn === undefined ? this.switchNamespace(generic, ctx) : this.switchNamespace(generic, ctx, fn);
  }

  /** The namespace of a microservice, by its process; `undefined` if it does not run. */
  convertMicroserviceNsToPidNs(label: string): Namespace | undefined {
    const microservice = this.getMicroserviceByLabel().get(label);
    return microservice === undefined ? undefined : new Namespace({ type: PidRefNs, pid: microservice.pid });
  }

  /** How logs call the namespace of an interface; `<nil>` for a missing one. */
  ifaceNsToString(ns: InterfaceNamespace | undefined): string {
    return ns === undefined ? '<nil>' : genericNsToString(fromTyped(ns));
  }

  /** From the namespace of an interface; a missing one is the default namespace. */
  ifNsToGeneric(ns: InterfaceNamespace | undefined): Namespace {
    return fromTyped(ns);
  }

  /** From the namespace of an ARP entry; a missing one is the default namespace. */
  arpNsToGeneric(ns: ArpNamespace | undefined): Namespace {
    return fromTyped(ns);
  }

  /** From the namespace of a route; a missing one is the default namespace. */
  routeNsToGeneric(ns: RouteNamespace | undefined): Namespace {
    return fromTyped(ns);
  }

  /** To the namespace of an ARP entry. @throws NetnsError for a missing one */
  genericToArpNs(ns: Namespace | undefined): ArpNamespace {
    return toTyped(ns, 'an ARP entry');
  }

  /** To the namespace of a route. @throws NetnsError for a missing one */
  genericToRouteNs(ns: Namespace | undefined): RouteNamespace {
    return toTyped(ns, 'a route');
  }
}
