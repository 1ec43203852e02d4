import { readFileSync, statSync } from 'node:fs';
import { accessDenied, NetnsError } from '../errors.js';

/** How long a file is trusted to be as it was, in milliseconds, before it is looked at again. */
const RECHECK = 1000;

/**
 * A configuration file that is read when it is first needed and again when it has changed. Of several places the
 * first that has the file counts; one that appears later takes over. It is looked at once a second at most, and only
 * when it is asked for.
 */
export class WatchedFile<T> {
  readonly #places: readonly string[];
  readonly #parse: (text: string) => T;
  readonly #without: T;
  #value: T;
  #path: string | undefined;
  #stamp = '';
  #checked = Number.NEGATIVE_INFINITY;

  /** @param without what holds where the file is nowhere */
  constructor(places: readonly string[], parse: (text: string) => T, without: T) {
    this.#places = places;
    this.#parse = parse;
    this.#without = without;
    this.#value = without;
  }

  /** Where the present value was read; `undefined` where the file is nowhere. */
  get path(): string | undefined {
    return this.#path;
  }

  /**
   * What the file says. As long as it does not change, the value is the same object.
   *
   * @param now `performance.now()`
   * @throws NetnsError where there is a file that cannot be read: falling back to another could be a leak
   */
  read(now: number): T {
    if (now - this.#checked < RECHECK) return this.#value;
    for (const path of this.#places) {
      try {
        const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
        if (stat === undefined) continue;
        const stamp = `${path}:${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
        if (stamp !== this.#stamp) {
          this.#value = this.#parse(readFileSync(path, 'utf8'));
          this.#path = path;
          this.#stamp = stamp;
        }
        this.#checked = now;
        return this.#value;
      } catch (error) {
        const { code = 'EIO', message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') continue;
        if (code === 'ERR_ACCESS_DENIED') throw accessDenied(error, `cannot read ${path}`, `--allow-fs-read=${path}`);
        throw new NetnsError(`cannot read ${path}: ${message}`, { code, path, cause: error });
      }
    }
    this.#checked = now;
    this.#path = undefined;
    this.#stamp = '';
    this.#value = this.#without;
    return this.#value;
  }
}
