// Compiles every program of docs/ and of the READMEs against the packages' sources, and holds the lists of options there against the types:
// `<!-- options: T -->` before a list says that it has the properties of T, all and no others;
// `<!-- options: T without A node:tls -->` that those of A, and those declared in that module of Node's or package, are left out.
// Part of `npx -y pnpm@10 check:docs`. Links are checked too, as far as this needs no built site, and that docs/examples.md
// lists all examples.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { codeBlocks, pages, ROOT } from './code-blocks.mjs';
import { SOURCES, virtualProgram } from './virtual-program.mjs';

const VIRTUAL = path.join(ROOT, 'examples/.docs');

/** Where packages are that examples use and only some packages of the workspace have. */
const OTHERS = ['packages/vrf-dial', 'packages/neslink', 'examples'].flatMap((folder) => [
  `./${folder}/node_modules/*`,
  `./${folder}/node_modules/@types/*`,
]);

const blocks = codeBlocks().filter(({ kind }) => kind !== 'fragment');
/** @type {Map<string, import('./code-blocks.mjs').CodeBlock>} */
const files = new Map(
  blocks.map((block, index) => [path.join(VIRTUAL, `${index}.${block.language === 'ts' ? 'mts' : 'mjs'}`), block]),
);

/** @type {string[]} */
const problems = [];
const entries = Object.entries(SOURCES)
  .filter(([name]) => name !== '#testkit')
  .map(([, [file]]) => path.join(ROOT, file));
const program = virtualProgram(new Map([...files].map(([file, { source }]) => [file, source])), {
  also: entries,
  paths: { '*': ['*', ...OTHERS] },
  options: {
    allowJs: true,
    checkJs: true,
    moduleDetection: ts.ModuleDetectionKind.Force,
    verbatimModuleSyntax: false,
    // An example shows the package, not its own types.
    noImplicitAny: false,
    useUnknownInCatchVariables: false,
    noUnusedParameters: false,
    noUncheckedIndexedAccess: false,
  },
});
for (const [file, { page, line }] of files) {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${page}:${line} was not compiled`);
  for (const { start = 0, messageText } of [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]) {
    const at = source.getLineAndCharacterOfPosition(start).line;
    problems.push(`${page}:${line + at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  }
}

const checker = program.getTypeChecker();

/** @type {Map<string, ts.Symbol>} the exported types of the packages by name */
const types = new Map();
for (const file of entries) {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (target.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias) && !types.has(symbol.name))
      types.set(symbol.name, target);
  }
}

/** @param {string} name @param {string} where */
function propertiesOf(name, where) {
  const symbol = types.get(name);
  if (symbol === undefined) throw new Error(`${where}: no package exports a type ${name}`);
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
}

/** Whether a property is declared in a module, `undici` or `node:tls`. @param {ts.Symbol} property @param {string} module */
function comesFrom(property, module) {
  return (property.declarations ?? []).some((declaration) => {
    const { fileName } = declaration.getSourceFile();
    return module.startsWith('node:')
      ? fileName.includes('/@types/node/')
      : fileName.includes(`/node_modules/${module}/`);
  });
}

const LIST = /^<!-- options: (\w+)(?: without ([\w: -]+?))? -->\n+((?:^(?:[*] | {2,}).*\n)+)/gm;

for (const page of pages()) {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  for (const [, type = '', without = '', list = ''] of text.matchAll(LIST)) {
    const excluded = without.split(' ').filter((name) => name !== '');
    const modules = excluded.filter((name) => /^node:|^[a-z]/.test(name));
    const left = new Set(
      excluded.filter((name) => !modules.includes(name)).flatMap((name) => propertiesOf(name, page).map((p) => p.name)),
    );
    const expected = propertiesOf(type, page)
      .filter((property) => !modules.some((module) => comesFrom(property, module)))
      .map(({ name }) => name)
      .filter((name) => !left.has(name) && !name.startsWith('__@'));
    const listed = list
      .split('\n')
      .filter((line) => line.startsWith('* '))
      .flatMap((line) => [
        ...(/^[*] (\*\*\w+(?:\(.*?\))?\*\*(?:, \*\*\w+\*\*)*)/.exec(line)?.[1] ?? '').matchAll(/\*\*(\w+)/g),
      ])
      .map(([, name]) => name ?? '');
    for (const name of expected)
      if (!listed.includes(name)) problems.push(`${page}: ${type} has ${name}, the list lacks it`);
    for (const name of listed) if (!expected.includes(name)) problems.push(`${page}: ${type} has no ${name}`);
  }
  for (const [, href = ''] of text.replaceAll(/^```.*?^```$/gms, '').matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^([a-z]+:|[#/])/.test(href)) continue;
    const target = path.join(path.dirname(page), href.replace(/#.*$/, ''));
    // The page of errors is generated.
    if (target !== 'docs/errors.md' && !existsSync(path.join(ROOT, target)))
      problems.push(`${page}: ${href} is not there`);
  }
}

/** The opening comment of a program that a user starts says how: `//   node axios.mjs <vrf> <host> <port>`. */
const STARTED = /^\/\/ {3}.*\bnode /m;

/** The folders of examples/, and the programs in them that a user starts. */
function examples() {
  const folders = readdirSync(path.join(ROOT, 'examples'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name),
  );
  return folders.flatMap(({ name }) => {
    const programs = readdirSync(path.join(ROOT, 'examples', name)).filter((file) => {
      if (!file.endsWith('.mjs')) return false;
      const source = readFileSync(path.join(ROOT, 'examples', name, file), 'utf8');
      return STARTED.test(source.slice(0, source.search(/^(?!\/\/)/m)));
    });
    return [name, ...programs.map((file) => `${name}/${file}`)];
  });
}

const gallery = readFileSync(path.join(ROOT, 'docs/examples.md'), 'utf8');
for (const example of examples())
  if (!gallery.includes(`](../examples/${example})`))
    problems.push(`docs/examples.md: examples/${example} is not listed`);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else console.log(`docs: ${blocks.length} programs compile, links and lists of options are right`);
