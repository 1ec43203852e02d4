import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ClosedHandleError, NetnsError } from 'netns-core';
import { Errno, errnoName, F_DUPFD_CLOEXEC, openReadable, sys } from 'netns-core/sys';
import { openTapFd } from './tap-ioctl.js';

/** How many frames wait for a slow reader before the kernel has to keep (and then drop) them. */
const MAXIMUM_WAITING = 256;

/**
 * An open TAP device: Ethernet frames that the namespace sends over it are read here, frames written here arrive in
 * the namespace. Its file descriptor can be handed to a virtual machine, as one of a child process's `stdio`; only
 * one side should read then.
 */
export class TapDevice {
  readonly name: string;
  #fd: number;
  #reader: Socket | undefined;
  /** Writes go out one after the other, in the order of the calls. */
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(name: string, fd: number) {
    this.name = name;
    this.#fd = fd;
  }

  /**
   * Takes over a file descriptor of a TAP device, one that another process has handed on, for instance. It must be
   * non-blocking if frames are to be read.
   */
  static fromFd(fd: number, name: string): TapDevice {
    return new TapDevice(name, fd);
  }

  /**
   * The file descriptor, for `stdio` of a child process: non-blocking, one frame a read and a write, no header before
   * it. It stays this object's.
   *
   * @throws ClosedHandleError
   */
  get fd(): number {
    if (this.#fd < 0)
      throw new ClosedHandleError(`the TAP device "${this.name}" has been closed`, { code: 'ERR_CLOSED_HANDLE' });
    return this.#fd;
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  /**
   * The frames that the namespace sends over the device, from now on, one a turn. Reading begins with the first turn
   * and ends with the loop; until then the kernel keeps up to `txQLen` frames.
   *
   * @throws NetnsError `ERR_TAP_IN_USE` if they are being read already; what the kernel says when the device is
   * deleted
   */
  async *frames(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#reader !== undefined)
      throw new NetnsError(
        `the frames of the TAP device "${this.name}" are being read already: one loop can get each frame once`,
        { code: 'ERR_TAP_IN_USE' },
      );
    const reader = this.#open();
    this.#reader = reader;
    const waiting: Uint8Array[] = [];
    let failure: Error | undefined;
    let ended = false;
    let wake = (): void => {};
    // Not `for await` over the stream: it joins chunks that wait, and a chunk is a frame.
    reader.on('data', (frame: Buffer) => {
      waiting.push(new Uint8Array(frame.buffer, frame.byteOffset, frame.length));
      if (waiting.length >= MAXIMUM_WAITING) reader.pause();
      wake();
    });
    reader.on('error', (error) => {
      failure = error;
      wake();
    });
    reader.on('close', () => {
      ended = true;
      wake();
    });
    // It was made paused, and a listener alone does not change that.
    reader.resume();
    try {
      for (;;) {
        const frame = waiting.shift();
        if (frame !== undefined) {
          if (waiting.length === 0 && reader.isPaused()) reader.resume();
          yield frame;
          continue;
        }
        if (failure !== undefined && this.isOpen)
          throw new NetnsError(`cannot read from the TAP device "${this.name}": has it been deleted?`, {
            code: (failure as NodeJS.ErrnoException).code ?? 'EIO',
            cause: failure,
          });
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      reader.destroy();
      if (this.#reader === reader) this.#reader = undefined;
    }
  }

  #open(): Socket {
    // The stream closes what it is given, and the device's own descriptor has to outlive a loop over its frames.
    const copy = sys().fcntl(this.fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw NetnsError.fromErrno(-copy, 'fcntl', `cannot read from the TAP device "${this.name}"`);
    return openReadable(copy);
  }

  /**
   * Writes a frame: Ethernet header and payload, without checksum. It arrives in the namespace as if the other end of
   * a cable had sent it.
   *
   * @throws ClosedHandleError; NetnsError `EIO` if the device is down, `EINVAL` if the frame is shorter than a header
   */
  write(frame: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => this.#write(frame));
    // A failed write does not keep the next one from being tried.
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  async #write(frame: Uint8Array): Promise<void> {
    const calls = sys();
    for (;;) {
      // One write(2) is one frame: a stream would put several into one.
      const count = calls.write(this.fd, frame);
      if (count === frame.length) return;
      if (-count === Errno.EAGAIN) {
        await delay(1);
        continue;
      }
      if (-count === Errno.EINTR) continue;
      const what = `cannot write a frame of ${frame.length} bytes to the TAP device "${this.name}"`;
      const advice: Partial<Record<string, string>> = {
        EIO: 'the device is down: bring it up with linkSetUp',
        EINVAL: 'a frame begins with an Ethernet header of 14 bytes',
        EBADFD: 'the device has been deleted',
      };
      const code = count < 0 ? errnoName(-count) : 'EIO';
      const reason = count < 0 ? advice[code] : `the kernel took ${count} bytes of it`;
      if (reason === undefined) throw NetnsError.fromErrno(-count, 'write', what);
      throw new NetnsError(`${what}: ${reason} (${code})`, {
        code,
        syscall: 'write',
        ...(count < 0 ? { errno: -count } : {}),
      });
    }
  }

  /** Closes it; a loop over its frames ends. The device itself stays, if it is persistent. May be called twice. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#reader?.destroy();
    sys().close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * Opens a TAP device of the caller's namespace. If there is none of that name, one is made that goes when it is
 * closed.
 *
 * @throws NetnsError `EBUSY` if another process has it open, `EPERM`, `ENOENT` without `/dev/net/tun`
 */
export function openTap(name: string): TapDevice {
  return TapDevice.fromFd(openTapFd(name), name);
}
