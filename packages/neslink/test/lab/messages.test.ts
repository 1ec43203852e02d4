import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, NOERROR, respond, TYPE_A } from '../../src/lab/dns-message.js';
import { readPacket, toPcap } from '../../src/lab/packet.js';

const record = { name: 'h1.lab', type: TYPE_A, data: '192.0.2.1' };
const lookUp = () => ({ rcode: NOERROR, records: [record] });
const query = (...name: string[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...name.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);

describe('the DNS server', () => {
  it('repeats id and question, and answers with authority', () => {
    const response = respond(query('H1', 'lab'), lookUp, 512);
    expect(response?.subarray(0, 12).toString('hex')).toBe('123485800001000100000000');
    expect(response?.subarray(12, 24).toString('latin1')).toContain('H1');
    expect(response?.subarray(-4).join('.')).toBe('192.0.2.1');
  });

  it('cuts what does not fit a datagram, and says so', () => {
    const many = () => ({ rcode: NOERROR, records: Array.from({ length: 40 }, () => record) });
    const response = respond(query('h1', 'lab'), many, 512);
    expect(response?.length).toBeLessThanOrEqual(512);
    expect((response?.readUInt16BE(2) ?? 0) & 0x0200).toBe(0x0200);
    expect(respond(query('h1', 'lab'), many, 65_535)?.readUInt16BE(6)).toBe(40);
  });

  it('answers or ignores any bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(20), (bytes, cut) => {
        const damaged = Buffer.from(query('h1', 'lab'));
        damaged.set(bytes.subarray(0, damaged.length - Math.min(cut, damaged.length)).subarray(0, damaged.length), 0);
        for (const input of [Buffer.from(bytes), damaged, query('h1', 'lab').subarray(0, cut)]) {
          const response = respond(input, lookUp, 512);
          if (response !== undefined) expect(response.readUInt16BE(0)).toBe(input.readUInt16BE(0));
        }
      }),
    );
    // Its own responses are not answered: two servers would go on for ever.
    const response = respond(query('h1', 'lab'), lookUp, 512) ?? Buffer.alloc(0);
    expect(respond(response, lookUp, 512)).toBeUndefined();
  });
});

describe('a captured frame', () => {
  const ethernet = (ethertype: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.alloc(12), Buffer.from([ethertype >> 8, ethertype & 0xff]), payload]);

  it('is read whatever it holds, and IPv6 addresses are written as others write them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(0x0800, 0x86dd, 0x0806, 0x88cc),
        (bytes, ethertype) => {
          const packet = readPacket('eth0', 0, ethernet(ethertype, Buffer.from(bytes)));
          expect(packet.protocol).not.toBe('');
          if (ethertype !== 0x86dd || packet.source === undefined) return;
          expect(isIPv6(packet.source)).toBe(true);
          expect(addressBytes(packet.source)).toEqual(Buffer.from(bytes.subarray(8, 24)));
          expect(new URL(`http://[${packet.source}]/`).hostname).toBe(`[${packet.source}]`);
        },
      ),
    );
    expect(readPacket('eth0', 0, Buffer.alloc(3)).protocol).toBe('short');
  });

  it('becomes a record of a file with its time and length', () => {
    const data = ethernet(0x0806, Buffer.alloc(28));
    const file = toPcap([readPacket('eth0', 1_700_000_000_123, data)]);
    expect(file.readUInt32LE(24)).toBe(1_700_000_000);
    expect(file.readUInt32LE(28)).toBe(123_000);
    expect(file.readUInt32LE(32)).toBe(42);
    expect(file.subarray(40)).toEqual(data);
  });
});
