import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { files } from '../scripts/write-documentation.mjs';
import * as operations from '../src/netlink/operations.js';

const root = path.join(import.meta.dirname, '..');

describe('the documentation of operations', () => {
  it('is repeated as it is written: scripts/write-documentation.mjs has been run', () => {
    for (const [name, text] of Object.entries(files()))
      expect(readFileSync(path.join(root, 'src/netlink', name), 'utf8')).toBe(text);
  });

  it('is what an editor shows on all ways to call one, of the built package', { timeout: 60_000 }, () => {
    const names = Object.keys(operations);
    const file = path.join(root, 'test/hover.mts');
    const ways = names.flatMap((name) => [`netlink.${name}`, `netlink.sync.${name}`, `links.${name}`, `table.${name}`]);
    const text = `import * as links from 'netlink-links';
import * as table from 'netlink-links/operations';
const netlink = links.Netlink.open();
${ways.join(';\n')};
`;
    const service = ts.createLanguageService({
      getScriptFileNames: () => [file],
      getScriptVersion: () => '1',
      getCurrentDirectory: () => root,
      getScriptSnapshot: (name) =>
        name === file || existsSync(name)
          ? ts.ScriptSnapshot.fromString(name === file ? text : readFileSync(name, 'utf8'))
          : undefined,
      getCompilationSettings: () => ({
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
        strict: true,
        skipLibCheck: true,
      }),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (name) => name === file || ts.sys.fileExists(name),
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
    const shown = (way: string): string => {
      const at = text.indexOf(`${way};`) + way.length - 1;
      return (service.getQuickInfoAtPosition(file, at)?.documentation ?? []).map((part) => part.text).join('');
    };
    const silent = ways.filter((way) => shown(way).length < 10);
    service.dispose();
    expect(silent).toEqual([]);
  });
});
