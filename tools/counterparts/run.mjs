// What of other libraries is here: writes docs/guide/counterparts.md from the lists beside this file, and checks that
// every name of ours in them exists.
//
//   node tools/counterparts/run.mjs                     writes the page   (after `npx -y pnpm@10 build`)
//   node tools/counterparts/run.mjs --check             fails if it is not as it would be written
//   node tools/counterparts/run.mjs --against FOLDER    which functions of Go sources the list of vishvananda/netlink lacks
//
// A list has a line for each name of the other library:
//
//   LinkList                                has the same name here
//   LinkSetHairpin = linkSetPort{hairpin}   is done by these: an option, `{kind:htb}` one with a value,
//                                           `{actions.kind:mirred}` one inside another, `linkList->mtu` what is read
//   XfrmStateAdd - xfrm                     is not here, for a reason that stands at the top: `- xfrm: …`
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as links from 'netlink-links';
import * as core from 'netns-core';
import { ROOT } from '../readme/code-blocks.mjs';
import { virtualProgram } from '../readme/virtual-program.mjs';

const HERE = import.meta.dirname;
const PAGE = path.join(ROOT, 'docs/guide/counterparts.md');
const MODULES = { links, core };
const SPECIFIERS = { links: 'netlink-links', core: 'netns-core' };

/**
 * @typedef {{ name: string, refs?: string[], reason?: string }} Entry
 * @typedef {{ title: string, source: string, reasons: Map<string, string>, groups: { title: string, entries: Entry[] }[] }} List
 */

/** @param {string} file @returns {List} */
function read(file) {
  const [title = '', ...lines] = readFileSync(path.join(HERE, 'lists', file), 'utf8').split('\n');
  /** @type {List} */
  const list = { title: title.replace(/^# /, ''), source: '', reasons: new Map(), groups: [] };
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const reason = /^- (\w+): (.+)$/.exec(line);
    const heading = /^## (.+)$/.exec(line);
    const entry = /^(\S+)(?: (=|-) (.+))?$/.exec(line);
    if (reason !== null) list.reasons.set(reason[1] ?? '', reason[2] ?? '');
    else if (heading !== null) list.groups.push({ title: heading[1] ?? '', entries: [] });
    else if (list.groups.length === 0) list.source += `${list.source === '' ? '' : ' '}${line}`;
    else if (entry === null) throw new Error(`${file}: a line that is not understood: ${line}`);
    else {
      const [, name = '', sign, rest = ''] = entry;
      list.groups.at(-1)?.entries.push({
        name,
        ...(sign === '=' && { refs: rest.split(/, (?![^{]*\})/) }),
        ...(sign === '-' && { reason: rest }),
      });
    }
  }
  return list;
}

const PARTS = /^([\w.]+)(?:\{([^}]*)\})?(?:->([\w.]+))?$/;

/** Where a name of ours is exported: `links.linkAdd`. @param {string} name */
function placeOf(name) {
  if (name.startsWith('netlink.')) return `({} as links.Netlink).${name.slice('netlink.'.length)}`;
  const [first = ''] = name.split('.');
  if (first in MODULES) return name;
  const module = Object.entries(MODULES).find(([, exports]) => first in exports)?.[0];
  return module === undefined ? undefined : `${module}.${name}`;
}

/** A line of TypeScript that compiles if a reference means something. @param {string} ref */
function proofOf(ref) {
  const [, name = '', options, told] = PARTS.exec(ref) ?? [];
  const place = placeOf(name);
  if (place === undefined) return undefined;
  const lines = [`void ${place};`];
  for (const option of (options ?? '').split(',').filter(Boolean)) {
    const [keys = '', value] = option.trim().split(':');
    const above = keys.split('.');
    const key = above.pop();
    const object = above.reduce((type, each) => `Values<${type}, '${each}'>`, `Spec<typeof ${place}>`);
    lines.push(
      value === undefined ? `'${key}' satisfies Keys<${object}>;` : `'${value}' satisfies Values<${object}, '${key}'>;`,
    );
  }
  if (told !== undefined) lines.push(`'${told}' satisfies Keys<Told<typeof ${place}>>;`);
  return lines.join(' ');
}

const PRELUDE = [
  ...Object.entries(SPECIFIERS).map(([name, specifier]) => `import * as ${name} from '${specifier}';`),
  'type Arguments<F> = F extends (...args: infer A) => unknown ? A[number] : never;',
  'type Spec<F> = Exclude<Arguments<F>, string | number | bigint | null | undefined | readonly unknown[] | Uint8Array>;',
  'type Keys<T> = T extends unknown ? keyof T : never;',
  'type Values<T, K extends string> = T extends { [P in K]?: infer V } ? V extends readonly (infer E)[] ? E : V : never;',
  'type Element<R> = R extends readonly (infer E)[] ? E : R;',
  'type Told<F> = F extends (...args: never[]) => infer R ? Element<R> : never;',
];

/** Which references mean nothing. @param {readonly string[]} refs @returns {string[]} */
function meaningless(refs) {
  const proofs = refs.map(proofOf);
  const file = path.join(ROOT, 'examples/.counterparts.mts');
  const source = [...PRELUDE, ...proofs.map((proof) => proof ?? '')].join('\n');
  const program = virtualProgram(new Map([[file, source]]));
  const parsed = program.getSourceFile(file);
  if (parsed === undefined) throw new Error('the proofs were not read');
  const failed = new Set(proofs.flatMap((proof, at) => (proof === undefined ? [at] : [])));
  for (const { start = 0 } of [...program.getSyntacticDiagnostics(parsed), ...program.getSemanticDiagnostics(parsed)]) {
    const line = parsed.getLineAndCharacterOfPosition(start).line - PRELUDE.length;
    if (line < 0) throw new Error('the prelude of the proofs does not compile');
    failed.add(line);
  }
  return [...failed].map((at) => refs[at] ?? '');
}

/** Go begins exported names with a capital. @param {string} name */
const ownName = (name) => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;

/** @param {string} text */
const code = (text) => `\`${text}\``;

/** @param {string} ref */
function shown(ref) {
  const [, place = '', options, told] = PARTS.exec(ref) ?? [];
  const name = place.replace(/^core\./, '');
  if (told !== undefined) return `${code(told)} of ${code(name)}`;
  if (options === undefined) return code(name);
  const list = options.split(',').map((option) =>
    code(
      option
        .trim()
        .replace(/^(\w+)\.(\w+):(.+)$/, "$1: [{ $2: '$3' }]")
        .replace(/^(\w+):(\w+)$/, "$1: '$2'"),
    ),
  );
  return `${code(name)} with ${list.join(', ')}`;
}

/** @param {List[]} lists */
function pageOf(lists) {
  const rows = lists.map((list) => {
    const entries = list.groups.flatMap(({ entries }) => entries);
    const same = entries.filter(({ refs, reason }) => refs === undefined && reason === undefined).length;
    const lacking = entries.filter(({ reason }) => reason !== undefined).length;
    return `| [${list.title}](#${anchor(list.title)}) | ${entries.length} | ${same} | ${entries.length - same - lacking} | ${lacking} |`;
  });
  const sections = lists.flatMap((list) => [
    `## ${list.title}`,
    '',
    list.source,
    '',
    ...list.groups.flatMap(({ title, entries }) => groupOf(list, title, entries)),
  ]);
  return [
    '# Counterparts in other libraries',
    '',
    '<!-- Written by tools/counterparts/run.mjs from the lists beside it. -->',
    '',
    'What the functions of other libraries are here, name by name. The tables of [Coming from Go](from-go.md) and',
    '[Coming from ip, tc and pyroute2](from-ip-tc-pyroute2.md) are shorter and have the arguments.',
    '',
    '| library | names | same name | another name | not here |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...sections,
  ].join('\n');
}

/** @param {string} title */
const anchor = (title) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** @param {string} text */
const sentence = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** @param {List} list @param {string} title @param {Entry[]} entries */
function groupOf(list, title, entries) {
  const here = entries.filter(({ reason }) => reason === undefined);
  const same = here.filter(({ refs }) => refs === undefined).map(({ name }) => code(ownName(name)));
  const others = here.filter(({ refs }) => refs !== undefined);
  /** @type {Map<string, string[]>} */
  const lacking = new Map();
  for (const { name, reason } of entries)
    if (reason !== undefined) lacking.set(reason, [...(lacking.get(reason) ?? []), code(name)]);
  return [
    `### ${title}`,
    '',
    ...(same.length === 0 ? [] : [`The same: ${same.join(', ')}.`, '']),
    ...(others.length === 0
      ? []
      : [
          '| there | here |',
          '| --- | --- |',
          ...others.map(({ name, refs = [] }) => `| ${code(name)} | ${refs.map(shown).join(', ')} |`),
          '',
        ]),
    ...[...lacking].flatMap(([reason, names]) => [
      `Not here: ${names.join(', ')}. ${sentence(list.reasons.get(reason) ?? reason)}`,
      '',
    ]),
  ];
}

/** The functions that Go sources export, methods of Handle included. @param {string} folder */
function exportedBy(folder) {
  const files = readdirSync(folder).filter(
    (name) => /\.go$/.test(name) && !/_(test|unspecified|macos|others)\.go$/.test(name),
  );
  const text = files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
  return new Set([...text.matchAll(/^func (?:\(h \*Handle\) )?([A-Z]\w+)\(/gm)].map(([, name = '']) => name));
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, against: { type: 'string' } } });
const lists = readdirSync(path.join(HERE, 'lists')).sort().map(read);
const problems = [];
for (const { title, reasons, groups } of lists) {
  const names = groups.flatMap(({ entries }) => entries);
  for (const [at, { name, refs, reason }] of names.entries()) {
    if (names.findIndex((other) => other.name === name) !== at) problems.push(`${title}: ${name} stands there twice`);
    if (refs === undefined && reason === undefined && placeOf(ownName(name)) === undefined)
      problems.push(`${title}: there is no ${ownName(name)}, of which ${name} is said to be the counterpart`);
    if (reason !== undefined && placeOf(ownName(name)) !== undefined)
      problems.push(`${title}: ${name} is said not to be here, and there is ${ownName(name)}`);
    if (reason !== undefined && /^\w+$/.test(reason) && !reasons.has(reason))
      problems.push(`${title}: ${name} has the reason '${reason}', which is not said`);
  }
}
const refs = [
  ...new Set(lists.flatMap(({ groups }) => groups.flatMap(({ entries }) => entries.flatMap(({ refs = [] }) => refs)))),
];
for (const ref of meaningless(refs)) problems.push(`'${ref}' means nothing here`);

if (values.against !== undefined) {
  const [list] = lists.filter(({ title }) => title === 'vishvananda/netlink');
  const known = new Set(list?.groups.flatMap(({ entries }) => entries.map(({ name }) => name)));
  for (const name of exportedBy(values.against)) if (!known.has(name)) problems.push(`${name} is not in the list`);
}
const page = pageOf(lists);
if (problems.length === 0 && !values.check) writeFileSync(PAGE, page);
else if (values.check && readFileSync(PAGE, 'utf8') !== page)
  problems.push('docs/guide/counterparts.md is not as its lists say: node tools/counterparts/run.mjs');
for (const problem of problems) console.error(`counterparts: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
