import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Which versions of a source file the compiler accepts. A fault that it refuses never reaches a test.
 *
 * @param {string} file relative to the workspace
 * @param {string} text the file as it is
 * @param {string[]} versions
 * @returns {boolean[]}
 */
export function acceptedByCompiler(file, text, versions) {
  const config = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, ROOT);
  // Those are matters of style.
  Object.assign(options, { noUnusedLocals: false, noUnusedParameters: false, noEmit: true });
  // All versions beside the file itself in one program, so that what they import is checked once.
  const original = path.join(ROOT, file);
  const names = [text, ...versions].map((_, index) => original.replace(/\.ts$/, `.version-${index}.ts`));
  const texts = new Map([text, ...versions].map((version, index) => [names[index], version]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target, ...rest) =>
    texts.has(name) ? ts.createSourceFile(name, texts.get(name), target) : getSourceFile(name, target, ...rest);
  const program = ts.createProgram(names, options, host);
  const [first, ...accepted] = names.map((name) => {
    const source = program.getSourceFile(name);
    return program.getSyntacticDiagnostics(source).length + program.getSemanticDiagnostics(source).length === 0;
  });
  if (!first) throw new Error(`${file} does not compile as it is`);
  return accepted;
}
