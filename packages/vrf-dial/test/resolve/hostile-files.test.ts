import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { normaliseName, parseHostsFile, parseResolvConf } from 'netns-core/etc';
import { describe, expect, it } from 'vitest';
import { LookupFiles } from '../../../netns-core/src/worker/lookup-files.ts';
import { parseNsswitch } from '../../src/resolve/nsswitch.ts';
import { searchList } from '../../src/resolve/search-list.ts';

/** The shortest of some runs, in milliseconds, each with an input of its own. */
function fastest<T>(input: () => T, run: (input: T) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 3; index += 1) {
    const given = input();
    const started = performance.now();
    run(given);
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

let made = 0;

/** A text that V8 has not seen: it remembers how it has split a string. */
function fresh(make: (size: number) => string, size: number): string {
  made += 1;
  return Buffer.from(make(size - 32 * (made % 32))).toString();
}

const NAME = 'hostile-files';
const fromFile = (file: string, read: () => unknown): ((text: string) => unknown) => {
  return (text) => {
    mkdirSync(`/etc/netns/${NAME}`, { recursive: true });
    writeFileSync(`/etc/netns/${NAME}/${file}`, text);
    try {
      return read();
    } finally {
      rmSync(`/etc/netns/${NAME}/${file}`);
    }
  };
};

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  'nsswitch.conf': (text) => parseNsswitch(`hosts: ${text}`),
  'nsswitch.conf, any line': parseNsswitch,
  'resolv.conf': parseResolvConf,
  'resolv.conf, a search list': (text) => parseResolvConf(`search ${text}`),
  'resolv.conf, options': (text) => parseResolvConf(`options ${text}`),
  'resolv.conf, a server': (text) => parseResolvConf(`nameserver ${text}`),
  hosts: parseHostsFile,
  'hosts, names of one address': (text) => parseHostsFile(`192.0.2.1 ${text}`),
  'the name of a host': normaliseName,
  'a search for a name': (text) => searchList(text, ['example'], 1),
  'resolv.conf in a worker': fromFile('resolv.conf', () => new LookupFiles(NAME).resolvConf()),
  'hosts in a worker': fromFile('hosts', () => new LookupFiles(NAME).hosts('name', 0)),
};

const TEXTS: Readonly<Record<string, (size: number) => string>> = {
  'opening brackets': (size) => '['.repeat(size),
  'closing brackets': (size) => ']'.repeat(size),
  'brackets in pairs': (size) => '[]'.repeat(size / 2),
  'opening brackets that are closed at last': (size) => `${'['.repeat(size - 1)}]`,
  actions: (size) => `files [${'NOTFOUND=return '.repeat(size / 16)}] dns`,
  words: (size) => 'a '.repeat(size / 2),
  'one word': (size) => 'a'.repeat(size),
  spaces: (size) => ' '.repeat(size),
  tabs: (size) => `${'\t'.repeat(size)}x`,
  'empty lines': (size) => '\n'.repeat(size),
  'carriage returns': (size) => '\r'.repeat(size),
  comments: (size) => '#'.repeat(size),
  dots: (size) => '.'.repeat(size),
  digits: (size) => '1'.repeat(size),
  colons: (size) => ':'.repeat(size),
  'equals signs': (size) => '='.repeat(size),
  'letters of other alphabets': (size) => 'ü'.repeat(size),
  'a name on many lines': (size) =>
    Array.from({ length: size / 20 }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255} name`).join('\n'),
  'many servers': (size) => 'nameserver 192.0.2.1\n'.repeat(size / 21),
};

describe.each(Object.entries(PARSERS))('%s', (_file, parse) => {
  it.each(Object.entries(TEXTS))('takes time by the size and not by its square: %s', (_what, make) => {
    // As much text in one piece and in 64: 64 times as long where the time grows with the square.
    const ratio = (): number => {
      const whole = fastest(() => fresh(make, 160_000), parse);
      // What is over before the clock has moved far is not worth comparing.
      if (whole < 4) return 0;
      return (
        whole /
        fastest(
          () => Array.from({ length: 64 }, () => fresh(make, 2500)),
          (pieces) => pieces.map(parse),
        )
      );
    };
    let best = Number.POSITIVE_INFINITY;
    // Another process may have had the processor, or memory been collected; the square never is as fast.
    for (let attempt = 0; attempt < 4 && best >= 32; attempt += 1) best = Math.min(best, ratio());
    expect(best).toBeLessThan(32);
  });
});
