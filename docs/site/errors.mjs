// Writes docs/errors.md: a heading for each class and code, with cause and way out. The classes and codes come from the
// sources; what is said of them comes from error-notes.mjs. One without an entry there is a failure.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLASSES, CODES, KERNEL_CODES, NOT_OURS } from './error-notes.mjs';

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url));
const PAGE = fileURLToPath(new URL('../errors.md', import.meta.url));

/** Whether programs import it; the errors of a command are its own affair. */
const isLibrary = (name) => '.' in JSON.parse(readFileSync(`${PACKAGES}${name}/package.json`, 'utf8')).exports;

/** The files of the packages' sources, each with the package that it belongs to. */
export function sources() {
  return readdirSync(PACKAGES)
    .filter(isLibrary)
    .flatMap((name) => {
      const folder = path.join(PACKAGES, name, 'src');
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => ({ package: name, text: readFileSync(path.join(folder, file), 'utf8') }));
    });
}

/** The exported classes of errors and the codes of ours in the sources, each with the packages that have it. */
export function declaredErrors(files = sources()) {
  /** @type {Map<string, { packages: Set<string>; base: string }>} */
  const classes = new Map();
  /** @type {Map<string, Set<string>>} */
  const codes = new Map();
  for (const { package: name, text } of files) {
    for (const [, type = '', base = ''] of text.matchAll(/^export class (\w+) extends (\w*Error)\b/gm)) {
      const known = classes.get(type) ?? { packages: new Set(), base };
      known.packages.add(name);
      classes.set(type, known);
    }
    for (const [, code = ''] of text.matchAll(/'(ERR_[A-Z_]+)'/g)) {
      if (NOT_OURS.includes(code)) continue;
      codes.set(code, (codes.get(code) ?? new Set()).add(name));
    }
  }
  return { classes, codes };
}

/** What has no entry. An entry that no source needs is left out of the page. */
export function missing({ classes, codes }) {
  const lacks = (what, found, notes) =>
    [...found.keys()]
      .filter((name) => !Object.hasOwn(notes, name))
      .map((name) => `${what} ${name} has no entry in docs/site/error-notes.mjs`);
  return [...lacks('class', classes, CLASSES), ...lacks('code', codes, CODES)];
}

const list = (names) => [...names].sort().join(', ');

/** The text of the page. */
export function errorsPage(declared) {
  const { classes, codes } = declared;
  const sections = Object.entries(CLASSES)
    .filter(([name]) => classes.has(name))
    .map(([name, { code, cause, way }]) => {
      const { packages, base } = classes.get(name);
      return `### ${name}\n\n* Package: ${list(packages)}. Extends \`${base}\`.\n* Code: ${code}\n\n${cause}\n\n**What to do:** ${way}\n`;
    });
  const ours = Object.entries(CODES)
    .filter(([code]) => codes.has(code))
    .sort(([left], [right]) => left.localeCompare(right))
    .map(
      ([code, { cause, way }]) =>
        `### \`${code}\`\n\n* Package: ${list(codes.get(code))}\n\n${cause}\n\n**What to do:** ${way}\n`,
    );
  const others = Object.entries(KERNEL_CODES).map(
    ([code, { cause, way }]) => `### \`${code}\`\n\n${cause}\n\n**What to do:** ${way}\n`,
  );
  return `---
editLink: false
---
<!-- Written by docs/site/errors.mjs; the text is in docs/site/error-notes.mjs. -->

# Errors

All errors of netns-core, netlink-links, vrf-dial and neslink are \`NetnsError\`s, with \`code\`, and \`errno\`, \`syscall\`,
\`path\` and \`cause\` where there are any; those of cni-types are \`CniError\`s. The message names the object and says what to
do. \`instanceof\` also holds for errors of another copy of a package (ESM and CommonJS, two versions).

## Classes

${sections.join('\n')}
## Codes of these packages

${ours.join('\n')}
## Codes of the kernel and of DNS

${others.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const declared = declaredErrors();
  const problems = missing(declared);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
  } else writeFileSync(PAGE, errorsPage(declared));
}
