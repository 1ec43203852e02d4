#!/usr/bin/env node
// Who publishes the packages, where their sources are and where their site is: publisher.json says so once, and this
// writes it wherever it has to stand.
//
//   node tools/release/publisher.mjs [--author NAME] [--repository URL] [--site URL]   sets values, and writes them
//   node tools/release/publisher.mjs --check                                            fails if a file differs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGES, packageNames, ROOT } from './workspace.mjs';

const FILE = path.join(ROOT, 'tools/release/publisher.json');

/** Files besides the manifests in which addresses of the repository or of the site stand. */
const TEXTS = [
  'README.md',
  'CODE_OF_CONDUCT.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  '.github/ISSUE_TEMPLATE/config.yml',
  ...packageNames().map((name) => `packages/${name}/README.md`),
];

/** @typedef {{ author: string, repository: string, site: string }} Publisher */

/** @type {Publisher} */
export const PUBLISHER = JSON.parse(readFileSync(FILE, 'utf8'));

/** The manifest of a package with what the publisher adds to it, behind its licence. */
function withPublisher(manifest, { author, repository }) {
  const directory = `packages/${manifest.name}`;
  const added = {
    author,
    homepage: `${repository}/tree/main/${directory}#readme`,
    repository: { type: 'git', url: `git+${repository}.git`, directory },
    bugs: { url: `${repository}/issues` },
  };
  const entries = Object.entries(manifest).filter(([key]) => !(key in added));
  const at = entries.findIndex(([key]) => key === 'license') + 1;
  return Object.fromEntries([...entries.slice(0, at), ...Object.entries(added), ...entries.slice(at)]);
}

/** The files that do not have the publisher's values yet, and how they should read. */
function changes(/** @type {Publisher} */ publisher) {
  /** @type {Map<string, string>} */
  const changed = new Map();
  /** @param {string} file @param {(text: string) => string} change */
  const look = (file, change) => {
    const text = readFileSync(file, 'utf8');
    const next = change(text);
    if (next !== text) changed.set(file, next);
  };
  for (const name of packageNames())
    look(
      path.join(PACKAGES, name, 'package.json'),
      (text) => `${JSON.stringify(withPublisher(JSON.parse(text), publisher), null, 2)}\n`,
    );
  for (const file of TEXTS)
    look(path.join(ROOT, file), (text) =>
      text.replaceAll(PUBLISHER.repository, publisher.repository).replaceAll(PUBLISHER.site, publisher.site),
    );
  return changed;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      author: { type: 'string' },
      repository: { type: 'string' },
      site: { type: 'string' },
    },
  });
  const { check, ...given } = values;
  for (const key of ['repository', 'site'])
    if (given[key] !== undefined && !/^https:\/\/[^\s?#]+[^/\s?#]$/.test(given[key]))
      throw new Error(`--${key} must be an https address without a slash at its end, got '${given[key]}'`);
  const publisher = { ...PUBLISHER, ...given };
  const changed = changes(publisher);
  if (check) {
    for (const file of changed.keys()) console.error(`${path.relative(ROOT, file)} differs from publisher.json`);
    if (changed.size > 0) {
      console.error('`node tools/release/publisher.mjs` writes what publisher.json says');
      process.exitCode = 1;
    }
  } else {
    for (const [file, text] of changed) writeFileSync(file, text);
    writeFileSync(FILE, `${JSON.stringify(publisher, null, 2)}\n`);
    console.log(`${changed.size} files written`);
  }
}
