import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Prints the modules of Node that an import loads. */
const PROGRAM = `
  const before = new Set(process.moduleLoadList);
  await import(process.argv[1]);
  const loaded = process.moduleLoadList.filter((entry) => !before.has(entry));
  console.log(JSON.stringify(loaded.map((entry) => entry.replace('NativeModule ', ''))));
`;

function loadedBy(specifier: string): string[] {
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM, specifier], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return JSON.parse(printed) as string[];
}

const UNDICI = 'internal/deps/undici/undici';
const SECURE = ['https', 'tls', 'crypto', 'internal/crypto/webcrypto'];

it.each([
  ['netns-core', [...SECURE, 'cluster', UNDICI]],
  ['netlink-links', [...SECURE, 'cluster', UNDICI]],
  ['neslink', [...SECURE, 'cluster', UNDICI]],
  ['neslink/lab', [...SECURE, 'cluster', UNDICI]],
  // Agents of node:https are classes of it.
  ['vrf-dial/node', ['internal/crypto/webcrypto', UNDICI]],
])('import of %s leaves modules of Node to those who need them', (specifier, absent) => {
  const loaded = loadedBy(specifier);

  expect(loaded).toContain('net');
  expect(loaded.filter((name) => absent.includes(name))).toEqual([]);
});
