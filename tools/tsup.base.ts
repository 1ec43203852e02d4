import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

const DISPOSE_SYMBOLS = fileURLToPath(new URL('dispose-symbols.ts', import.meta.url));

/** Every package is built alike: ESM and CommonJS, types for both; entry names are the subpaths of `exports`. */
export function packageBuild(entry: Record<string, string>, extra: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
    // `import.meta.url` in the CommonJS output.
    shims: true,
    // Siblings and dependencies are never bundled: one copy of netns-core serves all packages.
    skipNodeModulesBundle: true,
    esbuildOptions(options) {
      // The sources are published beside it.
      options.sourcesContent = false;
      options.define = {
        ...options.define,
        'Symbol.dispose': 'SYMBOL_DISPOSE',
        'Symbol.asyncDispose': 'SYMBOL_ASYNC_DISPOSE',
      };
      options.inject = [...(options.inject ?? []), DISPOSE_SYMBOLS];
    },
    plugins: [classNames],
    ...extra,
  });
}

/**
 * A class that refers to itself is renamed by the bundler (`_NetlinkError`), which an uncaught error would print. Not
 * `keepNames`: that defines a name for each function each time that one is made, a twentieth of the time of a request.
 */
const classNames: NonNullable<Options['plugins']>[number] = {
  name: 'class-names',
  renderChunk: (code) => ({
    code: code.replace(
      /\bclass _([A-Z]\w*)( extends [^{]+)? \{/g,
      (head, name) =>
        `${head} static { Object.defineProperty(this, "name", { value: "${name}", configurable: true }); }`,
    ),
  }),
};
