import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CniArgs } from '../cni-args.js';
import { CniError, errorCodes } from '../cni-error.js';
import { convertResult } from '../convert-result.js';
import { parseResult } from '../parse-result.js';
import type { Result } from '../result.js';
import type { CniVersion } from '../versions.js';
import { type NamespaceIdentity, namespaceIdentity } from './namespace-identity.js';

/** Where libcni keeps what it knows of attachments, in the folder `results`. */
export const defaultCacheDir = '/var/lib/cni';

/** What identifies an attachment: the network, the container, the interface. */
export interface AttachmentKey {
  readonly network: string;
  readonly containerId: string;
  readonly ifName: string;
}

/** What is remembered of an attachment from ADD until DEL. */
export interface CachedAttachment extends AttachmentKey {
  readonly netns?: string;
  readonly args?: CniArgs;
  readonly capabilityArgs?: Readonly<Record<string, unknown>>;
  /** The configuration that it was added with, as text. */
  readonly config: string;
  /** The result of its ADD; absent if it cannot be read. */
  readonly result?: Result;
  /** The result as it is in the file, also where it cannot be read. */
  readonly rawResult?: object;
  /** Tells the namespace under the path `netns` from a later one under the same path. */
  readonly netnsIdentity?: NamespaceIdentity;
}

/** libcni's file format, so that either can take over from the other. */
interface CacheFile {
  kind: string;
  containerId: string;
  /** Base 64. */
  config: string;
  ifName: string;
  networkName: string;
  netns?: string;
  cniArgs?: [string, string][];
  capabilityArgs?: Record<string, unknown>;
  result?: object;
  /** Ours; libcni passes over it. */
  netnsIdentity?: NamespaceIdentity;
}

const KIND = 'cniCacheV1';

function folder(cacheDir: string): string {
  return path.join(cacheDir, 'results');
}

/**
 * The files that an attachment may be in. libcni's name for it is ambiguous: network `prod` with container `eu-web`
 * and network `prod-eu` with container `web` have the same. The second is taken where the first is another
 * attachment's; its suffix is longer than an interface's name can be, so it is ambiguous with none.
 */
function filesOf(cacheDir: string, { network, containerId, ifName }: AttachmentKey): [string, string] {
  const file = path.join(folder(cacheDir), `${network}-${containerId}-${ifName}`);
  const digest = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(JSON.stringify([network, containerId, ifName]))
    .digest('hex');
  return [file, `${file}-${digest.slice(0, 32)}`];
}

function isOf(attachment: AttachmentKey | undefined, key: AttachmentKey): boolean {
  return (
    attachment !== undefined &&
    attachment.network === key.network &&
    attachment.containerId === key.containerId &&
    attachment.ifName === key.ifName
  );
}

/** Writes what is known of an attachment; a reader sees all of it or nothing. */
export async function writeAttachment(cacheDir: string, attachment: CachedAttachment): Promise<void> {
  const { args, capabilityArgs, result, netnsIdentity } = attachment;
  const content: CacheFile = {
    kind: KIND,
    containerId: attachment.containerId,
    config: Buffer.from(attachment.config).toString('base64'),
    ifName: attachment.ifName,
    networkName: attachment.network,
    ...(attachment.netns ? { netns: attachment.netns } : {}),
    ...(args && Object.keys(args).length > 0 ? { cniArgs: Object.entries(args) } : {}),
    ...(capabilityArgs && Object.keys(capabilityArgs).length > 0 ? { capabilityArgs } : {}),
    ...(result ? { result } : {}),
    ...(netnsIdentity ? { netnsIdentity } : {}),
  };
  const [usual, unambiguous] = filesOf(cacheDir, attachment);
  const present = decode((await read(usual)) ?? '');
  const file = present === undefined || isOf(present, attachment) ? usual : unambiguous;
  // Not in the folder itself, where every file is taken for an attachment.
  const draft = path.join(cacheDir, `.${process.getBuiltinModule('node:crypto').randomUUID()}`);
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw new CniError({
      code: errorCodes.ioFailure,
      msg: `${file} cannot be written: ${(cause as Error).message}`,
      details: 'without it, the attachment cannot be checked or deleted as it was added',
      cause,
    });
  }
}

function decode(text: string): CachedAttachment | undefined {
  let content: Partial<CacheFile> | null;
  try {
    content = JSON.parse(text) as Partial<CacheFile> | null;
  } catch {
    return undefined;
  }
  if (content?.kind !== KIND || !content.containerId || !content.ifName || !content.networkName) return undefined;
  const { netns, cniArgs, capabilityArgs, result, netnsIdentity } = content;
  return {
    network: content.networkName,
    containerId: content.containerId,
    ifName: content.ifName,
    config: Buffer.from(content.config ?? '', 'base64').toString('utf8'),
    ...(netns ? { netns } : {}),
    ...(cniArgs ? { args: Object.fromEntries(cniArgs) } : {}),
    ...(capabilityArgs ? { capabilityArgs } : {}),
    ...(netnsIdentity ? { netnsIdentity } : {}),
    ...readResult(result),
  };
}

/** A result that cannot be read does not lose the rest of the entry. */
function readResult(result: unknown): Pick<CachedAttachment, 'result' | 'rawResult'> {
  if (typeof result !== 'object' || result === null) return {};
  try {
    return { result: parseResult(result), rawResult: result };
  } catch {
    return { rawResult: result };
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is known of an attachment; `undefined` if nothing is. An entry of another attachment is passed over. */
export async function readAttachment(cacheDir: string, key: AttachmentKey): Promise<CachedAttachment | undefined> {
  for (const file of filesOf(cacheDir, key)) {
    const text = await read(file);
    if (text === undefined) continue;
    const attachment = decode(text) ?? decodeBareResult(text, key);
    if (isOf(attachment, key)) return attachment;
  }
  return undefined;
}

/** Before libcni 0.8 the file was the bare result, and the file's name all that said whose it was. */
function decodeBareResult(text: string, key: AttachmentKey): CachedAttachment | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && !('kind' in content)
      ? { ...key, config: '', ...readResult(content) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Its result, in the version of the configuration now; one that cannot be read is passed on as it is. */
export function resultAs(attachment: CachedAttachment | undefined, version: CniVersion): object | undefined {
  return attachment?.result === undefined ? attachment?.rawResult : convertResult(attachment.result, version);
}

/**
 * The path of the namespace that an attachment was made in, if that namespace is still there: a path of a process
 * can come to be another process's, and a name can be given to another namespace.
 */
export async function rememberedNamespace({ netns, netnsIdentity }: CachedAttachment): Promise<string | undefined> {
  if (netns === undefined) return undefined;
  const current = await namespaceIdentity(netns);
  // libcni remembers no identity. Its paths of processes cannot be told from those of later processes.
  if (netnsIdentity === undefined) return current?.pid === undefined ? netns : undefined;
  return JSON.stringify(current) === JSON.stringify(netnsIdentity) ? netns : undefined;
}

/** Forgets an attachment. */
export async function removeAttachment(cacheDir: string, key: AttachmentKey): Promise<void> {
  for (const file of filesOf(cacheDir, key)) {
    const text = await read(file);
    if (text !== undefined && isOf(decode(text) ?? key, key)) await rm(file, { force: true });
  }
}

/**
 * The attachments that are known, of all networks and containers. Files that are none are passed over.
 *
 * @param cacheDir where they are kept, `/var/lib/cni` by default
 */
export async function listAttachments(cacheDir: string = defaultCacheDir): Promise<CachedAttachment[]> {
  let names: string[];
  try {
    names = await readdir(folder(cacheDir));
  } catch {
    return [];
  }
  const attachments: CachedAttachment[] = [];
  for (const name of names.sort()) {
    const text = await read(path.join(folder(cacheDir), name));
    const attachment = text === undefined ? undefined : decode(text);
    if (attachment !== undefined) attachments.push(attachment);
  }
  return attachments;
}
