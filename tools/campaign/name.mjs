import { statSync } from 'node:fs';
import { now } from './clock.mjs';

/** How long after a change the old namespace may still be taken, in milliseconds: what the packages promise. */
export const TOLERANCE_MS = 50;
/** How much of the past is kept, in milliseconds. No request may take longer. */
const KEPT_MS = 60_000;

/**
 * A name that clients use, and which namespaces it meant when. Each entry of the history begins no later than `from`
 * and is certain from `sure` on; what it replaces may have lasted until then.
 */
export class Name {
  busy = false;
  history = [];

  /**
   * @param label what messages call it
   * @param target what clients are given
   * @param file where it can be looked up
   */
  constructor(index, label, target, file, type) {
    this.index = index;
    this.label = label;
    this.target = target;
    this.file = file;
    this.type = type;
  }

  /** The namespace that it means now, `undefined` for none. */
  get world() {
    return this.history.at(-1)?.world;
  }

  /** Changes its meaning by `change`; the history says so before anybody can see it. */
  async becomes(world, change) {
    const entry = { from: now(), sure: Infinity, world };
    this.history.push(entry);
    try {
      await change();
    } finally {
      entry.sure = now();
    }
    while (this.history.length > 2 && this.history[1].sure < entry.sure - KEPT_MS) this.history.shift();
  }

  /** As {@link becomes}, for a change that is a single system call made by this process. */
  becomesAtOnce(world, change) {
    const entry = { from: now(), sure: Infinity, world };
    this.history.push(entry);
    change();
    entry.sure = now();
  }

  /** The file leads where the history says. */
  check() {
    const ino = statSync(this.file, { throwIfNoEntry: false })?.ino;
    const { world } = this;
    if (world !== undefined && ino !== world.ino)
      throw new Error(
        `the campaign is wrong about ${this.label}: it should mean ${world.id} (${world.ino}), not ${ino}`,
      );
  }

  /** What it may have meant at some time between `start - tolerance` and `end`. */
  meanings(start, end, tolerance = TOLERANCE_MS) {
    const found = [];
    for (let i = this.history.length - 1; i >= 0; i -= 1) {
      const until = this.history[i + 1]?.sure ?? Infinity;
      if (until < start - tolerance) break;
      if (this.history[i].from <= end) found.push(this.history[i].world);
    }
    return found;
  }

  /** The one namespace, with its servers up, that it meant all the time; `undefined` if there was a change. */
  steady(start, end, before) {
    // A change that is under way, or hangs, is a change.
    if (this.history.some(({ from, sure }) => from <= end && sure > start - before)) return undefined;
    const meanings = this.meanings(start, end, before);
    if (meanings.length !== 1 || meanings[0] === undefined) return undefined;
    return meanings[0].readyAt < start && !meanings[0].retired ? meanings[0] : undefined;
  }

  /** The last events, for a report. */
  describe(around) {
    return this.history
      .slice(-8)
      .map(
        ({ from, sure, world }) =>
          `${(from - around).toFixed(1)}…${(sure - around).toFixed(1)} ms: ${world?.id ?? 'nothing'}`,
      )
      .join('; ');
  }
}
