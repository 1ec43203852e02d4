import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));

/** From the bottom upwards; those of one row may import each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors', 'checks', 'sys', 'etc'],
  ['thread'],
  ['namespace'],
  ['hop'],
  ['socket'],
  ['named', 'broker'],
  ['namespace-thread'],
  ['worker', 'spawn'],
  ['index', 'internal'],
];
const layerOf = (file: string): number => {
  const [top = ''] = path.relative(SOURCES, file).split(path.sep);
  return LAYERS.findIndex((layer) => layer.includes(top.replace(/\.[jt]s$/, '')));
};

function imports(): { from: string; to: string }[] {
  const found: { from: string; to: string }[] = [];
  for (const entry of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts')) continue;
    const from = path.join(SOURCES, entry);
    for (const [, target = ''] of readFileSync(from, 'utf8').matchAll(/(?:from|import) '(\.[^']+)'/g))
      found.push({ from, to: path.resolve(path.dirname(from), target) });
  }
  return found;
}

describe('the sources of netns-core', () => {
  it('are in layers, each of which imports only from itself and from those below it', () => {
    const all = imports();
    expect(all.length).toBeGreaterThan(100);
    const upwards = all.filter(({ from, to }) => layerOf(to) > layerOf(from));
    expect(upwards.map(({ from, to }) => `${path.relative(SOURCES, from)} -> ${path.relative(SOURCES, to)}`)).toEqual(
      [],
    );
    expect(all.filter(({ from, to }) => layerOf(from) < 0 || layerOf(to) < 0)).toEqual([]);
  });
});
