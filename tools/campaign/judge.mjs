import { TOLERANCE_MS } from './name.mjs';

/** Errors that a namespace in motion explains. */
const EXPLAINED = new Set([
  // The name means nothing at the moment, or a file on which nothing is mounted.
  ...['ENOENT', 'ERR_NOT_A_NAMESPACE', 'EINVAL', 'ESTALE'],
  // The servers of a new namespace are not up, or those of an old one have ended.
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'EDESTADDRREQ'],
  ...['ERR_HTTP2_STREAM_CANCEL', 'ERR_HTTP2_STREAM_ERROR', 'ERR_HTTP2_SESSION_ERROR', 'ERR_HTTP2_GOAWAY_SESSION'],
  // The packages say so.
  ...['ERR_NAMESPACE_REPLACED', 'ERR_PROVIDER', 'ENODEV', 'ERR_NAMESPACE_GONE'],
  // Children in a namespace that is gone.
  ...['CHILD_FAILED', '999'],
]);
/** Errors that a process that was stopped for a while may have. */
const TIMEOUTS = new Set(['ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);
/** Errors that the campaign makes. */
const MADE = new Set(['CAMPAIGN_THROWN', 'WORKER_ENDED']);

/** How long ago the last change must have been for an error to be none of its. */
const SETTLED_MS = 300;

/** What one kind of client has said. */
class Tally {
  requests = 0;
  right = 0;
  wrong = 0;
  unexpected = 0;
  expected = new Map();
  samples = [];

  constructor(kind) {
    this.kind = kind;
  }

  sample(text) {
    if (this.samples.length < 4) this.samples.push(text);
  }
}

/** Decides about every answer. */
export class Judge {
  tallies = new Map();

  /** @param stoppedFor for how many milliseconds of an interval clients were stopped */
  constructor(names, stoppedFor) {
    this.names = names;
    this.stoppedFor = stoppedFor;
  }

  tally(name) {
    let tally = this.tallies.get(name);
    if (tally === undefined) {
      tally = new Tally(name);
      this.tallies.set(name, tally);
    }
    return tally;
  }

  /**
   * One result of a client, as client.mjs reports it.
   *
   * @param scarce whether the client was short of descriptors, so that any error has its reason
   */
  result({ name: kind }, [, nameIndex, start, end, id, code, excused, stack], scarce) {
    const tally = this.tally(kind);
    const name = this.names[nameIndex];
    tally.requests += 1;
    if (id !== null) {
      if (this.#isRight(id, name, start, end)) {
        tally.right += 1;
        return;
      }
      tally.wrong += 1;
      tally.sample(
        `WRONG ${name.label} (${name.type}), asked at 0, answered at ${(end - start).toFixed(1)} ms by ${this.#known(id, name)}; the name: ${name.describe(start)}`,
      );
      return;
    }
    const steady = name.steady(start, end, SETTLED_MS + this.stoppedFor(start - 5000, start));
    const moving = steady === undefined || (TIMEOUTS.has(code) && this.stoppedFor(start, end) > 0);
    if (excused || scarce || MADE.has(code) || (moving && EXPLAINED.has(code))) {
      tally.expected.set(code, (tally.expected.get(code) ?? 0) + 1);
      return;
    }
    tally.unexpected += 1;
    tally.sample(
      `UNEXPECTED ${code} ${name.label} (${name.type}) after ${(end - start).toFixed(1)} ms; ${steady === undefined ? `the name: ${name.describe(start)}` : `which meant ${steady.id} all the time`}; ${stack ?? ''}`,
    );
  }

  #isRight(id, name, start, end) {
    if (id === 'own') return true;
    const meanings = name.meanings(start, end).filter((world) => world !== undefined);
    if (id.startsWith('no alias')) return meanings.some(({ readyAt }) => readyAt > start - TOLERANCE_MS);
    // A namespace that is being made can be entered before its inode is noted here.
    const isOf = (part, world) =>
      part === world.id || part === `ino:${world.ino}` || (world.ino === undefined && part.startsWith('ino:'));
    return id.split(',').every((part) => meanings.some((world) => isOf(part, world)));
  }

  #known(id, name) {
    if (!id.startsWith('ino:')) return id;
    const world = name.history.map((entry) => entry.world).find((known) => `ino:${known?.ino}` === id);
    return world === undefined ? id : `${world.id} (${id})`;
  }
}
