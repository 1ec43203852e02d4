#!/usr/bin/env node
// What happens at the limits of the system: a table of checks, printed, and compared with docs/limits.md.
//
//   npx -y pnpm@10 limits [--write] [--only TEXT] [--full]
//
// --write writes the document, --full makes 4,096 namespaces instead of 512.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LIMITS } from './limits.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const DOCUMENT = here('../../docs/limits.md');
const MAX_LIMIT_MS = 240_000;
/** With all namespaces. */
const MAX_FULL_MS = 1_200_000;
/** `start.sh` cannot make the limit here. */
const IMPOSSIBLE = 77;

const args = process.argv.slice(2).filter((word) => word !== '--');
const option = (name) => args.includes(name);
const only = option('--only') ? args[args.indexOf('--only') + 1] : undefined;

let passed = 0;
let failed = 0;
const expected = (outcome, says) => (outcome === 'works' ? 'works' : `\`${outcome}\`; the error says \`${says}\``);

async function check(index) {
  const { title, start, checks } = LIMITS[index];
  const [limit, ...rest] = start.split(' ');
  const child = spawn(
    'unshare',
    [
      '--net',
      '--mount',
      '--propagation',
      'private',
      'sh',
      here('start.sh'),
      limit,
      rest.join(' '),
      '--',
      process.execPath,
      here('child.mjs'),
      String(index),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: option('--full') ? MAX_FULL_MS : MAX_LIMIT_MS,
      env: { ...process.env, LIMITS_FULL: option('--full') ? '1' : '' },
      killSignal: 'SIGKILL',
    },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-2000);
  });
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  const results = [];
  for await (const line of createInterface({ input: child.stdout })) {
    try {
      results.push(JSON.parse(line));
    } catch {
      // What a library prints.
    }
  }
  const ended = await closed;
  console.log(`\n${title}`);
  if (ended === IMPOSSIBLE) {
    console.log(`  left out: it cannot be had here: ${errors.trim()}`);
    return;
  }
  for (const [at, [does, , outcome, says]] of checks.entries()) {
    const result = results[at];
    const right =
      result?.does === does && result.outcome === outcome && (says === undefined || result.message.includes(says));
    if (right) passed += 1;
    else failed += 1;
    console.log(
      `  ${right ? 'ok    ' : 'FAILED'} ${does}: ${result === undefined ? `not reached: the process ended with ${ended}: ${errors.trim()}` : `${result.outcome}${result.message ? `: ${result.message}` : ''}`}`,
    );
    if (!right && result !== undefined) console.log(`         expected: ${expected(outcome, says)}`);
  }
}

const NO_USER_NAMESPACES = 'No user namespaces, and not root';
const SANDBOX_SAYS = 'user.max_user_namespaces';

/** What an ordinary user is told where neither kind of namespace can be had: by the sandbox, the first thing they meet. */
function checkNoUserNamespaces() {
  const script =
    'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all -- "$@"';
  const sandbox = [process.execPath, here('../sandbox/sandbox.mjs'), '--', 'true'];
  const { status, stderr } = spawnSync('unshare', ['--user', '--map-root-user', 'sh', '-c', script, 'sh', ...sandbox], {
    encoding: 'utf8',
    env: { ...process.env, NETNS_SANDBOX: '' },
    timeout: 60_000,
  });
  const right = status === 125 && stderr.includes(SANDBOX_SAYS);
  if (right) passed += 1;
  else failed += 1;
  console.log(
    `\n${NO_USER_NAMESPACES}\n  ${right ? 'ok    ' : 'FAILED'} a sandboxed command: ended with ${status}: ${stderr.trim().slice(0, 600)}`,
  );
}

function documentText() {
  const lines = [
    '# Limits',
    '',
    'What happens where the system says no. `npx -y pnpm@10 limits` checks every line of this page, and that the page has all of them (`--write` writes it).',
    '',
  ];
  for (const { title, checks } of LIMITS) {
    lines.push(`## ${title}`, '', '| what | how it ends |', '| --- | --- |');
    for (const [does, , outcome, says] of checks) lines.push(`| ${does} | ${expected(outcome, says)} |`);
    lines.push('');
  }
  lines.push(
    `## ${NO_USER_NAMESPACES}`,
    '',
    '| what | how it ends |',
    '| --- | --- |',
    `| tests, demo and everything else that runs in \`tools/sandbox\` | exit code 125; the error says \`${SANDBOX_SAYS}\` and the command that allows them |`,
    '',
  );
  return lines.join('\n');
}

for (const [index, { title }] of LIMITS.entries()) if (only === undefined || title.includes(only)) await check(index);

if (only === undefined || NO_USER_NAMESPACES.includes(only)) checkNoUserNamespaces();

const text = documentText();
if (option('--write')) writeFileSync(DOCUMENT, text);
let written = '';
try {
  written = readFileSync(DOCUMENT, 'utf8');
} catch {
  // It is compared as empty.
}
if (written === text) passed += 1;
else {
  failed += 1;
  console.log('\nFAILED docs/limits.md is not what is checked here: `npx -y pnpm@10 limits --write` writes it');
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
