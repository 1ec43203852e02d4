#!/usr/bin/env node
// Writes the two files that repeat every operation with its documentation, so that an editor shows it on all three ways
// to call one: `netlink.linkAdd`, `netlink.sync.linkAdd` and `linkAdd`. A module's exports and the members of a type
// have to be written out for that; they are derived from the operations, where the documentation is written.
//
//   node scripts/write-documentation.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const netlink = path.join(import.meta.dirname ?? path.dirname(fileURLToPath(import.meta.url)), '../src/netlink');

/** Each operation of the table with its documentation, in the order of the table. */
function documented() {
  const table = readFileSync(path.join(netlink, 'operations.ts'), 'utf8');
  const operations = [];
  for (const [, names, from] of table.matchAll(/^export \{([^}]*)\} from '([^']+)';/gm)) {
    const text = readFileSync(path.join(netlink, from.replace(/\.js$/, '.ts')), 'utf8');
    for (const name of names.split(',').map((each) => each.trim())) {
      if (name === '') continue;
      const comment = new RegExp(String.raw`(/\*\*(?:(?!\*/)[^])*\*/)\nexport function ${name}\b`).exec(text)?.[1];
      if (comment === undefined) throw new Error(`${name} has no documentation in ${from}`);
      operations.push({ name, comment });
    }
  }
  return operations;
}

const HEAD = '// Written by scripts/write-documentation.mjs from the operations. Change them there, and run it.\n';

/** The files by their names. */
export function files() {
  const operations = documented();
  const indented = (comment) => comment.replace(/^/gm, '  ').trimStart();
  return {
    'here.ts': `${HEAD}//
// Every operation as a synchronous function that acts in the namespace that the calling thread is in at the time: inside
// a hop that is the hop's.
import { inCurrentNamespace } from './current-namespace.js';
import * as operations from './operations.js';

${operations.map(({ name, comment }) => `${comment}\nexport const ${name} = inCurrentNamespace(operations.${name});\n`).join('\n')}`,
    'synchronous-operations.ts': `${HEAD}import type * as operations from './operations.js';
import type { Synchronous } from './synchronous.js';

/** The functions of the table as they are when a Netlink executes them at once. */
export interface SynchronousOperations {
${operations.map(({ name, comment }) => `  ${indented(comment)}\n  ${name}: Synchronous<typeof operations.${name}>;\n`).join('\n')}}
`,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const [name, text] of Object.entries(files())) writeFileSync(path.join(netlink, name), text);
