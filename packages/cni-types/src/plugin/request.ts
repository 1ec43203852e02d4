import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type CniArgs, parseCniArgs } from '../cni-args.js';
import { CniError, errorCodes } from '../cni-error.js';
import { DocumentValue, shown } from '../document-value.js';
import { checkContainerId, checkInterfaceName, checkNetworkName } from '../names.js';
import { type NetworkConfig, parseNetworkConfig } from '../network-config.js';
import { parseResult } from '../parse-result.js';
import type { Result } from '../result.js';
import { invokePlugin } from '../runtime/invoke-plugin.js';
import { atLeast, type CniVersion, resolveVersion, versionIfUndeclared } from '../versions.js';
import { type RuntimeConfig, readRuntimeConfig } from './runtime-config.js';

/** The commands that come with a configuration. */
export type ConfiguredCommand = 'ADD' | 'CHECK' | 'DEL' | 'GC' | 'STATUS';

/** An attachment that garbage collection must leave alone, as the protocol writes it. */
export interface GcAttachment {
  containerID: string;
  ifname: string;
}

/** What another plugin is asked, where it is not what this one is. */
export interface DelegateOptions {
  command?: ConfiguredCommand;
  config?: NetworkConfig;
}

/** What a plugin is asked: the environment and the standard input, read and checked. */
export interface PluginRequest extends RuntimeConfig {
  readonly command: ConfiguredCommand;
  /** `''` for GC and STATUS, which are about no container. */
  readonly containerId: string;
  /** The path of the namespace; `''` for GC and STATUS, and where DEL is called without one. */
  readonly netns: string;
  /** `''` for GC and STATUS. */
  readonly ifName: string;
  readonly args: CniArgs;
  /** The directories to search for other plugins. */
  readonly path: readonly string[];
  /** The configuration, as it came. */
  readonly config: NetworkConfig;
  /** The version to answer in. */
  readonly cniVersion: CniVersion;
  /** The result of the plugin before (ADD), or that of ADD (CHECK, DEL). */
  readonly prevResult?: Result;
  /** What is in use and must stay (GC). */
  readonly validAttachments: readonly GcAttachment[];
  /**
   * Runs another plugin, an IPAM plugin in most cases, with the same command, environment and configuration, as the
   * specification's section 4 wants; `{ command: 'DEL' }` takes an ADD back that cannot be completed. Its result, if
   * the command is ADD, is in its own form and version.
   *
   * @throws CniError what it reported, or as `invokePlugin` says
   */
  delegate(type: string, options?: DelegateOptions): Promise<Result | undefined>;
}

/** Which variables each command cannot do without (SPEC 1.1.0, section 2). */
const REQUIRED: Readonly<Record<ConfiguredCommand, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  GC: ['CNI_PATH'],
  STATUS: [],
};

/** Whether it is a command that comes with a configuration. */
export function isConfiguredCommand(command: string): command is ConfiguredCommand {
  return Object.hasOwn(REQUIRED, command);
}

/** The error about all the missing variables at once. */
export function missingVariables(names: readonly string[]): CniError {
  return new CniError({
    code: errorCodes.invalidEnvironmentVariables,
    msg: `required env variables [${names.join(',')}] missing`,
  });
}

/** Complains about all missing variables at once. */
export function checkEnvironment(command: ConfiguredCommand, env: NodeJS.ProcessEnv): void {
  const missing = REQUIRED[command].filter((name) => !env[name]);
  if (missing.length > 0) throw missingVariables(missing);
  if (command === 'GC' || command === 'STATUS') return;
  checkContainerId(env.CNI_CONTAINERID ?? '');
  checkInterfaceName(env.CNI_IFNAME ?? '');
}

function readValidAttachments(config: NetworkConfig): GcAttachment[] {
  const document = DocumentValue.parse(config, {
    what: 'network configuration',
    code: errorCodes.invalidNetworkConfig,
  });
  // The specification's first text had the second name (containernetworking/cni issue 1101).
  const value = ['cni.dev/valid-attachments', 'cni.dev/attachments']
    .map((key) => document.at(key))
    .find((candidate) => candidate.present);
  if (value === undefined)
    throw new CniError({
      code: errorCodes.invalidNetworkConfig,
      msg: '["cni.dev/valid-attachments"]: is missing: without it, GC cannot tell what is in use',
    });
  return value.list().map((attachment) => ({
    containerID: attachment.object().at('containerID').string(),
    ifname: attachment.at('ifname').string(),
  }));
}

/**
 * Refuses a container that is this process's own namespace: ADD would turn the host's network inside out, DEL would
 * delete the host's own interface (the path may be that of a process whose id was reused). What is not a file here is
 * the plugin's to judge, for the specification says only that it names an isolation domain.
 */
async function checkNamespace(netns: string): Promise<void> {
  const [container, own] = await Promise.all(
    [netns, '/proc/thread-self/ns/net'].map((file) => stat(file, { bigint: true }).catch(() => undefined)),
  );
  if (container !== undefined && own !== undefined && own.dev === container.dev && own.ino === container.ino)
    throw new CniError({
      code: errorCodes.invalidNetns,
      msg: `the container's namespace ${shown(netns)} is the one that the plugin itself is in`,
      details: 'set CNI_NETNS_OVERRIDE=1 if that is what you want',
    });
}

/** The oldest version that has the command. */
const SINCE: Readonly<Record<ConfiguredCommand, CniVersion>> = {
  ADD: '0.1.0',
  DEL: '0.1.0',
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
};

/** The version that a configuration declares; it is looked at before all else, for it says how to read the rest. */
function readVersion(stdin: string): string | undefined {
  const document = DocumentValue.parse(stdin, { what: 'network configuration', code: errorCodes.decodingFailure });
  const version = document.object().at('cniVersion');
  return version.present ? version.string() : undefined;
}

function incompatible(declared: string | undefined, spoken: readonly CniVersion[]): CniError {
  return new CniError({
    code: errorCodes.incompatibleCniVersion,
    msg: 'incompatible CNI versions',
    details: `config is ${shown(declared ?? versionIfUndeclared)}, plugin supports ${JSON.stringify(spoken)}`,
  });
}

function resolve(declared: string | undefined, spoken: readonly CniVersion[]): CniVersion {
  try {
    return resolveVersion(declared).version;
  } catch {
    throw incompatible(declared, spoken);
  }
}

function checkCommand(command: ConfiguredCommand, version: CniVersion): void {
  if (!atLeast(version, SINCE[command]))
    throw new CniError({
      code: errorCodes.incompatibleCniVersion,
      msg: `config version does not allow ${command}`,
      details: `config is "${version}", ${command} came with ${SINCE[command]}`,
    });
}

/**
 * Reads what a plugin is asked, from its environment and standard input.
 *
 * @param spoken the versions that the plugin speaks
 * @param onVersion is called with the version to answer in, as soon as it is known
 */
export async function readRequest(
  command: ConfiguredCommand,
  env: NodeJS.ProcessEnv,
  stdin: string,
  spoken: readonly CniVersion[],
  onVersion: (version: CniVersion) => void,
): Promise<PluginRequest> {
  checkEnvironment(command, env);
  const declared = readVersion(stdin);
  const version = resolve(declared, spoken);
  onVersion(version);
  if (!spoken.includes(version)) throw incompatible(declared, spoken);
  checkCommand(command, version);
  const config = parseNetworkConfig(stdin);
  checkNetworkName(config.name ?? '');
  const netns = env.CNI_NETNS ?? '';
  if ((command === 'ADD' || command === 'DEL') && !/^(1|true)$/i.test(env.CNI_NETNS_OVERRIDE ?? ''))
    await checkNamespace(netns);
  const args = parseCniArgs(env.CNI_ARGS ?? '');
  const containerId = env.CNI_CONTAINERID ?? '';
  const ifName = env.CNI_IFNAME ?? '';
  const directories = (env.CNI_PATH ?? '').split(path.delimiter).filter((directory) => directory !== '');
  return {
    command,
    containerId,
    netns,
    ifName,
    args,
    path: directories,
    config,
    ...readRuntimeConfig(config),
    cniVersion: version,
    ...(config.prevResult ? { prevResult: parseResult(config.prevResult, { version }) } : {}),
    validAttachments: command === 'GC' ? readValidAttachments(config) : [],
    delegate: (type, options = {}) =>
      invokePlugin({
        command: options.command ?? command,
        type,
        config: options.config ?? config,
        containerId,
        netns,
        ifName,
        args,
        path: directories,
        env,
        timeout: 0,
      }),
  };
}
