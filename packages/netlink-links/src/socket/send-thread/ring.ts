/** How many sends the ring holds; a power of two. */
export const SLOTS = 256;
/** The longest message that it takes, bytes. */
export const MAX_MESSAGE = 8192;

/**
 * While more sends than this are left, the submitter is not woken: waking a thread takes longer than most sends. It
 * looks by itself every few milliseconds.
 */
const BATCH = 32;

// Where things are in `words`. The two ends write to cache lines of their own.
const SUBMITTED = 0;
const COMPLETED = 16;
const LISTENING = 32;
const RUNNING = 33;
const STOPPING = 34;
const FIRST_SLOT = 48;
const FD = 0;
const LENGTH = 1;
const RESULT = 2;
const STATE = 3;
const SLOT_WORDS = 8;

// What `STATE` says.
const WAITING = 0;
const BEGUN = 1;
const WITHDRAWN = 2;

/** Memory that two threads share: a ring of messages to be sent, each with the result of its `send(2)`. */
export interface RingMemory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

export function createRingMemory(): RingMemory {
  const words = new Int32Array(new SharedArrayBuffer((FIRST_SLOT + SLOTS * SLOT_WORDS) * Int32Array.BYTES_PER_ELEMENT));
  words[LISTENING] = 1;
  return { words, bytes: new Uint8Array(new SharedArrayBuffer(SLOTS * MAX_MESSAGE)) };
}

/** What both ends do. A slot is known by its number, from 0 to `SLOTS - 1`. */
class RingEnd {
  protected readonly words: Int32Array;
  protected readonly bytes: Uint8Array;

  constructor({ words, bytes }: RingMemory) {
    this.words = words;
    this.bytes = bytes;
  }

  protected word(slot: number, word: number): number {
    return this.words[FIRST_SLOT + slot * SLOT_WORDS + word] ?? 0;
  }

  protected setWord(slot: number, word: number, value: number): void {
    this.words[FIRST_SLOT + slot * SLOT_WORDS + word] = value;
  }

  /** Begins a send, or takes it back: whichever end is first decides. */
  protected settle(slot: number, state: number): boolean {
    return Atomics.compareExchange(this.words, FIRST_SLOT + slot * SLOT_WORDS + STATE, WAITING, state) === WAITING;
  }
}

/** The end that submits messages and collects results. It never waits. */
export class RingSubmitter extends RingEnd {
  // These count on for ever, and wrap.
  #submitted = 0;
  #collected = 0;

  /** How many sends have been submitted and not collected. */
  get outstanding(): number {
    return (this.#submitted - this.#collected) | 0;
  }

  /** How many sends are done since the beginning; it wraps. */
  get completed(): number {
    return Atomics.load(this.words, COMPLETED);
  }

  /** How many sends have been submitted and are not done. */
  get unsent(): number {
    return (this.#submitted - this.completed) | 0;
  }

  /** Whether the other end has started. */
  get running(): boolean {
    return Atomics.load(this.words, RUNNING) === 1;
  }

  /** Hands a message over and returns its slot. There must be room for it. */
  submit(fd: number, message: Uint8Array): number {
    const slot = this.#submitted & (SLOTS - 1);
    this.bytes.set(message, slot * MAX_MESSAGE);
    this.setWord(slot, FD, fd);
    this.setWord(slot, LENGTH, message.length);
    this.setWord(slot, STATE, WAITING);
    this.#submitted = (this.#submitted + 1) | 0;
    this.#wake();
    return slot;
  }

  /** Ends the other end's loop once it has nothing left. */
  stop(): void {
    Atomics.store(this.words, STOPPING, 1);
    this.#submitted = (this.#submitted + 1) | 0;
    this.#wake();
  }

  #wake(): void {
    Atomics.store(this.words, SUBMITTED, this.#submitted);
    Atomics.notify(this.words, SUBMITTED);
  }

  /** Takes a send back, unless it was begun. Its slot is collected nevertheless. */
  withdraw(slot: number): boolean {
    return this.settle(slot, WITHDRAWN);
  }

  /** The slot of the next send that is done, or -1. It may be used again from the next `submit` on. */
  collect(): number {
    if (this.completed === this.#collected) return -1;
    const slot = this.#collected & (SLOTS - 1);
    this.#collected = (this.#collected + 1) | 0;
    return slot;
  }

  result(slot: number): number {
    return this.word(slot, RESULT);
  }

  /** Asks to be woken, and returns whether there is nothing to collect, so that waiting makes sense. */
  listen(): boolean {
    Atomics.store(this.words, LISTENING, 1);
    return this.completed === this.#collected;
  }
}

/** The end that sends. It waits, with its thread, for the next message. */
export class RingSender extends RingEnd {
  #completed = 0;

  /** Tells the other end that this one has started. */
  start(): void {
    Atomics.store(this.words, RUNNING, 1);
  }

  /** Waits for the next message and returns its slot, or -1 when it shall end. */
  next(): number {
    while (Atomics.load(this.words, SUBMITTED) === this.#completed)
      Atomics.wait(this.words, SUBMITTED, this.#completed);
    const left = (Atomics.load(this.words, SUBMITTED) - this.#completed) | 0;
    if (left === 1 && Atomics.load(this.words, STOPPING) === 1) return -1;
    return this.#completed & (SLOTS - 1);
  }

  /** Begins a send, unless it was taken back. */
  begin(slot: number): boolean {
    return this.settle(slot, BEGUN);
  }

  fd(slot: number): number {
    return this.word(slot, FD);
  }

  message(slot: number): Uint8Array {
    return this.bytes.subarray(slot * MAX_MESSAGE, slot * MAX_MESSAGE + this.word(slot, LENGTH));
  }

  /** Hands a result over, and returns whether the other end has to be woken. */
  complete(slot: number, result: number): boolean {
    this.setWord(slot, RESULT, result);
    this.#completed = (this.#completed + 1) | 0;
    Atomics.store(this.words, COMPLETED, this.#completed);
    const left = (Atomics.load(this.words, SUBMITTED) - this.#completed) | 0;
    return left <= BATCH && Atomics.exchange(this.words, LISTENING, 0) === 1;
  }
}
