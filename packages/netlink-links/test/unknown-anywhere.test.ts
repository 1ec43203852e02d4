import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { attr } from 'netlink-links/attributes';
import { describe, expect, it, vi } from 'vitest';
import { MessageBytes } from '../src/message/message-bytes.js';
import { KNOWN_MESSAGES, type KnownMessages } from './known-messages.js';

// The property of every reader: an attribute that it does not know is kept, wherever attributes can be.

/** A series of attributes that a reader has walked over. */
interface Walk {
  readonly start: number;
  readonly end: number;
}

const { HEADER_SIZE, walks, places } = vi.hoisted(() => ({
  /** Of an attribute. */
  HEADER_SIZE: 4,
  walks: [] as { start: number; end: number }[],
  /** Where in the source a reader begins with what an attribute holds. */
  places: new Set<string>(),
}));

vi.mock('../src/message/attribute-reader.js', async (original) => {
  const module = await original<typeof import('../src/message/attribute-reader.js')>();
  class NotingReader extends module.AttributeReader {
    constructor(...args: ConstructorParameters<typeof module.AttributeReader>) {
      super(...args);
      walks.push({ start: args[1], end: args[2] });
    }
    override nested(): NotingReader {
      const callers = (new Error().stack ?? '').split('\n').map((line) => /\/src\/(\S+\.ts:\d+):/.exec(line)?.[1]);
      const caller = callers.find((line) => line !== undefined && !line.startsWith('message/unknown-attribute'));
      if (caller !== undefined) places.add(caller);
      return new NotingReader(this.bytes, this.start, this.end);
    }
    override standing(): NotingReader {
      const reader = new NotingReader(this.bytes, this.start - HEADER_SIZE, this.end);
      walks.pop();
      reader.next();
      return reader;
    }
  }
  return { ...module, AttributeReader: NotingReader };
});

const aligned = (length: number): number => (length + 3) & ~3;

/** An attribute of kernels that are yet to come, whose value is one that holds another. */
const MARK = Buffer.from('an attribute that nothing knows');
const UNKNOWN = attr.nested(1, [attr.nested(0x3abc, [attr.bytes(0x3abd, MARK)], { flagged: false })]).data;

/** What is read of a payload, and what was walked over. */
function understand(known: KnownMessages, payload: Uint8Array): { read: unknown; walked: Walk[]; error?: string } {
  walks.length = 0;
  const bytes = MessageBytes.from(payload);
  const read = known.read(bytes, 0, payload.length);
  const error = bytes.takeError();
  return { read, walked: [...walks], ...(error !== undefined && { error }) };
}

/** The offsets of the headers of the attributes that hold a series, outermost first. */
function holders(payload: Uint8Array, root: Walk, walk: Walk, walked: readonly Walk[]): number[] {
  const view = new DataView(payload.buffer, payload.byteOffset);
  const found: number[] = [];
  const outer = [root, ...walked].filter(
    (each) => each.start <= walk.start && each.end >= walk.end && !(each.start === walk.start && each.end === walk.end),
  );
  for (const { start, end } of outer)
    for (let at = start; at + HEADER_SIZE <= end; ) {
      const size = view.getUint16(at, true);
      if (size < HEADER_SIZE) break;
      if (at + HEADER_SIZE <= walk.start && at + size >= walk.end && !found.includes(at)) found.push(at);
      at += aligned(size);
    }
  return found.sort((a, b) => a - b);
}

/** A payload with the unknown attribute at the end of a series. */
function withUnknown(payload: Uint8Array, walk: Walk, holding: readonly number[]): Uint8Array {
  const end = aligned(walk.end);
  const before = new Uint8Array(end);
  before.set(payload.subarray(0, end));
  const view = new DataView(before.buffer);
  for (const at of holding) {
    const size = view.getUint16(at, true);
    view.setUint16(at, (at + size < end ? end - at : size) + UNKNOWN.length, true);
  }
  return Uint8Array.from([...before, ...UNKNOWN, ...payload.subarray(end)]);
}

/** Whether the value of the unknown attribute is somewhere in what was read. */
function hasMark(value: unknown): boolean {
  if (value instanceof Uint8Array) return Buffer.from(value).includes(MARK);
  if (typeof value !== 'object' || value === null) return false;
  const inside: unknown[] = Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.values(value);
  return inside.some(hasMark);
}

describe.each(Object.entries(KNOWN_MESSAGES))('%s', (_, known) => {
  it.each(Object.entries(known.messages))('%s keep an unknown attribute wherever attributes are', (name, list) => {
    const payload = Uint8Array.from([...known.header, ...attr.nested(1, [...list]).data]);
    const { walked, error } = understand(known, payload);
    expect(error).toBeUndefined();
    const root = { start: known.header.length, end: payload.length };
    const view = new DataView(payload.buffer);
    const places = new Map<string, string>();
    for (const walk of [root, ...walked]) {
      const holding = holders(payload, root, walk, walked);
      const place = holding.map((at) => view.getUint16(at + 2, true) & 0x3fff).join('/') || 'outside';
      const { read, error: found } = understand(known, withUnknown(payload, walk, holding));
      places.set(place, hasMark(read) ? 'kept' : (found ?? 'lost'));
    }
    const { lost = {} } = known;
    const excepted = [...places.keys()].filter((place) => place in lost || `${name} ${place}` in lost);
    expect([...places].filter(([, what]) => what !== 'kept').map(([place]) => place)).toEqual(excepted);
  });
});

it('these are all places where the readers look into an attribute', () => {
  const source = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const all = files
    // What a subscription looks for in messages that are not its own.
    .filter((file) => !file.startsWith('message/') && !file.startsWith('subscription/'))
    .flatMap((file) =>
      readFileSync(path.join(source, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (/\.nested\(\)|\breadInside\(/.test(line) ? [`${file}:${index + 1}`] : [])),
    );
  expect(all.filter((place) => !places.has(place))).toEqual([]);
});
