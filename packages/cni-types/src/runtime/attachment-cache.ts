import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CniArgs } from '../cni-args.js';
import { CniError, errorCodes } from '../cni-error.js';
import { convertResult } from '../convert-result.js';
import { parseResult } from '../parse-result.js';
import type { Result } from '../result.js';
import type { CniVersion } from '../versions.js';

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
  /** The result of its ADD. */
  readonly result?: Result;
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
  result?: Record<string, unknown>;
}

const KIND = 'cniCacheV1';

function folder(cacheDir: string): string {
  return path.join(cacheDir, 'results');
}

function fileOf(cacheDir: string, key: AttachmentKey): string {
  return path.join(folder(cacheDir), `${key.network}-${key.containerId}-${key.ifName}`);
}

/** Writes what is known of an attachment; a reader sees all of it or nothing. */
export async function writeAttachment(cacheDir: string, attachment: CachedAttachment): Promise<void> {
  const { args, capabilityArgs, result } = attachment;
  const content: CacheFile = {
    kind: KIND,
    containerId: attachment.containerId,
    config: Buffer.from(attachment.config).toString('base64'),
    ifName: attachment.ifName,
    networkName: attachment.network,
    ...(attachment.netns ? { netns: attachment.netns } : {}),
    ...(args && Object.keys(args).length > 0 ? { cniArgs: Object.entries(args) } : {}),
    ...(capabilityArgs && Object.keys(capabilityArgs).length > 0 ? { capabilityArgs } : {}),
    ...(result ? { result: { ...result } } : {}),
  };
  const file = fileOf(cacheDir, attachment);
  // Not in the folder itself: whoever lists it takes every file for an attachment.
  const draft = path.join(cacheDir, `.${randomUUID()}`);
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
  let content: Partial<CacheFile>;
  try {
    content = JSON.parse(text) as Partial<CacheFile>;
  } catch {
    return undefined;
  }
  if (content?.kind !== KIND || !content.containerId || !content.ifName || !content.networkName) return undefined;
  return {
    network: content.networkName,
    containerId: content.containerId,
    ifName: content.ifName,
    config: Buffer.from(content.config ?? '', 'base64').toString('utf8'),
    ...(content.netns ? { netns: content.netns } : {}),
    ...(content.cniArgs ? { args: Object.fromEntries(content.cniArgs) } : {}),
    ...(content.capabilityArgs ? { capabilityArgs: content.capabilityArgs } : {}),
    ...(content.result ? { result: parseResult(content.result) } : {}),
  };
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is known of an attachment; `undefined` if nothing is. */
export async function readAttachment(cacheDir: string, key: AttachmentKey): Promise<CachedAttachment | undefined> {
  const text = await read(fileOf(cacheDir, key));
  if (text === undefined) return undefined;
  const attachment = decode(text);
  if (attachment !== undefined) return attachment;
  // Before libcni 0.8 the file was the bare result.
  return { ...key, config: '', result: parseResult(text) };
}

/** Its result, in the version of the configuration now. */
export function resultAs(attachment: CachedAttachment | undefined, version: CniVersion): Result | undefined {
  return attachment?.result === undefined ? undefined : convertResult(attachment.result, version);
}

/** Forgets an attachment. */
export async function removeAttachment(cacheDir: string, key: AttachmentKey): Promise<void> {
  await rm(fileOf(cacheDir, key), { force: true });
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
    try {
      const attachment = text === undefined ? undefined : decode(text);
      if (attachment !== undefined) attachments.push(attachment);
    } catch {
      // A result that cannot be read: its attachment can still be deleted by name.
    }
  }
  return attachments;
}
