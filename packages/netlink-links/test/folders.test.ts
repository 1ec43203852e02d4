import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const src = path.join(import.meta.dirname, '../src');

/** Which folders the files of a folder import from. */
function importsByFolder(): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const folder = path.dirname(name);
    const to = arrows.get(folder) ?? new Set();
    arrows.set(folder, to);
    const text = readFileSync(path.join(src, name), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const imported = path.dirname(path.join(folder, specifier));
      if (imported !== folder) to.add(imported);
    }
  }
  return arrows;
}

describe('the folders of netlink-links', () => {
  const arrows = importsByFolder();

  it('form no circle: each can be read with what lies below it alone', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (folder: string, above: readonly string[]): void => {
      if (above.includes(folder)) circles.push([...above.slice(above.indexOf(folder)), folder].join(' → '));
      if (done.has(folder) || above.includes(folder)) return;
      for (const below of arrows.get(folder) ?? []) visit(below, [...above, folder]);
      done.add(folder);
    };
    for (const folder of arrows.keys()) visit(folder, []);
    expect(circles).toEqual([]);
  });

  it('that all objects share know no object', () => {
    const shared = ['uapi', 'message', 'operation', 'socket', 'socket/send-thread'];
    for (const folder of shared)
      expect([...(arrows.get(folder) ?? [])].filter((below) => !shared.includes(below))).toEqual([]);
  });
});
