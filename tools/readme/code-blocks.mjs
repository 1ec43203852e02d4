import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A program in a page of docs/ or in a README. What stands in a comment before its fence says what the tests do with it:
 *
 * - nothing: it is compiled
 * - `<!-- run -->`: it is run as well, in a process of its own namespaces; see `test/docs.test.ts` for what is there
 * - `<!-- run until "text" -->`: it is told to end (SIGTERM) once it has printed the text
 * - `<!-- fragment: why -->`: it is not compiled
 *
 * `<!-- printed -->` before a fence of text says that the program before it prints exactly that.
 *
 * @typedef {object} CodeBlock
 * @property {string} page the file, from the root of the repository
 * @property {number} line of its first line, counted from 1
 * @property {'js' | 'ts'} language
 * @property {string} source
 * @property {'compile' | 'run' | 'fragment'} kind
 * @property {string | undefined} until
 * @property {string | undefined} printed
 */

const FENCE = /^(?:<!-- *([^\n]+?) *-->\n+)?^```(\w+)[^\n]*\n(.*?)^```$/gms;

/**
 * The programs of a page.
 *
 * @param {string} page its file, from the root of the repository
 * @param {string} text
 * @returns {CodeBlock[]}
 */
export function codeBlocksOf(page, text) {
  /** @type {CodeBlock[]} */
  const blocks = [];
  for (const match of text.matchAll(FENCE)) {
    const [whole, marker = '', language = '', source = ''] = match;
    const line = text.slice(0, match.index + whole.indexOf('```')).split('\n').length + 1;
    if (marker === 'printed') {
      const program = blocks.at(-1);
      if (program?.kind !== 'run')
        throw new Error(`${page}:${line}: no program that is run stands before what is printed`);
      program.printed = source;
    }
    if (language !== 'js' && language !== 'ts') continue;
    const until = /^run until "(.+)"$/.exec(marker)?.[1];
    const kind = marker.startsWith('run') ? 'run' : marker.startsWith('fragment: ') ? 'fragment' : 'compile';
    if (marker.startsWith('run') && marker !== 'run' && until === undefined)
      throw new Error(`${page}:${line}: the comment "${marker}" is not understood`);
    blocks.push({ page, line, language, source, kind, until, printed: undefined });
  }
  return blocks;
}

/** The pages of docs/ that are written by hand, from the root of the repository. */
export function pages() {
  return readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/^(?:api|node_modules|\.vitepress)\//.test(file) && file !== 'errors.md')
    .map((file) => `docs/${file}`)
    .sort();
}

/** The READMEs that users read, from the root of the repository. */
export function readmes() {
  const packages = readdirSync(path.join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`);
  return ['README.md', ...packages.filter((file) => existsSync(path.join(ROOT, file))).sort()];
}

/** All programs of docs/ and of the READMEs. */
export function codeBlocks() {
  return [...pages(), ...readmes()].flatMap((page) => codeBlocksOf(page, readFileSync(path.join(ROOT, page), 'utf8')));
}
