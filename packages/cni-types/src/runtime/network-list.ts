import type { CniArgs } from '../cni-args.js';
import { CniError, errorCodes } from '../cni-error.js';
import { shown } from '../document-value.js';
import { checkContainerId, checkInterfaceName, checkNetworkName } from '../names.js';
import type { PluginConfig } from '../network-config.js';
import { describePlugin, isOn, type NetworkConfigList, versionOfList } from '../network-config-list.js';
import { checkOptions } from '../options.js';
import type { Result } from '../result.js';
import { atLeast, type CniVersion, type Diagnostic } from '../versions.js';
import {
  type AttachmentKey,
  type CachedAttachment,
  defaultCacheDir,
  listAttachments,
  readAttachment,
  rememberedNamespace,
  removeAttachment,
  resultAs,
  writeAttachment,
} from './attachment-cache.js';
import { NotAttachedError, SeveralCniErrors } from './errors.js';
import { type ExecutionOptions, getPluginVersions, invokePlugin } from './invoke-plugin.js';
import { namespaceIdentity } from './namespace-identity.js';
import { RUNTIME_OPTIONS } from './runtime-options.js';

/** How a network's plugins are run. */
export interface NetworkOptions extends ExecutionOptions {
  /** Where attachments are remembered between ADD and DEL, in libcni's format. Default `/var/lib/cni`. */
  cacheDir?: string;
  /** Is told what can be used but should be corrected, such as a version that was never released. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
}

/** A container's interface on a network. */
export interface AttachmentOptions extends NetworkOptions {
  containerId: string;
  /** The path of the container's namespace: `/run/netns/web`. */
  netns?: string;
  /** The interface's name in the container: `eth0`. */
  ifName: string;
  /** `CNI_ARGS`. */
  args?: CniArgs;
  /** Values for capabilities; a plugin gets those that it declares: `{ portMappings: […] }`. */
  capabilityArgs?: Readonly<Record<string, unknown>>;
}

/** An attachment that garbage collection leaves alone. */
export interface ValidAttachment {
  containerId: string;
  ifName: string;
}

/** What garbage collection needs to know. */
export interface GcOptions extends NetworkOptions {
  /** The attachments that are in use; all others of the network are deleted. */
  validAttachments: readonly ValidAttachment[];
}

function begin(list: NetworkConfigList, options: NetworkOptions, callee: string): CniVersion {
  checkOptions(options, callee, RUNTIME_OPTIONS);
  checkNetworkName(list.name);
  if (!Array.isArray(list.plugins) || list.plugins.length === 0)
    throw new CniError({
      code: errorCodes.invalidNetworkConfig,
      msg: `network ${shown(list.name)}: plugins: is empty: a network needs at least one plugin`,
      place: 'plugins',
    });
  const { version, diagnostic } = versionOfList(list);
  if (diagnostic !== undefined) options.onDiagnostic?.(diagnostic);
  return version;
}

function keyOf(list: NetworkConfigList, attachment: ValidAttachment): AttachmentKey {
  checkContainerId(attachment.containerId);
  checkInterfaceName(attachment.ifName);
  return { network: list.name, containerId: attachment.containerId, ifName: attachment.ifName };
}

/** The configuration of one plugin as it is run: the network's name and version, and what the runtime adds. */
function configFor(
  list: NetworkConfigList,
  plugin: PluginConfig,
  version: CniVersion,
  added: { prevResult?: object | undefined; capabilityArgs?: Readonly<Record<string, unknown>> | undefined },
): PluginConfig {
  const { capabilityArgs = {}, prevResult } = added;
  const runtimeConfig = Object.fromEntries(
    Object.entries(plugin.capabilities ?? {})
      .filter(([name, wanted]) => wanted && Object.hasOwn(capabilityArgs, name))
      .map(([name]) => [name, capabilityArgs[name]]),
  );
  return {
    ...plugin,
    name: list.name,
    cniVersion: version,
    ...(Object.keys(runtimeConfig).length > 0 ? { runtimeConfig } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

/** Runs one plugin's part; the error says which plugin it was and keeps its class and code. */
async function step<T>(list: NetworkConfigList, index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CniError) error.message = `${describePlugin(list, index)}: ${error.message}`;
    throw error;
  }
}

/** What every call for an attachment passes on. */
function callOf(
  options: AttachmentOptions,
): ExecutionOptions & Pick<AttachmentOptions, 'containerId' | 'ifName' | 'netns' | 'args'> {
  const { cacheDir: _cacheDir, onDiagnostic: _onDiagnostic, capabilityArgs: _capabilityArgs, ...call } = options;
  return call;
}

/**
 * Adds a container to a network: runs ADD of each plugin in order, each with the result of the one before, and
 * remembers the last result for CHECK and DEL.
 *
 * If a plugin fails, those before it have done their work: call {@link delNetworkList} to undo it.
 *
 * @returns the last plugin's result, in the network's version
 * @throws CniError as the plugin reported it, or as {@link invokePlugin} says; its message names network and plugin
 */
export async function addNetworkList(list: NetworkConfigList, options: AttachmentOptions): Promise<Result> {
  const version = begin(list, options, 'addNetworkList');
  const key = keyOf(list, options);
  if (!options.netns)
    throw new CniError({
      code: errorCodes.invalidEnvironmentVariables,
      msg: 'the path of the namespace (netns) is missing',
    });
  let result: Result | undefined;
  for (const [index, plugin] of list.plugins.entries()) {
    const config = configFor(list, plugin, version, { prevResult: result, capabilityArgs: options.capabilityArgs });
    result = await step(list, index, () => invokePlugin({ ...callOf(options), command: 'ADD', config }));
  }
  if (result === undefined) throw new TypeError('unreachable: a list has at least one plugin');
  const netnsIdentity = await namespaceIdentity(options.netns);
  await writeAttachment(options.cacheDir ?? defaultCacheDir, {
    ...key,
    ...(netnsIdentity === undefined ? {} : { netnsIdentity }),
    config: JSON.stringify(list),
    netns: options.netns,
    result,
    ...(options.args ? { args: options.args } : {}),
    ...(options.capabilityArgs ? { capabilityArgs: options.capabilityArgs } : {}),
  });
  return result;
}

/** What was remembered fills in what is not said again; a namespace only if it is still the same. */
async function withRemembered(
  options: AttachmentOptions,
  cached: CachedAttachment | undefined,
): Promise<AttachmentOptions> {
  if (cached === undefined) return options;
  const netns = options.netns ?? (await rememberedNamespace(cached));
  const args = options.args ?? cached.args;
  const capabilityArgs = options.capabilityArgs ?? cached.capabilityArgs;
  return {
    ...options,
    ...(netns === undefined ? {} : { netns }),
    ...(args === undefined ? {} : { args }),
    ...(capabilityArgs === undefined ? {} : { capabilityArgs }),
  };
}

/**
 * Checks that a container's attachment is as ADD left it: runs CHECK of each plugin in order. Nothing is run if the
 * list says `disableCheck`. What `options` leave out is taken from what ADD remembered.
 *
 * @throws CniError what the first complaining plugin reported; 1 if the network's version is older than CHECK
 * (0.4.0); NotAttachedError if the container was not added, or has been deleted
 */
export async function checkNetworkList(list: NetworkConfigList, options: AttachmentOptions): Promise<void> {
  const version = begin(list, options, 'checkNetworkList');
  const key = keyOf(list, options);
  if (!atLeast(version, '0.4.0'))
    throw new CniError({
      code: errorCodes.incompatibleCniVersion,
      msg: `network ${shown(list.name)} is of version ${version}, which has no CHECK: it came with 0.4.0`,
    });
  if (isOn(list.disableCheck)) return;
  const cached = await readAttachment(options.cacheDir ?? defaultCacheDir, key);
  const prevResult = resultAs(cached, version);
  if (prevResult === undefined)
    throw new NotAttachedError({
      code: errorCodes.unknownContainer,
      msg: `container ${shown(key.containerId)} is not attached to network ${shown(list.name)} with ${shown(key.ifName)}`,
      details: `no result of an ADD is remembered in ${options.cacheDir ?? defaultCacheDir}`,
    });
  const known = await withRemembered(options, cached);
  for (const [index, plugin] of list.plugins.entries()) {
    const config = configFor(list, plugin, version, { prevResult, capabilityArgs: known.capabilityArgs });
    await step(list, index, () => invokePlugin({ ...callOf(known), command: 'CHECK', config }));
  }
}

/**
 * Removes a container from a network: runs DEL of each plugin in reverse order and forgets the attachment. It may be
 * called again, and for what was never added. What `options` leave out is taken from what ADD remembered; the
 * remembered namespace only if it is still that namespace, for its path may be another's by now.
 *
 * A plugin that is missing or fails does not keep the others from being run.
 *
 * @throws CniError what a plugin reported, or SeveralCniErrors if more than one did; the attachment is still
 * remembered then, so that it can be tried again. The reason of `signal`, at once
 */
export async function delNetworkList(list: NetworkConfigList, options: AttachmentOptions): Promise<void> {
  const version = begin(list, options, 'delNetworkList');
  const key = keyOf(list, options);
  const cacheDir = options.cacheDir ?? defaultCacheDir;
  const cached = await readAttachment(cacheDir, key);
  // Older plugins do not expect it.
  const prevResult = atLeast(version, '0.4.0') ? previousResult(cached, version) : undefined;
  const known = await withRemembered(options, cached);
  const errors: Error[] = [];
  for (const [index, plugin] of [...list.plugins.entries()].reverse()) {
    const config = configFor(list, plugin, version, { prevResult, capabilityArgs: known.capabilityArgs });
    try {
      await step(list, index, () => invokePlugin({ ...callOf(known), command: 'DEL', config }));
    } catch (error) {
      if (options.signal?.aborted) throw error;
      errors.push(error as Error);
    }
  }
  throwIfAny(errors, `container ${shown(key.containerId)} cannot be removed from network ${shown(list.name)}`);
  await removeAttachment(cacheDir, key);
}

/** For DEL: what cannot be converted is left out, for plugins have to delete without it as well. */
function previousResult(cached: CachedAttachment | undefined, version: CniVersion): object | undefined {
  try {
    return resultAs(cached, version);
  } catch {
    return undefined;
  }
}

function throwIfAny(errors: readonly Error[], what: string): void {
  const [first, ...more] = errors;
  if (first !== undefined) throw more.length === 0 ? first : new SeveralCniErrors(what, errors);
}

/**
 * Collects garbage: deletes remembered attachments of the network that are not valid any more, then (from 1.1.0 on)
 * tells each plugin which ones are. Goes on after an error. Nothing is run if the list says `disableGC`.
 *
 * @throws CniError, or SeveralCniErrors if there was more than one
 */
export async function gcNetworkList(list: NetworkConfigList, options: GcOptions): Promise<void> {
  const version = begin(list, options, 'gcNetworkList');
  if (isOn(list.disableGC)) return;
  const { validAttachments, ...others } = options;
  const valid = new Set(validAttachments.map((attachment) => JSON.stringify(keyOf(list, attachment))));
  const errors: Error[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      errors.push(error as Error);
    }
  };
  for (const attachment of await listAttachments(options.cacheDir)) {
    const { network, containerId, ifName } = attachment;
    if (network !== list.name || valid.has(JSON.stringify({ network, containerId, ifName }))) continue;
    await attempt(() => delNetworkList(list, { ...others, containerId, ifName }));
  }
  if (atLeast(version, '1.1.0')) {
    const attachments = validAttachments.map(({ containerId, ifName }) => ({
      containerID: containerId,
      ifname: ifName,
    }));
    const { cacheDir: _cacheDir, onDiagnostic: _onDiagnostic, ...call } = others;
    for (const [index, plugin] of list.plugins.entries()) {
      const config = {
        ...configFor(list, plugin, version, {}),
        'cni.dev/valid-attachments': attachments,
        // The specification's first text had this name, and libcni passes both (containernetworking/cni issue 1101).
        'cni.dev/attachments': attachments,
      };
      await attempt(() => step(list, index, () => invokePlugin({ ...call, command: 'GC', config })));
    }
  }
  throwIfAny(errors, `garbage collection of network ${shown(list.name)}`);
}

/** What garbage collection of several networks needs to know. */
export interface GcNetworksOptions extends NetworkOptions {
  /** The attachments that are in use, of any of the networks. */
  validAttachments: readonly (ValidAttachment & { readonly network: string })[];
}

/**
 * Collects garbage of several networks, as {@link gcNetworkList} does for each. Attachments of networks that are not
 * among them stay.
 *
 * @throws CniError, or SeveralCniErrors if there was more than one
 */
export async function gcNetworks(lists: readonly NetworkConfigList[], options: GcNetworksOptions): Promise<void> {
  checkOptions(options, 'gcNetworks', RUNTIME_OPTIONS);
  const errors: Error[] = [];
  for (const list of lists) {
    const validAttachments = options.validAttachments.filter(({ network }) => network === list.name);
    try {
      await gcNetworkList(list, { ...options, validAttachments });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      errors.push(error as Error);
    }
  }
  throwIfAny(errors, `garbage collection of ${lists.length} networks`);
}

/**
 * Asks whether a network can take containers: runs STATUS of each plugin. Networks older than 1.1.0 have no STATUS
 * and count as ready.
 *
 * @throws CniError what the first plugin that is not ready reported: 50 it takes no ADD, 51 and containers may have
 * limited connectivity
 */
export async function statusNetworkList(list: NetworkConfigList, options: NetworkOptions = {}): Promise<void> {
  const version = begin(list, options, 'statusNetworkList');
  if (!atLeast(version, '1.1.0')) return;
  const { cacheDir: _cacheDir, onDiagnostic: _onDiagnostic, ...call } = options;
  for (const [index, plugin] of list.plugins.entries()) {
    const config = configFor(list, plugin, version, {});
    await step(list, index, () => invokePlugin({ ...call, command: 'STATUS', config }));
  }
}

/**
 * Checks, without touching anything, that a network can be run here: every plugin is there and speaks the network's
 * version.
 *
 * @returns the capabilities that its plugins declare
 * @throws CniError, or SeveralCniErrors if there was more than one
 */
export async function validateNetworkList(list: NetworkConfigList, options: NetworkOptions = {}): Promise<string[]> {
  const version = begin(list, options, 'validateNetworkList');
  const { cacheDir: _cacheDir, onDiagnostic: _onDiagnostic, ...call } = options;
  const errors: Error[] = [];
  const capabilities = new Set<string>();
  for (const [index, plugin] of list.plugins.entries()) {
    try {
      const { supportedVersions } = await step(list, index, () => getPluginVersions(plugin.type, call));
      if (!supportedVersions.includes(version))
        throw new CniError({
          code: errorCodes.incompatibleCniVersion,
          msg: `${describePlugin(list, index)} does not speak version ${version}`,
          details: `it speaks ${supportedVersions.join(', ')}`,
        });
    } catch (error) {
      errors.push(error as Error);
    }
    for (const [name, wanted] of Object.entries(plugin.capabilities ?? {})) if (wanted) capabilities.add(name);
  }
  throwIfAny(errors, `network ${shown(list.name)} cannot be run here`);
  return [...capabilities];
}

/** What is remembered of an attachment: configuration, result, arguments. `undefined` if it is not attached. */
export async function getCachedAttachment(
  list: Pick<NetworkConfigList, 'name'>,
  attachment: ValidAttachment & Pick<NetworkOptions, 'cacheDir'>,
): Promise<CachedAttachment | undefined> {
  const { containerId, ifName, cacheDir = defaultCacheDir } = attachment;
  checkNetworkName(list.name);
  checkContainerId(containerId);
  checkInterfaceName(ifName);
  return readAttachment(cacheDir, { network: list.name, containerId, ifName });
}
