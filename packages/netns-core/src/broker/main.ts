#!/usr/bin/env node
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkKnownOptions, checkOptionsObject } from '../checks/index.js';
import { checkSocketPath } from '../socket/broker-protocol.js';
import { requireFrom } from '../sys/require-from.js';
import { passedSocket } from './activation.js';
import { type BrokerDecision, startBroker } from './broker.js';
import { type BrokerPolicy, Policy } from './policy.js';
import { keepOnly } from './privileges.js';

const USAGE = `Usage: netns-broker --config <file> [--check]
       netns-broker --version

Makes sockets in network namespaces for processes without privileges. It listens on the socket that systemd passes
(LISTEN_FDS), or else makes one.

  --config <file>  JSON: { "path": "/run/netns-broker/socket", "policy": { "rules": [ … ] }, "log": "all" }
                   log is "all" (the default), "denied" or "none"
  --check          checks the file, and does not start
`;

/** How much of the log may wait for its reader; what comes then is lost. */
const MAX_UNREAD_LOG_BYTES = 1_048_576;
/** `<linux/stat.h>` */
const S_IWOTH = 0o002;

interface Config {
  readonly path: string;
  readonly policy: BrokerPolicy;
  readonly log?: 'all' | 'denied' | 'none';
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      check: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.version) {
    const manifest = requireFrom(import.meta.url)('../package.json') as { version: string };
    process.stdout.write(`${manifest.version}\n`);
    return;
  }
  if (values.config === undefined) throw new Error(`--config is missing\n\n${USAGE}`);
  const { path, policy, log = 'all' } = readConfig(values.config);
  checkSocketPath(path);
  const { capabilities } = new Policy(policy);
  if (values.check) return;
  const fd = passedSocket(process.env, process.pid);
  keepOnly(capabilities, fd);
  // What cannot be written (its reader has ended, the disk is full) is lost. Otherwise clients, whose requests are what
  // fills a log, could end the broker.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const controller = new AbortController();
  const broker = await startBroker({
    path,
    fd,
    policy,
    signal: controller.signal,
    logger: (decision) => {
      if (log === 'all' || (log === 'denied' && decision.decision !== 'granted')) write(decision);
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void broker.close());
}

function write(decision: BrokerDecision): void {
  // A reader that does not read would fill the memory with what clients do.
  if (process.stdout.writableLength < MAX_UNREAD_LOG_BYTES)
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...decision })}\n`);
}

function readConfig(file: string): Config {
  const config: unknown = parse(file, readTrusted(file));
  checkOptionsObject(config, file);
  checkKnownOptions(config, { callee: file, noun: 'property', names: ['path', 'policy', 'log'] });
  const { log = 'all' } = config as { log?: unknown };
  if (log !== 'all' && log !== 'denied' && log !== 'none') throw new Error('log must be "all", "denied" or "none"');
  return config as Config;
}

/** @throws Error for a file that every user may change, since it decides what each of them gets */
function readTrusted(file: string): string {
  const fd = openSync(file, 'r');
  try {
    if ((fstatSync(fd).mode & S_IWOTH) !== 0)
      throw new Error(
        `${file} may be written by every user: take that away (chmod o-w), since it says who gets sockets`,
      );
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`netns-broker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
