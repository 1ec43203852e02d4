import nodeModule from 'node:module';
import path from 'node:path';

/**
 * A `require` that looks from where a module lies: for what is found at run time, koffi and the programs of threads. In a
 * bundle that is the bundle's file. Where a bundler that writes CommonJS has left no `import.meta.url` it is the
 * program's.
 *
 * @param url `import.meta.url` of the caller
 */
export function requireFrom(url: string | undefined): NodeJS.Require {
  // Not imported by its name: webpack replaces a call of that, and leaves nothing of this one.
  return nodeModule.createRequire(url ?? path.resolve(process.argv[1] ?? 'program'));
}
