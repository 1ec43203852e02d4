import { NetnsError, type NetnsHandle, resolveNamespace, runInNamespace } from 'netns-core';
import type { Link } from '../link/link.js';
import { linkDel, linkList } from '../netlink/here.js';
import type { TapDevice } from '../tap/tap-device.js';
import { teardownBridge } from './bridge.js';
import { configureLink } from './configure-link.js';
import { type DhcpBlock, unblockDhcp } from './dhcp-block.js';
import type { ContainerResult } from './link-info.js';
import { type LinkState, restoreLinkState } from './link-state.js';
import { type ContainerSideNetworkJson, type InterfaceType, replaceForJson } from './saved-network.js';
import { unlessGone } from './unless-gone.js';

/** One interface of a virtual machine. */
export interface InterfaceInfo {
  readonly type: InterfaceType;
  /** The name of CNI's interface in the container: `eth0`. */
  readonly name: string;
  /** Its TAP device; `undefined` in a recovered network where another process, the virtual machine, has it open. */
  readonly tap: TapDevice | undefined;
  /** The hardware address that CNI's interface had, which is the virtual machine's now. */
  readonly hardwareAddr: string;
  /** In bytes: that of CNI's interface, of the TAP device and of the bridge. */
  readonly mtu: number;
}

/** A route as Virtlet's container network has it. */
export interface Route {
  /** `192.0.2.0/24` */
  readonly destination: string;
  /** The gateway. */
  readonly via?: string;
}

/** What is known of a container's network before it is taken over. */
export interface ContainerNetwork {
  readonly info: ContainerResult;
  /** The namespace that answers DHCP, where it is not the container's. */
  readonly dhcpNs?: string;
}

/** What was made for one interface, as far as it has come: what has to be undone. */
export interface Takeover {
  readonly interface: string;
  readonly mtu: number;
  /** What CNI's interface was; `undefined` in a network that was recovered without it. */
  readonly before: LinkState | undefined;
  readonly hardwareAddr: string;
  bridge?: string;
  tap?: string;
  dhcp?: DhcpBlock;
}

/** All that a teardown needs, as plain data. */
export interface Undo {
  readonly result: ContainerResult;
  readonly interfaces: Takeover[];
  /** The loopback, if it was brought up. */
  loopback?: LinkState;
}

/** Runs each step, whatever the others did; the errors are returned. */
function attemptAll(steps: readonly (() => void)[]): unknown[] {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}

function find(name: string | undefined): Link | undefined {
  return name === undefined ? undefined : linkList().find((link) => link.name === name);
}

/** Makes one interface what it was; of what was made for it, whatever is there goes. */
function giveBack(takeover: Takeover, result: ContainerResult): unknown[] {
  return attemptAll([
    () => {
      if (takeover.dhcp === undefined) return;
      unblockDhcp(takeover.dhcp);
      delete takeover.dhcp;
    },
    () => {
      const bridge = find(takeover.bridge);
      if (bridge === undefined) return;
      teardownBridge(bridge, linkList({ master: bridge.index }));
      unlessGone(() => linkDel(bridge));
    },
    () => {
      const tap = find(takeover.tap);
      if (tap !== undefined) unlessGone(() => linkDel(tap));
    },
    () => {
      const link = find(takeover.interface);
      if (link === undefined)
        throw new NetnsError(
          `${takeover.interface} is not in the namespace any more: its addresses and routes cannot be put back`,
          { code: 'ERR_INTERFACE_NOT_FOUND' },
        );
      if (takeover.before !== undefined) {
        restoreLinkState({ ...takeover.before, index: link.index });
        return;
      }
      restoreLinkState({
        name: link.name,
        index: link.index,
        hardwareAddr: takeover.hardwareAddr,
        up: true,
        addresses: [],
        routes: [],
        neighbours: [],
        readAt: Date.now(),
      });
      configureLink({ ...link, hardwareAddr: takeover.hardwareAddr }, result);
    },
  ]);
}

/**
 * Undoes all of it in the caller's namespace, the last first; goes on after an error. May be called again.
 *
 * @returns what went wrong
 */
export function undoAll(undo: Undo): unknown[] {
  const errors: unknown[] = [];
  for (const takeover of [...undo.interfaces].reverse()) errors.push(...giveBack(takeover, undo.result));
  const { loopback } = undo;
  if (loopback !== undefined) errors.push(...attemptAll([() => restoreLinkState(loopback)]));
  return errors;
}

/** A network that was recovered has no more to be told apart by than this. */
interface Parts {
  readonly undo: Undo;
  readonly nsPath: string;
  readonly namespace: NetnsHandle;
  readonly taps: ReadonlyMap<string, TapDevice>;
}

/**
 * A container's network in the hands of a virtual machine: for each interface of CNI a TAP device and a bridge that
 * joins the two, and what is needed to put everything back. It holds the namespace until it is torn down or closed.
 */
export class ContainerSideNetwork {
  /** The CNI result, completed and in version 1.0.0. */
  readonly result: ContainerResult;
  /** The path of the container's namespace. */
  readonly nsPath: string;
  readonly interfaces: readonly InterfaceInfo[];
  readonly #undo: Undo;
  readonly #namespace: NetnsHandle;
  #state: 'set up' | 'torn down' = 'set up';

  /** @internal made by `setupContainerSideNetwork` and `recoverContainerSideNetwork` */
  constructor({ undo, nsPath, namespace, taps }: Parts) {
    this.result = undo.result;
    this.nsPath = nsPath;
    this.#undo = undo;
    this.#namespace = namespace;
    this.interfaces = undo.interfaces.map((takeover) => ({
      type: 'tap',
      name: takeover.interface,
      tap: taps.get(takeover.interface),
      hardwareAddr: takeover.hardwareAddr,
      mtu: takeover.mtu,
    }));
  }

  /**
   * The TAP device of the first interface.
   *
   * @throws NetnsError `ERR_TAP_IN_USE` if another process has it, in a network that was recovered
   */
  get tap(): TapDevice {
    const [first] = this.interfaces;
    if (first?.tap !== undefined) return first.tap;
    throw new NetnsError(
      `the TAP device of ${first?.name ?? 'the container'} is open in another process, the virtual machine's`,
      { code: 'ERR_TAP_IN_USE' },
    );
  }

  /** The hardware address that the first interface had: the virtual machine's. */
  get hardwareAddr(): string {
    return this.interfaces[0]?.hardwareAddr ?? '';
  }

  /**
   * Puts everything back: rules, bridges and TAP devices go, the links have their hardware addresses, addresses,
   * routes and permanent neighbours again, the loopback is what it was. Goes on after an error, and may be called
   * again after one; after success it does nothing more.
   *
   * @throws NetnsError `ERR_TEARDOWN` with all that went wrong; `errors` has each
   */
  teardown(): void {
    if (this.#state === 'torn down') return;
    this.#closeTaps();
    const errors = runInNamespace(this.#namespace, () => undoAll(this.#undo));
    if (errors.length > 0) throw new TeardownError(`cannot put back the network of ${this.nsPath}`, errors);
    this.#state = 'torn down';
    this.#namespace.close();
  }

  #closeTaps(): void {
    for (const { tap } of this.interfaces) tap?.close();
  }

  /**
   * Lets go of the TAP devices and the namespace, and leaves the network as it is: for a process that ends before the
   * virtual machine. `recoverContainerSideNetwork` takes it up again.
   */
  close(): void {
    this.#closeTaps();
    this.#namespace.close();
    this.#state = 'torn down';
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Plain data, for `recoverContainerSideNetwork` in another process. */
  toJSON(): ContainerSideNetworkJson {
    return {
      result: this.result,
      nsPath: this.nsPath,
      interfaces: this.interfaces.map(({ type, name, hardwareAddr, mtu }) => ({ type, name, hardwareAddr, mtu })),
      undo: JSON.stringify(this.#undo, replaceForJson),
    };
  }
}

/** Not everything could be put back. `errors` says what went wrong. */
export class TeardownError extends NetnsError {
  override name = 'TeardownError';
  readonly errors: readonly unknown[];

  constructor(what: string, errors: readonly unknown[], cause: unknown = errors[0]) {
    const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    super(`${what}: ${reasons.join('; ')}`, { code: 'ERR_TEARDOWN', cause });
    this.errors = errors;
  }
}

/** The namespace at a path, or the caller's; the caller owns the handle. */
export function openContainer(nsPath: string): NetnsHandle {
  return resolveNamespace(nsPath === '' ? '' : { path: nsPath });
}
