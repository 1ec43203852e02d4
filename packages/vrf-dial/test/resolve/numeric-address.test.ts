import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readNumericAddress } from '../../src/resolve/numeric-address.ts';

/** What `inet_aton(3)` makes of the texts. */
function asLibc(texts: readonly string[]): (string | undefined)[] {
  const program = [
    'import socket, sys',
    "for text in sys.stdin.read().split('\\n'):",
    '  try: print(socket.inet_ntoa(socket.inet_aton(text)))',
    "  except OSError: print('none')",
  ].join('\n');
  const output = execFileSync('/usr/bin/python3', ['-c', program], { input: texts.join('\n'), encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => (line === 'none' ? undefined : line));
}

it('the forms of inet_aton are read as the C library reads them', () => {
  const part = fc.oneof(
    fc.constantFrom('0', '1', '127', '255', '256', '08', '010', '0x7f', '0X1F', '0x', 'a', '65535', '65536'),
    fc.nat(0xffffffff).map(String),
    fc.nat(300).map((value) => `0${value.toString(8)}`),
    fc.nat(0x1ffffff).map((value) => `0x${value.toString(16)}`),
  );
  const texts = [
    ...['127.1', '0x7f.1', '2130706433', '4294967295', '4294967296', '1.2.3.4.5', '1..2', '1.', '.1', 'rack.12'],
    ...fc.sample(fc.array(part, { minLength: 1, maxLength: 5 }), { numRuns: 500, seed: 7 }).map((all) => all.join('.')),
  ];
  expect(texts.map((text) => [text, readNumericAddress(text)])).toEqual(
    asLibc(texts).map((address, index) => [texts[index], address]),
  );
});
