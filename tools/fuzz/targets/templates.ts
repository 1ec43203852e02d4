import { shellQuote } from 'go-template';
import { NetnsError } from 'netns-core';
import { renderTemplate } from '../../../packages/neslink/src/script/template.ts';
import { type Target, Violation } from '../target.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const DATA = {
  Name: "it's",
  Count: 3,
  Nothing: null,
  List: ['a', 'b', 'c'],
  Object: { Inner: { Deep: 7 }, Text: 'x' },
  Map: new Map<string, unknown>([['k', 'v']]),
  Yes: true,
  Big: 2 ** 40,
};

/** Splits a shell word as a POSIX shell would, single quotes and backslashes; for what `shellQuote` makes. */
function unquoted(word: string): string {
  let text = '';
  let quoted = false;
  for (let at = 0; at < word.length; at += 1) {
    const character = word[at] ?? '';
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === '\\') {
      at += 1;
      text += word[at] ?? '';
    } else if (!quoted) throw new Violation(`${JSON.stringify(character)} stands outside of quotes`);
    else text += character;
  }
  return text;
}

export const templates: Target = {
  name: 'templates',
  dictionary: [
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{/*',
    '*/}}',
    '.',
    '$',
    '$x',
    ':=',
    '=',
    '|',
    '(',
    ')',
    ',',
    'if ',
    'else',
    'else if ',
    'end',
    'range ',
    'with ',
    'define "a"',
    'template "a"',
    'block "a" .',
    'break',
    'continue',
    'printf "%d %q %x %*d"',
    'print',
    'println',
    'len ',
    'index ',
    'slice ',
    'eq ',
    'ne ',
    'lt ',
    'and ',
    'or ',
    'not ',
    'call ',
    'json ',
    'join ',
    'shellQuote',
    '.Name',
    '.Count',
    '.List',
    '.Object.Inner.Deep',
    '.Map.k',
    '.Missing',
    '"\\x41\\u00e9\\777"',
    '`raw`',
    "'c'",
    '1e400',
    '0x1p-2',
    '-0',
    '1_000',
    'nil',
    'true',
    '%!',
    '%v',
    '%99999999d',
    '.constructor',
    '.__proto__',
  ],
  seeds: () =>
    [
      'echo {{.Name | shellQuote}} {{ printf "%05d|%-4s|%q|%x" .Count .Name .Name .Count }}\n',
      '{{range $i, $e := .List}}{{if $i}}, {{end}}{{$e}}{{else}}none{{end}}',
      '{{with .Object}}{{.Inner.Deep}}{{else with .Map}}{{.k}}{{end}}{{- /* c */ -}} {{define "a"}}[{{.}}]{{end}}{{template "a" .Name}}',
      '{{range .List}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{break}}{{end}}{{block "b" .Count}}{{.}}{{end}}',
      '{{$x := 1}}{{$x = len .List}}{{if and (gt $x 2) (not .Nothing) (or .Yes false)}}{{index .List 0}}{{slice .Name 1 2}}{{end}}',
      '{{json .Object}} {{join .List ","}} {{print 1 "a" true}} {{println `raw`}}{{ "\\"\\n\\x41" }}',
      '{{range 3}}{{.}}{{end}}',
    ].map((text) => encoder.encode(text)),
  run(input) {
    const text = decoder.decode(input);
    let shape: string;
    try {
      const output = renderTemplate(text, DATA);
      shape = `${output.length > 0}${[...new Set(text.match(/\{\{-?\s*[a-z]+/g) ?? [])].sort().join()}`;
    } catch (error) {
      if (!(error instanceof NetnsError)) throw error;
      shape = error.message.replace(/"[^"]*"|\d+|[^ -~]+/g, '').slice(0, 60);
    }
    if (!text.includes('\0') && unquoted(shellQuote(text)) !== text)
      throw new Violation('shellQuote is not what a shell reads');
    return shape;
  },
};
