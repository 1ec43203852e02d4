import { Socket } from 'node:net';
import { NetnsError } from 'netns-core';

type Callback = (error?: Error | null) => void;

/** As it was written: sockets get text undecoded. */
interface Chunk {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding;
}

/** What Node's sockets have and its types leave out. */
interface Hidden {
  /** Starts the time of `setTimeout` anew. */
  _unrefTimer(): void;
}

/**
 * A socket whose bytes go over another one, such as one that speaks TLS with a proxy. It is there at once, is connecting
 * until {@link open}, and ends with the other one.
 */
export class RelayedSocket extends Socket {
  #carrier: Socket | undefined;
  #isOpen = false;
  /** What was written before {@link open}. */
  #pending: { readonly run: () => void; readonly done: Callback } | undefined;

  constructor() {
    super();
    Object.assign(this, { connecting: true });
  }

  /** Says which socket carries this one. It is destroyed with this one. */
  carriedBy(carrier: Socket): void {
    this.#carrier = carrier;
    if (this.destroyed) carrier.destroy();
  }

  /**
   * Says that the other side is there.
   *
   * @param head what has been read from it already
   */
  open(head: Buffer): void {
    const carrier = this.#carrier;
    if (carrier === undefined || this.destroyed) return;
    this.#isOpen = true;
    Object.assign(this, { connecting: false });
    if (head.length > 0) this.push(head);
    let ended = false;
    carrier.on('data', (chunk: Buffer) => {
      (this as unknown as Hidden)._unrefTimer();
      if (!this.push(chunk)) carrier.pause();
    });
    carrier.on('end', () => {
      ended = true;
      this.push(null);
    });
    carrier.on('close', () => {
      // What has arrived before the end can still be read.
      if (!ended) this.destroy();
    });
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.run();
    this.emit('connect');
    this.emit('ready');
  }

  override _read(): void {
    if (this.#isOpen) this.#carrier?.resume();
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Callback): void {
    this._writev([{ chunk, encoding }], done);
  }

  override _writev(chunks: readonly Chunk[], done: Callback): void {
    const bytes = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    this.#whenOpen((carrier) => {
      (this as unknown as Hidden)._unrefTimer();
      carrier.write(bytes.length === 1 && bytes[0] !== undefined ? bytes[0] : Buffer.concat(bytes), done);
    }, done);
  }

  override _final(done: Callback): void {
    this.#whenOpen((carrier) => carrier.end(() => done()), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#carrier?.destroy();
    pending?.done(error ?? closedEarly());
    super._destroy(error, done);
  }

  override ref(): this {
    this.#carrier?.ref();
    return this;
  }

  override unref(): this {
    this.#carrier?.unref();
    return this;
  }

  override setNoDelay(): this {
    return this;
  }

  override setKeepAlive(): this {
    return this;
  }

  #whenOpen(run: (carrier: Socket) => void, done: Callback): void {
    const carrier = this.#carrier;
    if (carrier === undefined || !this.#isOpen)
      this.#pending = { run: () => this.#carrier !== undefined && run(this.#carrier), done };
    else run(carrier);
  }
}

const closedEarly = (): NetnsError =>
  new NetnsError('the socket was closed before it was connected', { code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
