#!/usr/bin/env node
// Runs a command in network and mount namespaces of its own, so that tests, demo and benchmarks never touch the
// host's network and leave nothing behind:
//
//   node tools/sandbox/sandbox.mjs -- vitest run
//
// As root, or without: an ordinary user gets a user namespace as well. Inside, /run is empty, /etc can be written to
// (an overlay that goes with the sandbox) and `lo` is up. Signals are passed in, the exit code is passed out, and
// whatever the command leaves running is ended.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SandboxFailure } from './failure.mjs';
import { checkInside, namespacesOf, unshareFlags } from './namespaces.mjs';
import { prepareSandbox } from './prepare.mjs';
import { endStragglers, HeldMountNamespace, SANDBOX_ID } from './stragglers.mjs';

const SELF = fileURLToPath(import.meta.url);
const ROOT = path.resolve(path.dirname(SELF), '../..');
/** The namespaces outside, so that the inner half can prove that it is not in them. */
const OUTSIDE = 'NETNS_SANDBOX_OUTSIDE';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** Runs a command with our stdio and signals, and resolves to how it ended. */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on('error', (error) => {
      process.stderr.write(`sandbox: cannot start ${command}: ${error.message}\n`);
      resolve({ code: error.code === 'ENOENT' ? 127 : 126, signal: null });
    });
    child.on('close', (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      resolve({ code, signal });
    });
  });
}

/** Ends as the command ended: with its code, or by its signal. */
function endAs({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
  // A signal that does not end us (one that Node handles) still has to end in the shell's notation.
  setTimeout(() => process.exit(128 + (osConstants.signals[signal] ?? 0)), 100);
}

async function inner(command) {
  checkInside(process.env[OUTSIDE]);
  prepareSandbox();
  const env = { ...process.env };
  delete env[OUTSIDE];
  const outcome = await run(command[0], command.slice(1), env);
  await endStragglers(process.env[SANDBOX_ID], new HeldMountNamespace('self'));
  endAs(outcome);
}

async function outer(command) {
  if (process.platform !== 'linux')
    throw new SandboxFailure(`network namespaces are a feature of Linux; this is ${process.platform}.`);
  const env = { ...process.env };
  env.PATH = `${path.join(ROOT, 'node_modules/.bin')}${path.delimiter}${path.dirname(process.execPath)}${path.delimiter}${env.PATH ?? ''}`;
  // Sandboxes nest: what runs inside one needs no second one.
  if (env[SANDBOX_ID]) return endAs(await run(command[0], command.slice(1), env));
  env[SANDBOX_ID] = randomUUID();
  env[OUTSIDE] = namespacesOf();
  return endAs(await run('unshare', [...unshareFlags(), process.execPath, SELF, '--inner', '--', ...command], env));
}

async function main() {
  const argv = process.argv.slice(2);
  const insideHalf = argv[0] === '--inner';
  const rest = insideHalf ? argv.slice(1) : argv;
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  if (command.length === 0) throw new SandboxFailure('usage: sandbox.mjs -- command [argument …]');
  try {
    accessSync('/proc/self/ns/net', constants.R_OK);
  } catch {
    throw new SandboxFailure('/proc is not mounted, or this kernel has no network namespaces.');
  }
  await (insideHalf ? inner(command) : outer(command));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SandboxFailure)) throw error;
  process.stderr.write(`sandbox: ${error.message}\n`);
  process.exit(125);
}
