import path from 'node:path';
import { type CniArgs, formatCniArgs } from '../cni-args.js';
import { CniError, errorCodes } from '../cni-error.js';
import { DocumentValue, shown } from '../document-value.js';
import type { PluginConfig } from '../network-config.js';
import { checkOptions } from '../options.js';
import { parseResult } from '../parse-result.js';
import type { Result } from '../result.js';
import { currentVersion, resolveVersion } from '../versions.js';
import { PluginFailedError, PluginOutputError, PluginSilentError, PluginTimeoutError } from './errors.js';
import { findPlugin, searchPath } from './find-plugin.js';
import { type Outcome, type PluginExecutor, runExecutable } from './run-executable.js';
import { RUNTIME_OPTIONS } from './runtime-options.js';

/** What a plugin can be asked to do. */
export type Command = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

/** How plugins are found and run. */
export interface ExecutionOptions {
  /** The directories to search for plugins; by default those of `CNI_PATH`, else the usual ones. */
  path?: string | readonly string[];
  /** How long a plugin may take, in milliseconds; 0 is without limit. Default 60,000. */
  timeout?: number;
  /** Ends a running plugin. */
  signal?: AbortSignal;
  /** The environment of the plugins beside the protocol's variables. Default: that of this process. */
  env?: NodeJS.ProcessEnv;
  /** Finds and runs plugins in another way: in a container, on another machine, in a test. */
  executor?: PluginExecutor;
  /** Is given what a plugin prints on its standard error. By default it is dropped if the plugin succeeds. */
  onStderr?: (text: string, type: string) => void;
}

/** One call of one plugin. */
export interface Invocation extends ExecutionOptions {
  command: Command;
  /** The name of the plugin's executable; by default the type that the configuration names. */
  type?: string;
  /** What is written to its standard input. */
  config: PluginConfig | Record<string, unknown>;
  containerId?: string;
  /** The path of the namespace. */
  netns?: string;
  ifName?: string;
  args?: CniArgs;
}

/** What a plugin answers to VERSION. */
export interface VersionInfo {
  cniVersion: string;
  supportedVersions: string[];
}

/** The answer to each command. */
export type Answer<C extends Command> = C extends 'ADD' ? Result : C extends 'VERSION' ? VersionInfo : undefined;

const childProcesses: PluginExecutor = { find: findPlugin, run: runExecutable };

/** A plugin's words in a message, on one line and cut short. */
function quoted(text: string): string {
  return shown(text.trim(), 500);
}

function ending({ code, signal }: Outcome): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

/** The error of a plugin that failed. */
function failure(who: string, outcome: Outcome, cniVersion: string | undefined): CniError {
  const { stdout, stderr } = outcome;
  if (stdout.trim() === '') {
    if (stderr.trim() === '')
      return new PluginSilentError({
        code: errorCodes.internal,
        msg: `${who} ${ending(outcome)} and without a word`,
        cniVersion,
      });
    return new PluginFailedError({
      code: errorCodes.internal,
      msg: `${who} ${ending(outcome)}`,
      details: `it said ${quoted(stderr)}`,
      cniVersion,
    });
  }
  try {
    const document = DocumentValue.parse(stdout, { what: 'error', code: errorCodes.decodingFailure });
    const details = document.object().at('details');
    const declared = document.at('cniVersion');
    return new CniError({
      code: document.at('code').integer(0),
      msg: document.at('msg').string(),
      details: details.present ? details.string() : undefined,
      cniVersion: declared.present ? declared.string() : cniVersion,
    });
  } catch (cause) {
    return new PluginOutputError({
      code: errorCodes.decodingFailure,
      msg: `${who} ${ending(outcome)} and printed something other than an error document`,
      details: `it printed ${quoted(stdout)}${stderr.trim() === '' ? '' : ` and said ${quoted(stderr)}`}`,
      cniVersion,
      cause,
    });
  }
}

function readVersionInfo(stdout: string): VersionInfo {
  const document = DocumentValue.parse(stdout, { what: 'version', code: errorCodes.decodingFailure });
  const declared = document.object().at('cniVersion');
  const cniVersion = declared.string();
  if (cniVersion === '') declared.fail('must not be empty');
  const supported = document.at('supportedVersions');
  if (supported.present && supported.list().length > 0)
    return { cniVersion, supportedVersions: supported.list().map((version) => version.string()) };
  // 0.2.0 had the command first, and its plugins need not list what they speak: that is 0.1.0 and 0.2.0.
  if (cniVersion === '0.2.0') return { cniVersion, supportedVersions: ['0.1.0', '0.2.0'] };
  return supported.fail('is missing (a list)');
}

/**
 * Runs one plugin once, by the protocol, and returns its answer: a result for ADD, the versions for VERSION, nothing
 * for the rest. What the plugin is given is what is said here; lists, caches and capabilities are the business of
 * `addNetworkList` and its siblings.
 *
 * @throws CniError what the plugin reported, with its code; PluginNotFoundError, PluginTimeoutError,
 * PluginSilentError, PluginFailedError or PluginOutputError if it could not be run, or broke the protocol
 */
export async function invokePlugin<C extends Command>(invocation: Invocation & { command: C }): Promise<Answer<C>> {
  return (await invoke(invocation)) as Answer<C>;
}

async function invoke(invocation: Invocation): Promise<Result | VersionInfo | undefined> {
  checkOptions(invocation, 'invokePlugin', RUNTIME_OPTIONS);
  const { command, config, timeout = 60_000, signal } = invocation;
  const type = invocation.type ?? (config as { type?: unknown } | undefined)?.type;
  if (typeof type !== 'string')
    throw new CniError({ code: errorCodes.invalidNetworkConfig, msg: 'the plugin has no type', place: 'type' });
  const directories = searchPath(invocation.path);
  const { executor = childProcesses } = invocation;
  signal?.throwIfAborted();
  const file = await executor.find(type, directories);
  const declared = (config as { cniVersion?: unknown } | undefined)?.cniVersion;
  const cniVersion = typeof declared === 'string' ? declared : undefined;
  const who = `the plugin ${shown(type)} (${command})`;
  // Plugins from the time before VERSION want the variables of ADD, whatever the command: libcni gives them these.
  const dummy = command === 'VERSION' ? 'dummy' : '';

  let outcome: Outcome;
  try {
    outcome = await executor.run(file, {
      env: {
        ...(invocation.env ?? process.env),
        CNI_COMMAND: command,
        CNI_CONTAINERID: invocation.containerId ?? dummy,
        CNI_NETNS: invocation.netns ?? dummy,
        CNI_IFNAME: invocation.ifName ?? dummy,
        CNI_ARGS: formatCniArgs(invocation.args ?? {}),
        CNI_PATH: directories.join(path.delimiter),
      },
      stdin: JSON.stringify(config),
      timeout,
      signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new PluginFailedError({
      code: errorCodes.internal,
      msg: `${who} could not be started: ${(cause as Error).message}`,
      cniVersion,
      cause,
    });
  }
  if (outcome.stderr !== '') invocation.onStderr?.(outcome.stderr, type);
  if (outcome.killedFor === 'abort') throw signal?.reason;
  if (outcome.killedFor === 'timeout')
    throw new PluginTimeoutError({
      code: errorCodes.tryAgainLater,
      msg: `${who} had not ended after ${timeout} ms and was killed`,
      details: outcome.stderr.trim() === '' ? undefined : `it said ${quoted(outcome.stderr)}`,
      cniVersion,
    });
  if (outcome.killedFor === 'output')
    throw new PluginOutputError({ code: errorCodes.ioFailure, msg: `${who} printed without end and was killed` });
  if (outcome.code !== 0) throw failure(who, outcome, cniVersion);
  if (command !== 'ADD' && command !== 'VERSION') return undefined;
  if (outcome.stdout.trim() === '')
    throw new PluginSilentError({
      code: errorCodes.decodingFailure,
      msg: `${who} succeeded, but printed no ${command === 'ADD' ? 'result' : 'versions'}`,
      cniVersion,
    });
  try {
    if (command === 'VERSION') return readVersionInfo(outcome.stdout);
    // A result without a version has that of its configuration (containernetworking/cni issue 895).
    return parseResult(outcome.stdout, { version: resolveVersion(cniVersion).version });
  } catch (cause) {
    throw new PluginOutputError({
      code: errorCodes.decodingFailure,
      msg: `${who} printed something other than a ${command === 'ADD' ? 'result' : 'version document'}: ${(cause as Error).message}`,
      details: `it printed ${quoted(outcome.stdout)}`,
      cniVersion,
      cause,
    });
  }
}

/**
 * The versions that a plugin supports. One that does not know the command is from the time before it, 0.1.0.
 *
 * @throws as {@link invokePlugin}
 */
export async function getPluginVersions(type: string, options: ExecutionOptions = {}): Promise<VersionInfo> {
  checkOptions(options, 'getPluginVersions', RUNTIME_OPTIONS);
  try {
    return await invokePlugin({ ...options, command: 'VERSION', type, config: { cniVersion: currentVersion } });
  } catch (error) {
    if (error instanceof CniError && error.msg === 'unknown CNI_COMMAND: VERSION')
      return { cniVersion: '0.1.0', supportedVersions: ['0.1.0'] };
    throw error;
  }
}
