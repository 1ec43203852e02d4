import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidOptionError } from 'netns-core';
import { mustBe } from '../../message/checks.js';

/**
 * How delays are spread around their mean: the name of one of iproute2's tables (`'normal'`, `'pareto'`,
 * `'paretonormal'`, or another `.dist` file that is where `tc` looks for it), `'uniform'` for evenly, or the table
 * itself. A table has up to 16384 numbers of 16 bits, of which one is drawn for each packet: 8192 stands for one
 * jitter above the latency.
 */
export type NetemDistribution =
  | 'uniform'
  | 'normal'
  | 'pareto'
  | 'paretonormal'
  | (string & {})
  | readonly number[]
  | Int16Array;

/** `NETEM_DIST_MAX` */
const MAX_NUMBERS = 16384;
/** A name that leads to no other folder. */
const NAME = /^[\w-]+$/;

/** Folders of Debian that have the machine's architecture in their names. */
const MULTIARCH: Readonly<Record<string, string>> = {
  arm: 'arm-linux-gnueabihf',
  arm64: 'aarch64-linux-gnu',
  ia32: 'i386-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  x64: 'x86_64-linux-gnu',
};

/** Where `tc` has its tables: it was built with one of these, and the environment may name another. */
function folders(): readonly string[] {
  const { TC_LIB_DIR } = process.env;
  if (TC_LIB_DIR !== undefined && TC_LIB_DIR !== '') return [TC_LIB_DIR];
  const multiarch = MULTIARCH[process.arch];
  return [
    '/usr/lib/tc',
    ...(multiarch === undefined ? [] : [`/usr/lib/${multiarch}/tc`]),
    '/usr/lib64/tc',
    '/usr/share/tc',
  ];
}

function contents(name: string, property: string): string {
  for (const folder of folders())
    try {
      return readFileSync(path.join(folder, `${name}.dist`), 'latin1');
    } catch {
      // Another folder may have it, and what is said below names them all.
    }
  throw new InvalidOptionError(
    property,
    `${property} '${name}' is a table of iproute2, and there is no readable ${name}.dist in ${folders().join(', ')}: install iproute2, set TC_LIB_DIR, or give the table as an array`,
  );
}

function tableOf(numbers: readonly number[] | Int16Array, property: string): Int16Array {
  const fits = (number: unknown): boolean =>
    Number.isInteger(number) && Number(number) >= -0x8000 && Number(number) <= 0x7fff;
  if (numbers.length === 0 || numbers.length > MAX_NUMBERS || !numbers.every(fits))
    throw new InvalidOptionError(
      property,
      `${property} must have 1 to ${MAX_NUMBERS} whole numbers from -32768 to 32767, as its table`,
    );
  return Int16Array.from(numbers);
}

/**
 * The table of a distribution; nothing for the one that needs none. Those with a name are read from iproute2's files.
 *
 * @throws InvalidOptionError
 */
export function distributionTable(
  distribution: NetemDistribution | undefined,
  property: string,
): Int16Array | undefined {
  if (distribution === undefined || distribution === 'uniform') return undefined;
  if (Array.isArray(distribution) || distribution instanceof Int16Array)
    return tableOf(distribution as readonly number[] | Int16Array, property);
  if (typeof distribution !== 'string' || !NAME.test(distribution))
    throw mustBe(property, "the name of a table of iproute2, such as 'normal', or an array of numbers", distribution);
  const words = contents(distribution, property)
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  return tableOf(words.map(Number), property);
}

/** The bytes of a table, in the byte order of the machine. */
export function tableBytes({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
