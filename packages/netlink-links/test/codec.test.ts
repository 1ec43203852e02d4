import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddress } from '../src/address/read.js';
import { readLink } from '../src/link/read.js';
import { AttributeReader } from '../src/message/attribute-reader.js';
import { readAcknowledgement } from '../src/message/extended-ack.js';
import { formatIp, parseAddr, parseIpAddress, parseIpNetwork } from '../src/message/ip-address.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { MessageWriter } from '../src/message/message-writer.js';
import { acknowledged, dump, one } from '../src/operation/request.js';
import { distribute, PendingAnswer } from '../src/socket/answers.js';

describe('IP addresses', () => {
  it('are printed as inet_ntop prints them, for any bytes', () => {
    const zeroish = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
    const samples = fc.sample(
      fc.oneof(fc.array(zeroish, { minLength: 16, maxLength: 16 }), fc.array(zeroish, { minLength: 4, maxLength: 4 })),
      3000,
    );
    const program = `import sys, socket, json
print(json.dumps([socket.inet_ntop(socket.AF_INET if len(b) == 4 else socket.AF_INET6, bytes(b)) for b in json.load(sys.stdin)]))`;
    const { stdout } = spawnSync('/usr/bin/python3', ['-c', program], {
      input: JSON.stringify(samples),
      encoding: 'utf8',
    });
    expect(samples.map((bytes) => formatIp(Uint8Array.from(bytes)))).toEqual(JSON.parse(stdout));
    for (const bytes of samples) expect([...parseIpAddress(formatIp(Uint8Array.from(bytes)))]).toEqual(bytes);
  });

  it.each([
    '',
    '192.0.2',
    '192.0.2.1.',
    '192.0.2.256',
    '2001:db8::1%eth0',
    '1::2::3',
    '192.0.2.1/33',
    '192.0.2.1/',
    '192.0.2.1/-1',
    '192.0.2.1/1e1',
    '2001:db8::/129',
    '/24',
    '192.0.2.1/24/24',
    ' 192.0.2.1',
  ])('%j is refused', (text) => {
    expect(() => parseIpNetwork(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
  });

  it('are taken apart from their prefix', () => {
    expect(parseAddr('192.0.2.1/24')).toEqual({ family: 'ipv4', address: '192.0.2.1', prefixLength: 24 });
    expect(parseAddr('2001:DB8:0::1/64')).toEqual({ family: 'ipv6', address: '2001:db8::1', prefixLength: 64 });
    expect(parseAddr('192.0.2.1').prefixLength).toBe(32);
  });
});

describe('the writer', () => {
  it('never sends what does not fit: the first error is remembered and thrown at the end', () => {
    const message = () => new MessageWriter(16, 0);
    expect(() => message().u8(1, 256).u8(1, 1).finish()).toThrow(
      'attribute 1 must be an integer from 0 to 255, got 256',
    );
    expect(() => message().u16(2, -1).finish()).toThrow('attribute 2 must be an integer from 0 to 65535, got -1');
    expect(() => message().u32(3, 1.5).finish()).toThrow(
      'attribute 3 must be an integer from 0 to 4294967295, got 1.5',
    );
    expect(() => message().u32(3, Number.NaN).finish()).toThrow('NaN');
    expect(() => message().u64(4, -1n).finish()).toThrow('-1');
    expect(() => message().string(5, 'a\0b').finish()).toThrow('NUL');
    expect(() => message().bytes(6, new Uint8Array(65_532)).finish()).toThrow('65532');
    expect(() =>
      message()
        .nest(7, (nest) => void nest.bytes(1, new Uint8Array(40_000)).bytes(2, new Uint8Array(40_000)))
        .finish(),
    ).toThrow('attribute 7');
  });

  it('writes what the reader reads', () => {
    const message = new MessageWriter(16, 0)
      .u8(1, 200)
      .u16(2, 60_000)
      .u32(3, 4_000_000_000)
      .u64(4, 2n ** 63n)
      .u16be(5, 4789)
      .u32be(6, 0x01020304)
      .string(7, 'grün')
      .i32(8, -5)
      .flag(9)
      .nest(10, (nest) => void nest.u8(1, 1))
      .finish();
    const reader = new AttributeReader(MessageBytes.from(message), 16, message.length);
    const values: unknown[] = [];
    const read: readonly ((attributes: AttributeReader) => unknown)[] = [
      (r) => r.u8(),
      (r) => r.u16(),
      (r) => r.u32(),
      (r) => r.u64(),
      (r) => r.u16be(),
      (r) => r.u32be(),
      (r) => r.string(),
      (r) => r.i32(),
      (r) => r.length,
      (r) => r.nested().next(),
    ];
    while (reader.next()) values.push(read[reader.type - 1]?.(reader));
    expect(values).toEqual([200, 60_000, 4_000_000_000, 2n ** 63n, 4789, 0x01020304, 'grün', -5, 0, true]);
  });
});

describe('the reader', () => {
  it('ends, stays inside and notes what is wrong, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (data, end) => {
        const bytes = MessageBytes.from(data);
        let steps = 0;
        const walk = (attributes: AttributeReader, depth: number): void => {
          while (attributes.next()) {
            steps += 1;
            expect(attributes.start).toBeLessThanOrEqual(attributes.end);
            expect(attributes.end).toBeLessThanOrEqual(Math.min(end, bytes.capacity));
            attributes.u8();
            attributes.u16();
            attributes.u32();
            attributes.u64();
            attributes.u16be();
            attributes.u64At(100);
            attributes.ipAddress();
            attributes.hardwareAddress();
            expect(attributes.string().length).toBeLessThanOrEqual(attributes.length);
            if (depth < 4) walk(attributes.nested(), depth + 1);
          }
        };
        walk(new AttributeReader(bytes, 0, end), 0);
        expect(steps).toBeLessThan(2000);
      }),
    );
  });

  it('reads texts of any length, with and without a NUL at the end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.boolean(), (text, terminated) => {
        if (text.includes('\0')) return;
        const message = new MessageWriter(16, 0);
        (terminated ? message.string(1, text) : message.bareString(1, text)).u32(2, 0xffffffff);
        const finished = message.finish();
        const reader = new AttributeReader(MessageBytes.from(finished), 16, finished.length);
        reader.next();
        expect(reader.string()).toBe(text);
        expect(reader.string()).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends for good at an attribute that claims more than there is', () => {
    const message = new MessageWriter(16, 0).u8(1, 7).finish();
    message[16] = 200;
    const bytes = MessageBytes.from(message);
    const reader = new AttributeReader(bytes, 16, message.length);
    expect(reader.next()).toBe(false);
    expect(bytes.takeError()).toBe('an attribute claims 200 bytes where 8 are left');
    expect(reader.next()).toBe(false);
    expect(bytes.takeError()).toBeUndefined();
  });

  it('takes short values for zeros, and notes them', () => {
    const message = new MessageWriter(16, 0).u8(1, 7).finish();
    const bytes = MessageBytes.from(message);
    const reader = new AttributeReader(bytes, 16, message.length);
    reader.next();
    expect(reader.u32()).toBe(0);
    expect(bytes.takeError()).toBe('attribute 1 has 1 bytes where 4 are needed');
    expect(bytes.takeError()).toBeUndefined();
  });
});

/** Random bytes, and real messages with bytes changed, cut off or repeated. */
function damaged(real: Uint8Array): fc.Arbitrary<Uint8Array> {
  const mutated = fc
    .tuple(fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(real.length))
    .map(([changes, length]) => {
      const copy = real.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      return copy.subarray(0, length);
    });
  return fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated);
}

describe('answers', () => {
  const linkMessage = new MessageWriter(16, 0)
    .header(16, (view, at) => view.setInt32(at + 4, 7, true))
    .string(3, 'eth0')
    .u32(4, 1500)
    .bytes(23, new Uint8Array(200))
    .nest(
      18,
      (info) =>
        void info
          .bareString(1, 'bridge')
          .nest(2, (data) => void data.u32(1, 5).u64(30, 7n).bytes(46, new Uint8Array(8)).bytes(10, new Uint8Array(8))),
    )
    .nest(52, (list) => void list.string(53, 'other'))
    .nest(26, (spec) => void spec.nest(10, (inet6) => void inet6.u8(8, 1)))
    .finish();
  const addressMessage = new MessageWriter(20, 0)
    .header(8, (view, at) => view.setUint8(at, 2))
    .bytes(1, Uint8Array.of(192, 0, 2, 1))
    .bytes(2, Uint8Array.of(192, 0, 2, 1))
    .bytes(6, new Uint8Array(16))
    .finish();

  it('that are damaged never crash a decoder, loop or read outside the message', () => {
    for (const [real, read] of [
      [linkMessage, readLink],
      [addressMessage, readAddress],
    ] as const)
      fc.assert(
        fc.property(damaged(real), (data) => {
          // Behind the message lies what must not be read.
          const bytes = new MessageBytes(data.length + 64);
          bytes.u8.fill(0xee);
          bytes.u8.set(data);
          const value = read(bytes, 16, data.length) as { name?: string } | undefined;
          expect(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v)) ?? '').not.toContain(
            '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd',
          );
        }),
        { numRuns: 2000 },
      );
  });

  it('that are damaged never crash what tells them apart', () => {
    fc.assert(
      fc.property(damaged(Buffer.concat([linkMessage, addressMessage])), fc.boolean(), (data, done) => {
        const bytes = MessageBytes.from(data);
        const pending = [new PendingAnswer(dump(linkMessage, readLink)), new PendingAnswer(acknowledged(linkMessage))];
        distribute(bytes, data.length, 0, 0, pending);
        if (data.length >= 16) readAcknowledgement(bytes, 16, data.length, 0x300, done);
      }),
      { numRuns: 2000 },
    );
  });

  it('that acknowledge are read to their end and no further, whatever they say of their request', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 64 }),
        fc.constantFrom(0x200, 0x300),
        fc.boolean(),
        (payload, flags, done) => {
          const read = (filler: number): unknown => {
            const bytes = new MessageBytes(payload.length + 64);
            bytes.u8.fill(filler);
            bytes.u8.set(payload);
            return [readAcknowledgement(bytes, 0, payload.length, flags, done), bytes.takeError()];
          };
          expect(read(0x11)).toEqual(read(0xee));
        },
      ),
      { numRuns: 2000 },
    );
    const bytes = new MessageBytes(64);
    expect(readAcknowledgement(bytes, 0, 4, 0x200, false)).toEqual({ errno: 0 });
    expect(bytes.takeError()).toBe('an acknowledgement has 0 bytes where its request of 0 bytes is to be repeated');
  });

  const numbered = (
    message: Uint8Array,
    sequence: number,
    portId: number,
    type?: number,
    flags?: number,
  ): Uint8Array => {
    const copy = message.slice();
    const view = new DataView(copy.buffer);
    view.setUint32(8, sequence, true);
    view.setUint32(12, portId, true);
    if (type !== undefined) view.setUint16(4, type, true);
    if (flags !== undefined) view.setUint16(6, flags, true);
    return copy;
  };
  const feed = (pending: readonly PendingAnswer[], ...messages: readonly Uint8Array[]): number => {
    const data = Buffer.concat(messages);
    return distribute(MessageBytes.from(data), data.length, 99, 5, pending);
  };
  const DONE = new MessageWriter(3, 0).header(4, () => {}).finish();

  it('for another port or with a number of another request are dropped', () => {
    const pending = [new PendingAnswer(one(linkMessage, readLink))];
    expect(
      feed(pending, numbered(linkMessage, 4, 99), numbered(linkMessage, 6, 99), numbered(linkMessage, 5, 98)),
    ).toBe(0);
    expect(pending[0]?.outcome).toBeUndefined();
    expect(feed(pending, numbered(linkMessage, 5, 99))).toBe(1);
    expect(pending[0]?.outcome).toMatchObject({ status: 'answered', value: { name: 'eth0' } });
  });

  it('split over several datagrams are put together', () => {
    const pending = [new PendingAnswer(dump(linkMessage, readLink))];
    feed(pending, numbered(linkMessage, 5, 99));
    feed(pending, numbered(linkMessage, 5, 99), numbered(linkMessage, 5, 99));
    expect(feed(pending, numbered(DONE, 5, 99))).toBe(1);
    expect(pending[0]?.outcome).toMatchObject({ status: 'answered', value: [{}, {}, {}] });
  });

  it('of a dump that was interrupted are never a result', () => {
    const pending = [new PendingAnswer(dump(linkMessage, readLink))];
    feed(pending, numbered(linkMessage, 5, 99, 16, 0x12), numbered(DONE, 5, 99));
    expect(pending[0]?.outcome).toEqual({ status: 'interrupted' });
  });

  it('with a malformed object fail as malformed, and are read to their end', () => {
    const pending = [new PendingAnswer(dump(linkMessage, readLink))];
    const torn = numbered(linkMessage, 5, 99);
    torn[32] = 200;
    torn[33] = 200;
    expect(feed(pending, torn, numbered(linkMessage, 5, 99))).toBe(0);
    expect(pending[0]?.outcome).toMatchObject({ status: 'failed', code: 'ERR_NETLINK_MALFORMED' });
    expect(feed(pending, numbered(DONE, 5, 99))).toBe(1);
  });
});
