import { InvalidOptionError, watchNamed } from 'netns-core';
import { checkKnownOptions, checkOptionsObject, onAbort, shown } from 'netns-core/checks';
import { type AddressWatch, watchAddresses } from '../socket/address-changes.js';
import { deviceVrfs } from './list-vrfs.js';
import { DEFAULT_VRF, type Vrf, vrfOfNamespace } from './vrf.js';

/** A VRF has come or gone. */
export interface VrfEvent {
  readonly type: 'added' | 'removed';
  readonly vrf: Vrf;
}

/** Options of {@link watchVrfs}. */
export interface WatchVrfsOptions {
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /**
   * Whether it begins with 'added' for every VRF that is there already.
   *
   * @default false
   */
  listExisting?: boolean | undefined;
}

/** An iteration over the VRFs that come and go. */
export type VrfWatch = AsyncIterableIterator<VrfEvent> & AsyncDisposable;

/**
 * Tells of VRFs that come and go: namespaces by their convention, once they can be entered, and the kernel's VRF devices
 * in the caller's namespace. The default VRF never goes. Watching begins with the call, and ends by `signal` or when
 * the loop is left.
 *
 * @throws InvalidOptionError; NetnsError (`EMFILE`, `ENOSPC`: the limits of inotify), also out of the iteration
 */
export function watchVrfs(options: WatchVrfsOptions = {}): VrfWatch {
  checkOptionsObject(options, 'watchVrfs');
  checkKnownOptions(options, { callee: 'watchVrfs', names: ['signal', 'listExisting'], synonyms: {} });
  const { signal, listExisting = false } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidOptionError('signal', `signal must be an AbortSignal, got ${shown(signal)}`);
  if (typeof listExisting !== 'boolean')
    throw new InvalidOptionError('listExisting', `listExisting must be true or false, got ${shown(listExisting)}`);
  return new VrfChanges(signal, listExisting);
}

class VrfChanges implements AsyncIterableIterator<VrfEvent>, AsyncDisposable {
  readonly #queue: VrfEvent[] = [];
  readonly #readers: (() => void)[] = [];
  readonly #named: AsyncIterableIterator<{ type: 'added' | 'removed'; name: string }> | undefined;
  #devices = new Map<string, Vrf>();
  #monitor: AddressWatch | undefined;
  #withdraw: (() => void) | undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;

  constructor(signal: AbortSignal | undefined, listExisting: boolean) {
    if (signal?.aborted) {
      this.#ended = true;
      return;
    }
    if (listExisting) this.#push('added', DEFAULT_VRF);
    const named = watchNamed({ listExisting });
    this.#named = named;
    try {
      this.#monitor = this.#watchDevices();
      for (const vrf of deviceVrfs()) {
        this.#devices.set(keyOf(vrf), vrf);
        if (listExisting) this.#push('added', vrf);
      }
    } catch (error) {
      void named.return?.();
      this.#monitor?.close();
      throw error;
    }
    if (signal !== undefined) this.#withdraw = onAbort(signal, () => this.#end());
    void this.#followNamed(named);
  }

  async next(): Promise<IteratorResult<VrfEvent>> {
    for (;;) {
      const value = this.#queue.shift();
      if (value !== undefined) return { value, done: false };
      if (this.#failure !== undefined) {
        const { reason } = this.#failure;
        this.#failure = undefined;
        throw reason;
      }
      if (this.#ended) return { value: undefined, done: true };
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  async return(): Promise<IteratorResult<VrfEvent>> {
    this.#end();
    return { value: undefined, done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #followNamed(named: AsyncIterable<{ type: 'added' | 'removed'; name: string }>): Promise<void> {
    try {
      for await (const { type, name } of named) {
        const vrf = vrfOfNamespace(name);
        if (vrf !== undefined) this.#push(type, vrf);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #watchDevices(): AddressWatch {
    return watchAddresses(
      '',
      () => this.#compareDevices(),
      () => {
        // More was said than the socket could hold: what has changed is seen by looking.
        try {
          this.#monitor = this.#watchDevices();
        } catch (error) {
          this.#fail(error);
          return;
        }
        this.#compareDevices();
      },
    );
  }

  #compareDevices(): void {
    if (this.#ended) return;
    let found: Map<string, Vrf>;
    try {
      found = new Map(deviceVrfs().map((vrf) => [keyOf(vrf), vrf]));
    } catch (error) {
      this.#fail(error);
      return;
    }
    for (const [key, vrf] of this.#devices) if (!found.has(key)) this.#push('removed', vrf);
    for (const [key, vrf] of found) if (!this.#devices.has(key)) this.#push('added', vrf);
    this.#devices = found;
  }

  #push(type: VrfEvent['type'], vrf: Vrf): void {
    if (this.#ended) return;
    this.#queue.push({ type, vrf });
    this.#wakeReaders();
  }

  #fail(reason: unknown): void {
    if (this.#ended) return;
    this.#failure = { reason };
    this.#close();
  }

  /** As with `watchNamed`, what has not been read yet is dropped. */
  #end(): void {
    this.#queue.length = 0;
    this.#close();
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#withdraw?.();
    this.#monitor?.close();
    void this.#named?.return?.();
    this.#wakeReaders();
  }

  #wakeReaders(): void {
    for (const wake of this.#readers.splice(0)) wake();
  }
}

/** A device that is renamed, or made anew, is another VRF. */
function keyOf(vrf: Vrf): string {
  return vrf.kind === 'device' ? `${vrf.ifindex} ${vrf.interface} ${vrf.table ?? ''}` : vrf.name;
}
