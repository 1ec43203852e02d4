import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

/** From the bottom up. Folders in one line do not know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['options'],
  ['target'],
  ['address'],
  ['socket'],
  ['resolve'],
  ['dial'],
  ['replacement'],
  ['undici', 'http-agents', 'listen', 'udp', 'ping', 'vrfs'],
  ['register'],
];

const layerOf = (folder: string): number => LAYERS.findIndex((folders) => folders.includes(folder));

/** `[importing file, imported file]`, relative to the sources. */
function imports(): [string, string][] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(
        ([, specifier = '']): [string, string] => [file, normalize(join(dirname(file), specifier))],
      ),
    );
}

/** What users import. */
const PUBLIC = new Set(['index.ts', 'node.ts']);

const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

it('every folder has a layer', () => {
  const folders = readdirSync(SOURCES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.filter((folder) => layerOf(folder) < 0)).toEqual([]);
});

it('a folder imports only from layers below it', () => {
  const upwards = imports().filter(([from, to]) => {
    const [importing, imported] = [folderOf(from), folderOf(to)];
    if (importing === '' || imported === '' || importing === imported) return false;
    return layerOf(imported) >= layerOf(importing);
  });
  expect(upwards).toEqual([]);
});

it('what lies outside the folders, the public files apart, imports from none of them', () => {
  const upwards = imports().filter(([from, to]) => folderOf(from) === '' && !PUBLIC.has(from) && folderOf(to) !== '');
  expect(upwards).toEqual([]);
});
