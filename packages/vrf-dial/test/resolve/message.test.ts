import fc from 'fast-check';
import { normaliseName, parseNameServer } from 'netns-core/etc';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from 'netns-core/sys';
import { describe, expect, it } from 'vitest';
import { readName, wireLength, writeName } from '../../src/resolve/domain-name.js';
import { decodeResponse, encodeQuery } from '../../src/resolve/message.js';
import { TYPE_A, TYPE_AAAA } from '../../src/resolve/record-types.js';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replace(/\s/g, ''), 'hex');
const text = (label: string): string =>
  `${label.length.toString(16).padStart(2, '0')}${Buffer.from(label).toString('hex')}`;

describe('a query', () => {
  it('is what RFC 1035 and RFC 6891 draw', () => {
    expect(Buffer.from(encodeQuery(0xabcd, { name: 'www.example', type: TYPE_AAAA }, true)).toString('hex')).toBe(
      Buffer.from(
        bytes(
          `abcd 0100 0001 0000 0000 0001 ${text('www')} ${text('example')} 00 001c 0001 00 0029 04d0 00000000 0000`,
        ),
      ).toString('hex'),
    );
    expect(encodeQuery(1, { name: 'www.example', type: TYPE_A }, false)).toHaveLength(12 + 13 + 4);
  });
});

describe('a response', () => {
  const question = { name: 'www.example', type: TYPE_A };
  const asked = `${text('www')} ${text('example')} 00 0001 0001`;

  it('gives its records, compressed names and unknown types among them', () => {
    const response = decodeResponse(
      bytes(
        `0007 8180 0001 0004 0001 0000 ${asked}
         c00c 0005 0001 00000e10 0006 ${text('web')} c010
         c00c 0010 0001 00000e10 0002 0161
         c00c 0063 0001 00000e10 0002 ffff
         03 574542 c010 0001 0001 80000000 0004 c0000201
         c010 0006 0001 00000e10 001a ${text('ns')} c010 00 00000001 00000002 00000003 00000004 0000003c`,
      ),
      7,
      question,
    );
    expect(response?.answers).toEqual([
      { name: 'www.example', ttl: 3600, type: 5, target: 'web.example', written: 'web.example' },
      { name: 'www.example', ttl: 3600, type: 16, chunks: ['a'] },
      // Names do not differ by case, and a TTL with its highest bit set is 0.
      { name: 'web.example', ttl: 0, type: 1, address: '192.0.2.1' },
    ]);
    expect(response?.authorities).toMatchObject([
      { name: 'example', ttl: 3600, type: 6, nsname: 'ns.example', minttl: 60 },
    ]);
  });

  it('counts for its own query only', () => {
    const message = bytes(`0007 8180 0001 0000 0000 0000 ${asked}`);
    expect(decodeResponse(message, 7, question)).toBeDefined();
    expect(decodeResponse(message, 8, question)).toBeUndefined();
    expect(decodeResponse(message, 7, { ...question, type: TYPE_AAAA })).toBeUndefined();
    expect(decodeResponse(message, 7, { ...question, name: 'ww.example' })).toBeUndefined();
    expect(decodeResponse(bytes(`0007 0100 0001 0000 0000 0000 ${asked}`), 7, question)).toBeUndefined();
    expect(decodeResponse(bytes(`0007 a180 0001 0000 0000 0000 ${asked}`), 7, question)).toBeUndefined();
    expect(decodeResponse(bytes('0007 8180 0000 0000 0000 0000'), 7, question)).toBeUndefined();
    expect(decodeResponse(bytes('0007 8182 0000 0000 0000 0000'), 7, question)?.rcode).toBe(2);
  });

  it('has the extended response code of its OPT record', () => {
    const message = bytes(`0007 8180 0001 0000 0000 0001 ${asked} 00 0029 04d0 01000000 0000`);
    expect(decodeResponse(message, 7, question)?.rcode).toBe(16);
  });

  it('is refused whole where a record is malformed', () => {
    for (const record of [
      'c00c 0001 0001 00000e10 0003 c00002',
      'c00c 0001 0001 00000e10 0004 c00002',
      'c00c 001c 0001 00000e10 0004 c0000201',
      'c00c 0005 0001 00000e10 0003 c00c 00',
      'c0ff 0001 0001 00000e10 0004 c0000201',
      'c021 0001 0001 00000e10 0004 c0000201',
      'c00c 0006 0001 00000e10 0002 0000',
      '80 0001 0001 00000e10 0004 c0000201',
    ])
      expect(decodeResponse(bytes(`0007 8180 0001 0001 0000 0000 ${asked} ${record}`), 7, question)).toBeUndefined();
  });

  it('of any bytes whatever ends soon and throws nothing', () => {
    const head = bytes(`0007 8180 0001 00ff 00ff 00ff ${asked}`);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (rest) => {
        decodeResponse(rest, 7, question);
        decodeResponse(Buffer.concat([head, rest]), 7, question);
      }),
      { numRuns: 2000 },
    );
  });

  it('made of pointers to pointers takes no time', () => {
    // 64 KiB in which each pointer leads to the one before.
    const message = new Uint8Array(65_535);
    message.set(bytes(`0007 8180 0001 ffff 0000 0000 ${asked}`));
    for (let at = 30; at + 1 < 16_384; at += 2) {
      message[at] = 0xc0 | ((at - 2) >> 8);
      message[at + 1] = (at - 2) & 0xff;
    }
    message[28] = 0;
    const started = performance.now();
    expect(decodeResponse(message, 7, question)).toBeUndefined();
    expect(readName(message, 16_000)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('names', () => {
  it('survive being written and read', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 10 }), (labels) => {
        const name = normaliseName(`${labels.join('.')}.example`);
        if (name === undefined) return;
        const buffer = new Uint8Array(wireLength(name));
        expect(writeName(name, buffer, 0)).toBe(buffer.length);
        expect(readName(buffer, 0)).toEqual({ name, end: buffer.length });
      }),
    );
  });

  it('are brought into one form', () => {
    expect(normaliseName('WWW.Example.')).toBe('www.example');
    expect(normaliseName('bücher.example')).toBe('xn--bcher-kva.example');
    expect(normaliseName('_ldap._tcp.example')).toBe('_ldap._tcp.example');
    for (const name of ['rack.12', '1.2.3.4.5', '2.0.192.in-addr.arpa']) expect(normaliseName(name)).toBe(name);
    expect(normaliseName('x'.repeat(63))).toBe('x'.repeat(63));
    for (const bad of ['', '.', '..', 'a..b', 'x'.repeat(64), 'a b', 'a\0b', 'a:1', 'a%eth0'])
      expect(normaliseName(bad)).toBeUndefined();
  });

  it('with strange bytes in a label are not another name', () => {
    expect(readName(bytes(`07 ${Buffer.from('a.found').toString('hex')} 00`), 0)?.name).toBe('a\\046found');
  });
});

describe('addresses', () => {
  it('have the form that other resolvers give them', () => {
    for (const address of [
      '::',
      '::1',
      '2001:db8::7',
      '2001:db8:0:1:1:1:1:1',
      '2001:0:0:1::1',
      '1:2:3:4:5:6:7:8',
      '1::',
      'fe80::1:0:0:1',
      '::ffff:192.0.2.1',
    ])
      expect(formatIPv6(parseIPv6(address))).toBe(address);
    expect(formatIPv6(parseIPv6('2001:DB8:0:0:0:0:0:7%eth0'))).toBe('2001:db8::7');
    expect(formatIPv6(parseIPv6('::192.0.2.1'))).toBe('::c000:201');
    expect(formatIPv4(parseIPv4('192.0.2.1'))).toBe('192.0.2.1');
  });

  it('of name servers are read with port and zone', () => {
    expect(parseNameServer('192.0.2.53')).toMatchObject({ family: 'ipv4', address: '192.0.2.53', port: 53 });
    expect(parseNameServer('192.0.2.53:5353')).toMatchObject({ address: '192.0.2.53', port: 5353 });
    expect(parseNameServer('2001:db8::53')).toMatchObject({ family: 'ipv6', address: '2001:db8::53', port: 53 });
    expect(parseNameServer('[2001:db8::53]:5353')).toMatchObject({ address: '2001:db8::53', port: 5353 });
    expect(parseNameServer('fe80::1%eth0')).toMatchObject({ address: 'fe80::1', zone: 'eth0', port: 53 });
    expect(parseNameServer('[fe80::1%eth0]:54')).toMatchObject({ address: 'fe80::1', zone: 'eth0', port: 54 });
    for (const bad of [
      '',
      'ns.example',
      '192.0.2.53:0',
      '192.0.2.53:65536',
      '[192.0.2.53]:53',
      '192.0.2',
      'fe80::1%',
      '[::1',
      '::1]:53',
    ])
      expect(parseNameServer(bad)).toBeUndefined();
  });
});
