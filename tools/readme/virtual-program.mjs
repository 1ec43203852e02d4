// Programs of TypeScript that are compiled against the packages' sources without being files.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from './code-blocks.mjs';

const read = (/** @type {string} */ name) => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')).compilerOptions;

/** Where the packages' sources are, by the names that programs import them by. */
export const SOURCES = /** @type {Record<string, [string]>} */ (read('tsconfig.json').paths);

/**
 * @param {ReadonlyMap<string, string>} files sources by where they would be
 * @param {{ also?: readonly string[], paths?: Record<string, string[]>, options?: ts.CompilerOptions }} more
 *   files that are there, where else modules are, and options of the compiler besides those of the workspace
 */
export function virtualProgram(files, { also = [], paths = {}, options = {} } = {}) {
  /** @type {ts.CompilerOptions} */
  const all = {
    ...ts.convertCompilerOptionsFromJson(read('tsconfig.base.json'), ROOT).options,
    noEmit: true,
    declaration: false,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    paths: { ...SOURCES, ...paths },
    baseUrl: ROOT,
    ...options,
  };
  const host = ts.createCompilerHost(all);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  return ts.createProgram([...files.keys(), ...also], all, host);
}
