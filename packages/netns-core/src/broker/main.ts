#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkKnownOptions, checkOptionsObject } from '../checks/index.js';
import { checkSocketPath } from '../socket/broker-protocol.js';
import { requireFrom } from '../sys/require-from.js';
import { type BrokerDecision, startBroker } from './broker.js';
import { type BrokerPolicy, Policy } from './policy.js';
import { keepOnly } from './privileges.js';

const USAGE = `Usage: netns-broker --config <file> [--check]
       netns-broker --version

Makes sockets in network namespaces for processes without privileges.

  --config <file>  JSON: { "path": "/run/netns-broker/socket", "policy": { "rules": [ … ] }, "log": "all" }
                   log is "all" (the default), "denied" or "none"
  --check          checks the file, and does not start
`;

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
  keepOnly(capabilities);
  const controller = new AbortController();
  const broker = await startBroker({
    path,
    policy,
    signal: controller.signal,
    logger: (decision) => {
      if (log === 'all' || (log === 'denied' && decision.decision !== 'granted')) write(decision);
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void broker.close());
}

function write(decision: BrokerDecision): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...decision })}\n`);
}

function readConfig(file: string): Config {
  const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
  checkOptionsObject(config, file);
  checkKnownOptions(config, { callee: file, noun: 'property', names: ['path', 'policy', 'log'] });
  const { log = 'all' } = config as { log?: unknown };
  if (log !== 'all' && log !== 'denied' && log !== 'none') throw new Error('log must be "all", "denied" or "none"');
  return config as Config;
}

main().catch((error: unknown) => {
  process.stderr.write(`netns-broker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
