import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, readManifest, run } from '../release/workspace.mjs';

const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** How a project of a user's looks for types, and what it calls a program. */
const RESOLUTIONS = {
  node10: { options: { module: 'commonjs', moduleResolution: 'node10' }, file: 'uses.ts' },
  'node16, import': { options: { module: 'node16', moduleResolution: 'node16' }, file: 'uses.mts' },
  'node16, require': { options: { module: 'node16', moduleResolution: 'node16' }, file: 'uses.cts' },
  bundler: { options: { module: 'esnext', moduleResolution: 'bundler' }, file: 'uses.ts' },
};

/** The subpaths of the packages in a project that have types. */
export function typedSubpaths(project, names) {
  return names.flatMap((name) => {
    const manifest = readManifest(path.join(project, 'node_modules', name));
    return Object.entries(manifest.exports)
      .filter(([, target]) => target.import?.types !== undefined)
      .map(([subpath]) => path.posix.join(name, subpath));
  });
}

/**
 * Compiles a program that imports every typed subpath of the packages, in each resolution of TypeScript, against what is
 * installed in a project. The declarations of the packages are checked as well (no `skipLibCheck`).
 *
 * @param project where the packages and `@types/node` are installed
 * @param specifiers the subpaths that have types
 */
export function checkResolutions(project, specifiers) {
  for (const [resolution, { options, file }] of Object.entries(RESOLUTIONS)) {
    const folder = path.join(project, 'types', resolution.replace(/\W+/g, '-'));
    mkdirSync(folder, { recursive: true });
    const uses = specifiers.flatMap((specifier, index) => [
      `import * as module${index} from '${specifier}';`,
      // A module without types would be `any`.
      `export const is${index}: 0 extends 1 & typeof module${index} ? never : typeof module${index} = module${index};`,
    ]);
    writeFileSync(path.join(folder, file), `${uses.join('\n')}\n`);
    const compilerOptions = {
      ...options,
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
    try {
      run(process.execPath, [TSC, '-p', folder], project);
    } catch (error) {
      throw new Error(`TypeScript with ${resolution}:\n${error.stdout ?? error}`);
    }
  }
  console.log(`${specifiers.length} subpaths have types with ${Object.keys(RESOLUTIONS).join('; ')}`);
}
