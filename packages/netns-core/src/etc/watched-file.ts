import { lstatSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
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
   * @throws NetnsError where there is a file that cannot be read, or a link to none: falling back to another could be a
   *   leak
   */
  read(now: number): T {
    if (now - this.#checked < RECHECK) return this.#value;
    for (const [index, place] of this.#places.entries()) {
      if (this.#readFrom(place)) {
        this.#checked = now;
        return this.#value;
      }
      if (index + 1 < this.#places.length) refuseDangling(place);
    }
    this.#checked = now;
    this.#path = undefined;
    this.#stamp = '';
    this.#value = this.#without;
    return this.#value;
  }

  /** @returns whether there is a file in this place */
  #readFrom(place: string): boolean {
    try {
      const stat = statSync(place, { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) return false;
      const stamp = `${place}:${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
      if (stamp === this.#stamp) return true;
      // Nothing may ever be written to a pipe, which would stop the thread.
      if (stat.isFIFO()) throw new NetnsError(`cannot read ${place}: it is a pipe`, { code: 'ESPIPE', path: place });
      this.#value = this.#parse(readFileSync(place, 'utf8'));
      this.#path = place;
      this.#stamp = stamp;
      return true;
    } catch (error) {
      if (error instanceof NetnsError) throw error;
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      if (code === 'ERR_ACCESS_DENIED') throw accessDenied(error, `cannot read ${place}`, `--allow-fs-read=${place}`);
      throw new NetnsError(`cannot read ${place}: ${message}`, { code, path: place, cause: error });
    }
  }
}

/**
 * A link to a file that is not there was meant to stand in for the next place.
 *
 * @throws NetnsError `ENOENT`
 */
function refuseDangling(place: string): void {
  for (const link of [path.dirname(place), place])
    if (isThere(lstatSync, link) && !isThere(statSync, link))
      throw new NetnsError(`cannot read ${place}: ${link} is a symbolic link to something that does not exist`, {
        code: 'ENOENT',
        path: place,
      });
}

function isThere(stat: typeof statSync | typeof lstatSync, place: string): boolean {
  try {
    return stat(place, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // ENOTDIR: a part of the path is a file.
    return false;
  }
}
