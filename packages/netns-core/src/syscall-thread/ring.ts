/** How many jobs the ring holds; a power of two. */
export const SLOTS = 256;
/** What a job may bring along, and what its answer may be, bytes. */
export const ROOM = 8192;

/**
 * A worker that still has more jobs than this before it lets the other end sleep: to wake a thread costs both of them
 * more than most jobs do, so answers are handed over by the dozen while there are many.
 */
const MANY = 32;

// Where things are in `words`. The two ends write to cache lines of their own.
const SUBMITTED = 0;
const COMPLETED = 16;
const LISTENING = 32;
const RUNNING = 33;
const FIRST_SLOT = 48;
const KIND = 0;
const ARGUMENT = 1;
const LENGTH = 2;
const RESULT = 3;
const STATE = 4;
const SLOT_WORDS = 8;

// What `STATE` says.
const UNTOUCHED = 0;
const BEGUN = 1;
const WITHDRAWN = 2;

/**
 * Memory that two threads share: a ring of jobs, each a kind, a number, and some bytes, which are answered with a
 * number and some bytes. They are done in the order in which they were submitted.
 */
export interface RingMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

export function makeRingMemory(): RingMemory {
  const words = new Int32Array(new SharedArrayBuffer((FIRST_SLOT + SLOTS * SLOT_WORDS) * 4));
  words[LISTENING] = 1;
  return { words, bytes: new Uint8Array(new SharedArrayBuffer(SLOTS * ROOM)) };
}

/** What both ends do. A slot is known by its number, from 0 to `SLOTS - 1`. */
class RingEnd {
  protected readonly words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor({ words, bytes }: RingMemory) {
    this.words = words;
    this.#bytes = bytes;
  }

  protected word(slot: number, word: number): number {
    return this.words[FIRST_SLOT + slot * SLOT_WORDS + word] ?? 0;
  }

  protected setWord(slot: number, word: number, value: number): void {
    this.words[FIRST_SLOT + slot * SLOT_WORDS + word] = value;
  }

  /** Whoever is first decides what becomes of a job: the one who begins it, or the one who takes it back. */
  protected settle(slot: number, state: number): boolean {
    return Atomics.compareExchange(this.words, FIRST_SLOT + slot * SLOT_WORDS + STATE, UNTOUCHED, state) === UNTOUCHED;
  }

  /** All bytes of a slot. */
  room(slot: number): Uint8Array {
    return this.#bytes.subarray(slot * ROOM, (slot + 1) * ROOM);
  }

  /** What a job brings along, or its answer. */
  content(slot: number): Uint8Array {
    return this.#bytes.subarray(slot * ROOM, slot * ROOM + this.word(slot, LENGTH));
  }
}

/** The end that submits jobs and collects their answers. It never waits. */
export class RingSubmitter extends RingEnd {
  // These count on for ever, and wrap.
  #submitted = 0;
  #collected = 0;

  /** How many jobs have been submitted and not been collected. */
  get outstanding(): number {
    return (this.#submitted - this.#collected) | 0;
  }

  /** How many jobs have been done since the beginning; it wraps. */
  get completed(): number {
    return Atomics.load(this.words, COMPLETED);
  }

  /** Whether the other end has begun to work. */
  get running(): boolean {
    return Atomics.load(this.words, RUNNING) === 1;
  }

  /** Hands a job to the other end. There must be room for it. Answers with its slot. */
  submit(kind: number, argument: number, content: Uint8Array): number {
    const slot = this.#submitted & (SLOTS - 1);
    this.room(slot).set(content);
    this.setWord(slot, KIND, kind);
    this.setWord(slot, ARGUMENT, argument);
    this.setWord(slot, LENGTH, content.length);
    this.setWord(slot, STATE, UNTOUCHED);
    this.#submitted = (this.#submitted + 1) | 0;
    Atomics.store(this.words, SUBMITTED, this.#submitted);
    Atomics.notify(this.words, SUBMITTED);
    return slot;
  }

  /** Takes a job back, unless it was begun. Its slot is collected nevertheless. */
  withdraw(slot: number): boolean {
    return this.settle(slot, WITHDRAWN);
  }

  /** The slot of the next job that is done, or -1. It may be used again from the next `submit` on. */
  collect(): number {
    if (this.completed === this.#collected) return -1;
    const slot = this.#collected & (SLOTS - 1);
    this.#collected = (this.#collected + 1) | 0;
    return slot;
  }

  result(slot: number): number {
    return this.word(slot, RESULT);
  }

  /** Asks to be woken. Answers whether there is nothing to collect, so that it is worth it to wait. */
  listen(): boolean {
    Atomics.store(this.words, LISTENING, 1);
    return this.completed === this.#collected;
  }
}

/** The end that does jobs. It waits, with the thread, for the next one. */
export class RingWorker extends RingEnd {
  #completed = 0;

  /** Tells the other end that work has begun. */
  start(): void {
    Atomics.store(this.words, RUNNING, 1);
  }

  /** Waits for the next job; answers with its slot. */
  next(): number {
    while (Atomics.load(this.words, SUBMITTED) === this.#completed)
      Atomics.wait(this.words, SUBMITTED, this.#completed);
    return this.#completed & (SLOTS - 1);
  }

  /** Begins a job, unless it was taken back. */
  begin(slot: number): boolean {
    return this.settle(slot, BEGUN);
  }

  kind(slot: number): number {
    return this.word(slot, KIND);
  }

  argument(slot: number): number {
    return this.word(slot, ARGUMENT);
  }

  /**
   * Hands the answer over; its bytes are in the slot's room already.
   *
   * @returns whether the other end has to be woken
   */
  complete(slot: number, result: number, length: number): boolean {
    this.setWord(slot, RESULT, result);
    this.setWord(slot, LENGTH, length);
    this.#completed = (this.#completed + 1) | 0;
    Atomics.store(this.words, COMPLETED, this.#completed);
    const left = (Atomics.load(this.words, SUBMITTED) - this.#completed) | 0;
    return left <= MANY && Atomics.exchange(this.words, LISTENING, 0) === 1;
  }
}
