// The declarations of packages: one file for each source file that a public one leads to, with a map to it, so that an
// editor's "go to definition" lands in the sources, which are published as well.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { PACKAGES, ROOT, readManifest } from '../release/workspace.mjs';

/** Where declarations lie in a package; below it they have the paths of their sources below `src`. */
const TYPES = 'dist/types';

/** The source files whose declarations `exports` names. */
function publicSources(folder) {
  return Object.values(readManifest(folder).exports)
    .map((target) => target.import?.types)
    .filter((types) => types !== undefined)
    .map((types) => {
      const source = path.join(folder, 'src', path.relative(TYPES, types).replace(/\.d\.ts$/, '.ts'));
      if (!existsSync(source))
        throw new Error(`${folder}/package.json: "types" of src/PATH.ts must be ./${TYPES}/PATH.d.ts, got ${types}`);
      return source;
    });
}

function compilerOptions() {
  const file = path.join(ROOT, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  // What the packages import from each other is read from the sources, so the order of packages does not matter.
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, ROOT);
  return {
    ...options,
    allowJs: false,
    allowImportingTsExtensions: false,
    noEmit: false,
    sourceMap: false,
    declaration: true,
    declarationMap: true,
    emitDeclarationOnly: true,
    // `check:types` checks them; here it would double the time.
    noCheck: true,
  };
}

/** The relative imports of a declaration. @returns where each stands, and the source file that it means */
function relativeImports(text, source) {
  return ts
    .preProcessFile(text, true, false)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName, pos }) => {
      if (!fileName.endsWith('.js')) throw new Error(`the declarations of ${source} import '${fileName}'`);
      const at = text.indexOf(fileName, pos);
      return { end: at + fileName.length, target: path.join(path.dirname(source), fileName.replace(/\.js$/, '.ts')) };
    });
}

/**
 * The declaration with each import of a `.js` file as one of a `.cjs` file. It has the same lines, so the same mappings, but
 * a map of its own: TypeScript counts the lines of the file that a map names.
 */
function forRequire(text, imports) {
  let from = 0;
  let result = '';
  for (const { end } of [...imports].sort((a, b) => a.end - b.end)) {
    result += `${text.slice(from, end - '.js'.length)}.cjs`;
    from = end;
  }
  return (result + text.slice(from)).replace(/\.d\.ts\.map$/, '.d.cts.map');
}

function emit(program, source) {
  const file = program.getSourceFile(source);
  if (file === undefined) throw new Error(`${source} is not part of the program`);
  const written = {};
  const { diagnostics } = program.emit(file, (name, text) => {
    written[name.endsWith('.map') ? 'map' : 'text'] = text;
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})));
  return written;
}

/**
 * Makes the declarations of packages, for `import` and for `require`.
 *
 * @param {string[]} names
 * @returns {Map<string, string>} the texts of the files by their paths; {@link writeDeclarations} writes them
 */
export function makeDeclarations(names) {
  const files = new Map();
  const entries = names.map((name) => publicSources(path.join(PACKAGES, name)));
  const program = ts.createProgram(entries.flat(), compilerOptions());
  for (const [index, name] of names.entries()) {
    const folder = path.join(PACKAGES, name);
    const sources = new Set(entries[index]);
    for (const source of sources) {
      const { text, map } = emit(program, source);
      const imports = relativeImports(text, source);
      for (const { target } of imports) {
        if (!target.startsWith(path.join(folder, 'src/')))
          throw new Error(`the declarations of ${source} import ${target}: write the type where it is inferred`);
        sources.add(target);
      }
      const stem = path.join(folder, TYPES, path.relative(path.join(folder, 'src'), source).replace(/\.ts$/, ''));
      files.set(`${stem}.d.ts`, text);
      files.set(`${stem}.d.cts`, forRequire(text, imports));
      for (const suffix of ['.d.ts', '.d.cts'])
        files.set(
          `${stem}${suffix}.map`,
          JSON.stringify({
            ...JSON.parse(map),
            file: `${path.basename(stem)}${suffix}`,
            sources: [path.relative(path.dirname(stem), source)],
          }),
        );
    }
  }
  return files;
}

/** Writes declarations, in the place of those that packages have. @param {Map<string, string>} files */
export function writeDeclarations(names, files) {
  for (const name of names) rmSync(path.join(PACKAGES, name, TYPES), { recursive: true, force: true });
  for (const [file, text] of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
