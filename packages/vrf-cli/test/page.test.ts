import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { createProgram } from '../src/program.ts';

const PAGE = readFileSync(new URL('../../../docs/reference/vrf-cli.md', import.meta.url), 'utf8');
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The sections of the page by the fragment of their heading. */
const sections = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')).toLowerCase().replaceAll(' ', '-'), text]),
);

/** Each command has these, and their sections are not linked everywhere. */
const COMMON = 'common-options';

/** The lines about options in a section and in those that its line of options links to, by their flags. */
function linesOf(id: string): Map<string, string> {
  const text = sections.get(id) ?? '';
  const linked = [...(/^Options: .*$/m.exec(text)?.[0] ?? '').matchAll(/\]\(#([\w-]+)\)/g)].map(([, to]) => to ?? '');
  const bullets = [...text.matchAll(/^\* `(-[^`]*)`: (.*)$/gm)].map(
    ([, flags = '', rest = '']) => [flags, rest] as const,
  );
  return new Map([...bullets, ...linked.flatMap((to) => [...linesOf(to)])]);
}

const program = createProgram();
const commands = program.commands.filter((command) => command.name() !== 'completion-names');

/** An option's default as the help prints it. */
function defaultOf({ defaultValue, defaultValueDescription, negate }: Option): string | undefined {
  if (negate || defaultValue === undefined) return undefined;
  return defaultValueDescription ?? String(defaultValue);
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

describe('the page of vrf-cli', () => {
  it('has a section for each command of the program, and for no other', () => {
    const named = [...sections.keys()].filter((id) => id.startsWith('vrf-'));
    expect(named).toEqual(commands.map((command) => `vrf-${command.name()}`));
  });

  it.each(commands.map((command) => ({ name: command.name(), command })))(
    'has the synopsis, all options and an example of vrf $name, and no option that it lacks',
    ({ name, command }) => {
      const id = `vrf-${name}`;
      expect(sections.get(id)).toContain(`\n\`\`\`text\nvrf ${name} ${command.usage()}\n\`\`\`\n`);
      expect(sections.get(id)).toMatch(new RegExp(`^\`\`\`sh\\n(.*\\n)*?.*vrf ${name}\\b`, 'm'));
      const lines = new Map([...linesOf(id), ...linesOf(COMMON)]);
      const options = optionsOf(command);
      expect([...lines.keys()].sort()).toEqual(options.map(({ flags }) => flags).sort());
      for (const option of options) {
        const value = defaultOf(option);
        if (value !== undefined) expect(lines.get(option.flags)).toContain(`**Default**: \`${value}\``);
        for (const choice of option.argChoices ?? []) expect(lines.get(option.flags)).toContain(`\`${choice}\``);
      }
    },
  );

  it('has the exit codes of the program, as its README has them', () => {
    const rows = EXIT_CODES.map(({ code, commands = '', check = '' }) => `| ${code} | ${commands} | ${check} |`);
    const table = ['| exit code | commands | `vrf check` |', '| --- | --- | --- |', ...rows].join('\n');
    for (const text of [PAGE, README]) expect(text).toContain(`\n\n${table.replaceAll('|  |', '| |')}\n\n`);
  });

  it('describes the output of each command with --json', () => {
    for (const command of commands) {
      const printsJson = command.options.some(({ long }) => long === '--json');
      expect(/^JSON: /m.test(sections.get(`vrf-${command.name()}`) ?? ''), command.name()).toBe(printsJson);
    }
  });
});
