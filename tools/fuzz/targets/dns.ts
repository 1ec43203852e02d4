import { normaliseName } from '../../../packages/netns-core/src/etc/host-name.ts';
import { readName, wireLength, writeName } from '../../../packages/vrf-dial/src/resolve/domain-name.ts';
import { decodeResponse, encodeQuery, type Question } from '../../../packages/vrf-dial/src/resolve/message.ts';
import { mustAgree, shapeOf, type Target, Violation } from '../target.ts';

const QUESTIONS: readonly Question[] = [
  { name: 'host.example', type: 1 },
  { name: 'host.example', type: 28 },
  { name: 'a', type: 1 },
];

/** A response to a question, made of records as they are given. */
function response(
  question: Question,
  counts: readonly [number, number, number],
  records: readonly number[],
): Uint8Array {
  const query = encodeQuery(1, question, false);
  const bytes = new Uint8Array([...query, ...records]);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, 0x8180);
  for (const [index, count] of counts.entries()) view.setUint16(6 + 2 * index, count);
  return bytes;
}

const record = (name: readonly number[], type: number, data: readonly number[], ttl = 60): number[] => [
  ...name,
  0,
  type,
  0,
  1,
  0,
  0,
  0,
  ttl,
  data.length >> 8,
  data.length & 0xff,
  ...data,
];

/** A pointer to the name of the question. */
const ASKED = [0xc0, 12];
const label = (text: string): number[] => [text.length, ...Buffer.from(text)];

export const dns: Target = {
  name: 'dns',
  dictionary: ['\x00\x01\x00\x01', '\xc0\x0c', '\x00\x1c', '\x00\x05', '\x00\x29', '\x07example\x00', '\x3f'],
  seeds() {
    const [a, aaaa, short] = QUESTIONS as [Question, Question, Question];
    const soa = [...ASKED, ...ASKED, ...new Array<number>(20).fill(1)];
    return [
      response(a, [1, 0, 0], record(ASKED, 1, [192, 0, 2, 1])),
      response(aaaa, [1, 0, 0], record(ASKED, 28, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
      response(short, [1, 0, 0], record(ASKED, 1, [192, 0, 2, 2])),
      response(
        a,
        [2, 0, 1],
        [
          ...record(ASKED, 5, [...label('other'), 0xc0, 17]),
          ...record([...label('other'), 0xc0, 17], 1, [192, 0, 2, 3]),
          ...record([0], 41, []),
        ],
      ),
      response(a, [0, 1, 0], record(ASKED, 6, soa)),
      response(a, [0, 1, 1], [...record(ASKED, 2, ASKED), ...record(ASKED, 1, [192, 0, 2, 4])]),
    ];
  },
  run(input) {
    const shapes: string[] = [];
    for (const question of QUESTIONS) {
      const id = ((input[0] ?? 0) << 8) | (input[1] ?? 0);
      // Behind the message there is something else: a message is a part of a larger buffer.
      const padded = new Uint8Array(input.length + 64).fill(0xee);
      padded.set(input);
      const read = decodeResponse(padded.subarray(0, input.length), id, question);
      mustAgree('the same message alone', decodeResponse(input.slice(), id, question), read);
      if (read !== undefined && read.answers.length + read.authorities.length > input.length / 11)
        throw new Violation('more records than the message has room for');
      shapes.push(shapeOf(read), String(read?.rcode), String(read?.answers.length));
    }
    // Names: what is read of the bytes, and what is written and read again.
    const name = readName(input, 12);
    if (name !== undefined && (name.end > input.length || name.name.length > 4 * 255))
      throw new Violation('a name too long');
    const normalised = normaliseName(Buffer.from(input.subarray(0, 300)).toString('latin1'));
    if (normalised !== undefined) {
      const bytes = new Uint8Array(wireLength(normalised));
      mustAgree('length on the wire', writeName(normalised, bytes, 0), bytes.length);
      mustAgree('a name written and read', readName(bytes, 0)?.name, normalised);
    }
    return shapes.join('|');
  },
};
