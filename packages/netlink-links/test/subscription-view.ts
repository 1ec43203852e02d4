import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Subscription } from 'netlink-links';
import { retryUntil } from '#testkit';

type AnyUpdate = { readonly type: string } & Record<string, unknown>;

/** What a subscription tells, kept as a user would keep it. */
export interface View<T> extends Disposable {
  readonly objects: ReadonlyMap<string, T>;
  /** How many updates of each type there were. */
  readonly counts: Readonly<Record<string, number>>;
  /** Ends the subscription, and waits until its loop has ended; throws what the loop threw. */
  end(): Promise<void>;
}

/**
 * Keeps a view of the objects that a subscription tells of.
 *
 * @param noun the property of updates, and of `resync`
 * @param key what tells objects apart
 * @param merge makes the new object of the one before and of what was told
 */
export function viewOf<T>(
  updates: Subscription<unknown>,
  [noun, nouns]: readonly [string, string],
  key: (object: T) => string,
  merge: (before: T | undefined, told: T) => T = (_, told) => told,
): View<T> {
  const objects = new Map<string, T>();
  const counts: Record<string, number> = {};
  const follow = async (): Promise<void> => {
    for await (const update of updates as AsyncIterable<AnyUpdate>) {
      counts[update.type] = (counts[update.type] ?? 0) + 1;
      if (update.type === 'resync') {
        objects.clear();
        for (const object of update[nouns] as T[]) objects.set(key(object), object);
        continue;
      }
      // Of a link as a port of a bridge, which comes apart.
      if (update.type === 'port') continue;
      const object = update[noun] as T;
      if (update.type === 'deleted') objects.delete(key(object));
      else objects.set(key(object), merge(objects.get(key(object)), object));
    }
  };
  const ended = follow();
  ended.catch(() => undefined);
  const close = (): void => updates.close();
  return {
    objects,
    counts,
    end: () => {
      close();
      return ended;
    },
    [Symbol.dispose]: close,
  };
}

/** Objects as sorted texts, without what changes by itself: counters and timers. */
export function comparable(objects: Iterable<unknown>, varying: readonly string[] = []): string[] {
  const isLeftOut = (name: string): boolean => varying.includes(name);
  return [...objects]
    .map((object) =>
      JSON.stringify(object, (name, value) =>
        isLeftOut(name) ? undefined : typeof value === 'bigint' ? String(value) : sorted(value),
      ),
    )
    .sort();
}

/** An object with its properties in the order of their names. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Carries out commands of which not all can be in any state; returns how many were. */
export function attemptAll(command: (line: string) => unknown, lines: readonly string[]): number {
  let done = 0;
  for (const line of lines)
    try {
      command(line);
      done += 1;
    } catch {
      // It is refused in this state.
    }
  return done;
}

/** A view, and the list that it must equal. */
export interface Followed {
  readonly view: View<unknown>;
  readonly list: () => readonly unknown[];
  /** Properties that change by themselves. */
  readonly varying?: readonly string[];
  /** What the kernel makes without a word, and nothing tells of. */
  readonly isSilent?: (object: never) => boolean;
}

/** How much is tried. */
export interface ChurnOptions {
  /** Commands that lead back to the state at the beginning. */
  readonly cleanUp?: readonly string[];
  /** Sequences that are tried in any case. */
  readonly examples?: readonly (readonly string[])[];
  readonly numRuns?: number;
  readonly maxLength?: number;
}

/** Instead of a command: time for what was told of the commands before to be read, and for a list that follows. */
const PAUSE = 'pause';
const PAUSE_MS = 30;

/**
 * Keeps views from the beginning, carries out random commands, and then waits until the views equal their lists; again and
 * again.
 */
export async function churnWith(
  attempt: (lines: readonly string[]) => number,
  commands: readonly string[],
  follow: () => readonly Followed[],
  { cleanUp = [], examples = [], numRuns = 8, maxLength = 25 }: ChurnOptions = {},
): Promise<void> {
  const line = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...commands) },
    { weight: 1, arbitrary: fc.constant(PAUSE) },
  );
  const lines = fc.array(line, { minLength: 5, maxLength });
  let done = 0;
  await fc.assert(
    fc.asyncProperty(lines, async (sequence) => {
      const topics = follow();
      try {
        await agree(topics);
        for (const each of sequence)
          if (each === PAUSE) await delay(PAUSE_MS);
          else {
            done += attempt([each]);
            await nextTurn();
          }
        await agree(topics);
      } finally {
        await Promise.all(topics.map(({ view }) => view.end()));
        attempt(cleanUp);
      }
    }),
    { numRuns: numRuns + examples.length, examples: examples.map((sequence): [string[]] => [[...sequence]]) },
  );
  if (done <= numRuns) throw new Error(`only ${done} of the commands could be carried out`);
}

/** Waits until views equal their lists. */
async function agree(topics: readonly Followed[]): Promise<void> {
  for (const { view, list, varying, isSilent = () => false } of topics) {
    const shown = (objects: Iterable<unknown>): string =>
      comparable(
        [...objects].filter((object) => !isSilent(object as never)),
        varying,
      ).join('\n');
    const told = (): string => shown(view.objects.values());
    const listed = (): string => shown(list());
    await retryUntil(() => told() === listed()).catch((cause: unknown) => {
      throw new Error(`the view has\n${told()}\nand the list\n${listed()}`, { cause });
    });
  }
}

/** `ip monitor`, `tc monitor` or `bridge monitor`: what another program understands of the kernel's notifications. */
export class ToolMonitor implements Disposable {
  readonly #child: ChildProcess;
  #output = '';

  constructor(tool: string, args: readonly string[]) {
    this.#child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  get lines(): readonly string[] {
    return this.#output.split('\n').filter((line) => line.trim() !== '');
  }

  /** Does something again and again until the program has shown something: it listens then. */
  async begin(doSomething: () => void): Promise<void> {
    await retryUntil(() => {
      doSomething();
      return this.#output !== '';
    });
  }

  /** Waits until a line has a text, and returns the lines behind it. */
  async after(text: string): Promise<readonly string[]> {
    await retryUntil(() => this.lines.some((line) => line.includes(text)));
    return this.lines.slice(this.lines.findIndex((line) => line.includes(text)) + 1);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}
