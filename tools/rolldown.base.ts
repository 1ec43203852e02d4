import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputOptions, Plugin, RolldownOptions } from 'rolldown';

const DISPOSE_SYMBOLS = fileURLToPath(new URL('dispose-symbols.ts', import.meta.url));

type Format = 'es' | 'cjs';

interface PackageBuild {
  /** The sources of the entries, by the names of their files in `dist`, which are those of `exports` and `bin`. */
  readonly entries: Readonly<Record<string, string>>;
  /**
   * The files that entries share, by their names: each has the sources named and all that these import, less what earlier
   * files have. A source that several entries import is in one file alone, so few files of this kind make few to read and
   * to compile, and many let a small entry load little.
   */
  readonly shared?: Readonly<Record<string, string[]>>;
  readonly formats?: readonly Format[];
}

/**
 * Every package is built alike: ESM and CommonJS for Node 20, whose sources are published beside it. What it depends on
 * is never bundled: one copy of netns-core serves all packages. The configuration is run in the folder of the package.
 */
export function packageBuild({ entries, shared = {}, formats = ['es', 'cjs'] }: PackageBuild): RolldownOptions {
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return {
    input: entries,
    platform: 'node',
    external: Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
    transform: {
      target: 'node20',
      define: { 'Symbol.dispose': 'SYMBOL_DISPOSE', 'Symbol.asyncDispose': 'SYMBOL_ASYNC_DISPOSE' },
      inject: {
        SYMBOL_DISPOSE: [DISPOSE_SYMBOLS, 'SYMBOL_DISPOSE'],
        SYMBOL_ASYNC_DISPOSE: [DISPOSE_SYMBOLS, 'SYMBOL_ASYNC_DISPOSE'],
      },
    },
    plugins: [strict, classNames, ascii, executable],
    output: formats.map((format) => outputOf(format, shared)),
  };
}

function outputOf(format: Format, shared: Readonly<Record<string, string[]>>): OutputOptions {
  const extension = format === 'es' ? 'js' : 'cjs';
  const names = Object.keys(shared);
  return {
    format,
    dir: 'dist',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
    codeSplitting: {
      groups: names.map((name, index) => {
        const sources = new Set(shared[name]?.map((source) => path.resolve(source)));
        if (index === 0) sources.add(DISPOSE_SYMBOLS);
        return { name, test: (id: string) => sources.has(id), priority: names.length - index };
      }),
    },
    // What CommonJS loads at its first use is required: jest has no `import()` there, and a program has one copy.
    dynamicImportInCjs: false,
    esModule: true,
    minifyInternalExports: false,
    // Without the checks that a constant has its value already, each time that a function reads one.
    topLevelVar: true,
    comments: { jsdoc: false },
    sourcemap: true,
    // The sources are published beside it.
    sourcemapExcludeSources: true,
  };
}

/** Whatever the bundler warns of fails the build. */
const strict: Plugin = {
  name: 'strict',
  onLog(level, log) {
    if (level === 'warn') this.error(log);
  },
};

/** Two classes of one name in a file would be told apart by a number, which an uncaught error would print. */
const classNames: Plugin = {
  name: 'class-names',
  renderChunk(code, chunk) {
    const twin = /\bclass \w+\$\d+|\b\w+\$\d+ = class(?: extends\b| \{)/.exec(code);
    if (twin !== null) this.error(`${chunk.fileName} has two classes of one name: ${twin[0]}`);
  },
};

/**
 * A single character beyond ASCII makes V8 hold all of a file's text in two bytes a character. Such characters are in
 * strings only; lines stay what they are, so a position in a map is off by a few columns at most.
 */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_options, files) {
    for (const file of Object.values(files))
      if (file.type === 'chunk')
        file.code = file.code.replace(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
  },
};

/** A program is a file that can be executed. */
const executable: Plugin = {
  name: 'executable',
  writeBundle({ dir = '' }, files) {
    for (const [name, file] of Object.entries(files))
      if (file.type === 'chunk' && file.code.startsWith('#!')) chmodSync(path.join(dir, name), 0o755);
  },
};
