// Runs inside the project of check-bundlers.mjs, where the bundlers are installed: bundles app.mjs in each of the ways of
// docs/guide/typescript-and-bundlers.md, into bundles/<kind>/<bundler>.<mjs|cjs>.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const esbuild = await import('esbuild');
const { rollup } = await import('rollup');
const { default: webpack } = await import('webpack');
const { nodeResolve } = await import('@rollup/plugin-node-resolve');
const { default: commonjs } = await import('@rollup/plugin-commonjs');
const { default: json } = await import('@rollup/plugin-json');

const ENTRY = path.resolve('app.mjs');
/** What docs/guide/typescript-and-bundlers.md says is to be left out of a bundle. */
const EXTERNAL = ['netns-core', 'koffi'];
const isExternal = new RegExp(`^(?:${EXTERNAL.join('|')})(?:/|$)`);
/** Modules of CommonJS that esbuild puts into an ES module call `require`, which is not there. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const build = {
  esbuild: (outfile, format, external) =>
    esbuild.build({
      entryPoints: [ENTRY],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: format === 'mjs' ? 'esm' : 'cjs',
      external: external ? EXTERNAL : [],
      banner: format === 'mjs' ? { js: REQUIRE } : {},
      logLevel: 'silent',
    }),
  rollup: async (file, format, external) => {
    const bundle = await rollup({
      input: ENTRY,
      // undici asks for node:sqlite where Node has it; made an import, that ends the program on Node 20.
      external: (id) => /^(?:node:|undici(?:\/|$))/.test(id) || (external && isExternal.test(id)),
      plugins: [nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()],
      logLevel: 'silent',
    });
    await bundle.write({ file, format: format === 'mjs' ? 'es' : 'cjs', inlineDynamicImports: true });
  },
  webpack: (file, format, external) =>
    new Promise((resolve, reject) => {
      const module = format === 'mjs';
      webpack(
        {
          mode: 'production',
          entry: ENTRY,
          target: 'node20',
          experiments: { outputModule: module },
          // Most of the time, and changes nothing of what is looked at here.
          optimization: { minimize: false },
          output: {
            path: path.dirname(file),
            filename: path.basename(file),
            ...(module ? { module: true, library: { type: 'module' } } : {}),
          },
          externalsType: module ? 'module' : 'commonjs',
          externals: external ? [isExternal] : [],
        },
        (error, stats) => {
          if (error) reject(error);
          else if (stats.hasErrors()) reject(new Error(stats.toString('errors-only')));
          else resolve();
        },
      );
    }),
};

/** webpack takes half of the time. */
const FORMATS = { 'whole webpack': ['cjs'] };
const failed = [];
for (const kind of ['external', 'whole'])
  for (const [bundler, bundle] of Object.entries(build))
    for (const format of FORMATS[`${kind} ${bundler}`] ?? ['mjs', 'cjs'])
      try {
        await bundle(path.resolve('bundles', kind, `${bundler}.${format}`), format, kind === 'external');
      } catch (error) {
        failed.push(`${kind} ${bundler} ${format}: ${error.message}`);
      }
writeFileSync('failed.json', JSON.stringify(failed));
