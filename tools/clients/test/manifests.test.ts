import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const EXAMPLES = path.join(import.meta.dirname, '../../../examples');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The packages that the programs of a folder import. */
function importedPackages(folder: string): string[] {
  const specifiers = readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .flatMap((file) => ts.preProcessFile(readFileSync(path.join(folder, file), 'utf8'), true, true).importedFiles)
    .map(({ fileName }) => fileName)
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier));
  return specifiers.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
}

describe('a copied folder of examples runs after npm install', () => {
  it.each(['clients', 'servers'])('examples/%s/package.json names each package that a program imports', (name) => {
    const folder = path.join(EXAMPLES, name);
    const manifest: Manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const listed = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(importedPackages(folder).filter((imported) => !listed.includes(imported))).toEqual([]);
  });
});
