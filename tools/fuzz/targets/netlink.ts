import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NetnsError } from 'netns-core';
import { genericDecoder } from '../../../packages/netlink-links/src/generic/message.ts';
import { MessageBytes } from '../../../packages/netlink-links/src/message/message-bytes.ts';
import * as operations from '../../../packages/netlink-links/src/netlink/operations.ts';
import { Operation } from '../../../packages/netlink-links/src/operation/operation.ts';
import { dump, type Request } from '../../../packages/netlink-links/src/operation/request.ts';
import { distribute, PendingAnswer } from '../../../packages/netlink-links/src/socket/answers.ts';
import { socketDumps } from '../../../packages/netlink-links/src/sockets/list.ts';
import type { Random } from '../random.ts';
import { asText, mustAgree, shapeOf, type Target, Violation } from '../target.ts';

// An input is a letter that names the reader, and one datagram of the kernel's.

/** The sockets of TCP with all that can be told of them. */
function socketsOf(family: 'ipv4' | 'ipv6'): Operation<unknown> {
  const details = ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'] as const;
  const [dump] = socketDumps({ family, protocol: 'tcp', details });
  if (dump === undefined) throw new Error('a dump was expected');
  return dump;
}

/** Messages of a family of generic netlink as they are, taken apart by number. */
function controllerMessages(): Operation<unknown> {
  const message = operations.genericFamilyList().single?.message;
  if (message === undefined) throw new Error('a request was expected');
  const read = genericDecoder(0);
  return new Operation(
    { name: 'genericRequest', description: 'list families', target: 'nlctrl' },
    dump(
      message,
      (bytes, start, end, type) => {
        const attributes = read(bytes, start, end, type)?.attributes;
        return attributes === undefined ? undefined : [...attributes];
      },
      'generic',
    ),
  );
}

/** What is asked of the kernel, and with that who reads its answer. */
export const READERS: Readonly<Record<string, () => Operation<unknown>>> = {
  l: () => operations.linkList(),
  a: () => operations.addrList(),
  r: () => operations.routeList({ family: 'ipv4', table: 'all' }),
  R: () => operations.routeList({ family: 'ipv6', table: 'all' }),
  n: () => operations.neighList(),
  u: () => operations.ruleList(),
  q: () => operations.qdiscList(),
  i: () => operations.linkByIndex(1),
  g: () => operations.routeGet('192.0.2.1'),
  d: () => operations.linkSetMTU(1, 1500),
  f: () => operations.genericFamilyList(),
  m: () => controllerMessages(),
  s: () => socketsOf('ipv4'),
  S: () => socketsOf('ipv6'),
};

/** What writes an object that was read, as far as its fields can be written. */
const WRITERS: Readonly<Record<string, (object: never) => Operation<unknown>>> = {
  a: (object) => operations.addrReplace((object as { ifindex: number }).ifindex, object),
  r: (object) => operations.routeReplace(object),
  R: (object) => operations.routeReplace(object),
  n: (object) => operations.neighSet(object),
  u: (object) => operations.ruleAdd(object),
};

const PORT = 77;
const SEQUENCE = 1;
const FAILURES = /^ERR_NETLINK_(MALFORMED|OVERRUN|NO_ANSWER)$/;

const requests = new Map<string, Request<unknown>>();
for (const [letter, make] of Object.entries(READERS)) {
  const request = make().single;
  if (request !== undefined) requests.set(letter, request);
}

/** What is understood of a datagram, with memory behind it that holds `filler`. */
function understood(request: Request<unknown>, datagram: Uint8Array, filler: number): PendingAnswer {
  const answer = new PendingAnswer(request);
  const bytes = new MessageBytes(datagram.length + 64);
  bytes.u8.fill(filler);
  bytes.u8.set(datagram);
  distribute(bytes, datagram.length, PORT, SEQUENCE, [answer]);
  return answer;
}

/** A datagram whose messages answer our request: they are all numbered alike. */
function addressed(datagram: Uint8Array): Uint8Array {
  const copy = datagram.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at + 16 <= copy.length; ) {
    const size = view.getUint32(at, true);
    if (size < 16) break;
    view.setUint32(at + 8, SEQUENCE, true);
    view.setUint32(at + 12, PORT, true);
    at += Math.max(0, (size + 3) & ~3) || copy.length;
  }
  return copy;
}

/** Offsets of the headers of messages and attributes, as far as they are well-formed. */
function headersIn(datagram: Uint8Array): number[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const found: number[] = [];
  const attributes = (from: number, to: number, depth: number): void => {
    for (let at = from; at + 4 <= to && found.length < 2000; ) {
      const size = view.getUint16(at, true);
      if (size < 4 || at + size > to) return;
      found.push(at);
      if (depth < 3) attributes(at + 4, at + size, depth + 1);
      at += (size + 3) & ~3;
    }
  };
  for (let at = 0; at + 16 <= datagram.length; ) {
    const size = view.getUint32(at, true);
    if (size < 16) break;
    found.push(at);
    for (const header of [4, 8, 12, 16, 20]) attributes(at + 16 + header, Math.min(at + size, datagram.length), 0);
    at += Math.max(0, (size + 3) & ~3) || datagram.length;
  }
  return found;
}

/** Reads the message that an operation would send as if the kernel had sent it. */
function readBack(letter: string, operation: Operation<unknown>, request: Request<unknown>): unknown {
  const message = operation.single?.message;
  if (message === undefined) return undefined;
  const { collected } = understood(request, addressed(message), 0);
  if (collected.length === 0) throw new Violation(`what ${operation.name} writes is not read ('${letter}')`);
  return collected[0];
}

/** Reading what was written, and writing and reading that, must not change it any more. */
function checkWriter(letter: string, object: unknown, request: Request<unknown>): string {
  const write = WRITERS[letter];
  if (write === undefined) return '';
  let second: unknown;
  let operation: Operation<unknown>;
  try {
    operation = write(object as never);
    second = readBack(letter, operation, request);
    if (second === undefined) return 'w?';
    operation = write(second as never);
  } catch (error) {
    // What the kernel may say and a user may not write is refused in words.
    if (error instanceof NetnsError) return `w${error.code}`;
    throw error;
  }
  mustAgree(`${operation.name}: read, written and read again`, readBack(letter, operation, request), second);
  return 'w';
}

export const netlink: Target = {
  name: 'netlink',
  dictionary: [],
  seeds: () => {
    const folder = process.env.FUZZ_CAPTURES ?? '';
    return readdirSync(folder).map((file) => new Uint8Array(readFileSync(path.join(folder, file))));
  },
  mutate(input: Uint8Array, random: Random) {
    const copy = input.slice();
    const datagram = copy.subarray(1);
    const headers = headersIn(datagram);
    if (headers.length === 0) return undefined;
    const view = new DataView(copy.buffer, 1);
    for (let change = 1 + random.below(3); change > 0; change -= 1) {
      const at = random.pick(headers);
      if (at + 4 > datagram.length) continue;
      const size = view.getUint16(at, true);
      switch (random.below(5)) {
        case 0:
          view.setUint16(at, random.pick([0, 3, 4, 5, size - 1, size + 1, size - 4, size + 4, 0xffff]) & 0xffff, true);
          break;
        case 1:
          view.setUint16(at + 2, random.once(2) ? random.below(70) : view.getUint16(at + 2, true) ^ 0x8000, true);
          break;
        case 2: {
          // Another attribute in its place.
          const from = random.pick(headers);
          datagram.copyWithin(at, from, Math.min(from + random.below(64), datagram.length));
          break;
        }
        default: {
          const value = at + 4 + random.below(Math.max(size - 4, 1));
          if (value < datagram.length)
            datagram[value] = random.once(2) ? random.pick([0, 1, 2, 0x7f, 0xff]) : random.below(256);
        }
      }
    }
    return random.once(8) ? copy.subarray(0, 1 + random.below(datagram.length)) : copy;
  },
  run(input) {
    const letters = [...requests.keys()];
    const first = String.fromCharCode(input[0] ?? 0);
    const letter = requests.has(first) ? first : (letters[(input[0] ?? 0) % letters.length] ?? 'l');
    const request = requests.get(letter);
    if (request === undefined) return '';
    const datagram = addressed(input.subarray(1));
    const { outcome, collected } = understood(request, datagram, 0xee);
    // Memory behind a message is not read: with other bytes there the result is the same.
    const other = understood(request, datagram, 0x11);
    mustAgree('the same datagram before other memory', [outcome, collected], [other.outcome, other.collected]);
    if (outcome?.status === 'failed' && !FAILURES.test(outcome.code)) throw new Violation(asText(outcome));
    const written = collected.length === 0 ? '' : checkWriter(letter, collected[0], request);
    return `${letter}${outcome?.status ?? ''}${shapeOf(collected[0], 2)}${written}`;
  },
};
