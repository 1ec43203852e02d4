#!/usr/bin/env node
// What holds of every README that npm shows: it is short, and its links lead somewhere wherever it is shown.
// Part of `npx -y pnpm@10 check`.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readmes } from '../readme/code-blocks.mjs';
import { PUBLISHER } from './publisher.mjs';
import { ROOT } from './workspace.mjs';

const LINES = { min: 60, max: 100 };

/** What is wrong with a README, line by line. @param {string} file from the root @param {string} text */
export function problemsOf(file, text) {
  const problems = [];
  const lines = text.split('\n').length - 1;
  if (lines < LINES.min || lines > LINES.max)
    problems.push(`${file} has ${lines} lines; ${LINES.min} to ${LINES.max} are what is read`);
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  for (const [, href = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [address = ''] = href.split('#');
    if (!/^https:/.test(address)) problems.push(`${file}: ${href} is not an absolute address, and dead on npm`);
    else if (!leadsSomewhere(address)) problems.push(`${file}: ${href} leads to no file of the repository`);
  }
  return problems;
}

/** Whether an address of the repository or the site is that of a file. Other addresses are not looked at. */
function leadsSomewhere(address) {
  const { repository, site } = PUBLISHER;
  if (address.startsWith(`${site}/`)) {
    const page = path.join(ROOT, 'docs', address.slice(site.length));
    // The page of errors is generated.
    return (
      address === `${site}/errors` || existsSync(address.endsWith('/') ? path.join(page, 'index.md') : `${page}.md`)
    );
  }
  const file =
    address.startsWith(repository) && /^\/(?:blob|tree|raw)\/main\/(.+)$/.exec(address.slice(repository.length));
  return !file || existsSync(path.join(ROOT, file[1] ?? ''));
}

if (process.argv[1] === import.meta.filename) {
  const problems = readmes().flatMap((file) => problemsOf(file, readFileSync(path.join(ROOT, file), 'utf8')));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${readmes().length} READMEs are short, and their links lead somewhere`);
}
