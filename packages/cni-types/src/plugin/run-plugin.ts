import type { Readable, Writable } from 'node:stream';
import { CniError, errorCodes } from '../cni-error.js';
import { printResult } from '../print-result.js';
import type { Result, Result1 } from '../result.js';
import { type CniVersion, currentVersion, isSupportedVersion, newestOf, supportedVersions } from '../versions.js';
import { isConfiguredCommand, missingVariables, type PluginRequest, readRequest } from './request.js';

/** A result as a plugin may return it: without a version, it is of the newest form. */
export type PluginResult = Result | Omit<Result1, 'cniVersion'>;

/** What a plugin does. Errors are thrown: a {@link CniError} with its code, any other as 999. */
export interface PluginHandlers {
  /** Adds. Returns the result, in any version; nothing, if it is the result of the plugin before. */
  add(request: PluginRequest): PluginResult | undefined | Promise<PluginResult | undefined>;
  /** Deletes. Has to succeed where there is nothing to delete any more. */
  del(request: PluginRequest): void | Promise<void>;
  /** Checks that everything is as `prevResult` says. */
  check?(request: PluginRequest): void | Promise<void>;
  /** Removes what belongs to none of `validAttachments`. */
  gc?(request: PluginRequest): void | Promise<void>;
  /** Throws code 50 (takes no ADD) or 51 (and containers may have limited connectivity) if it is not ready. */
  status?(request: PluginRequest): void | Promise<void>;
  /** The versions that it speaks; all that this package speaks by default. */
  version?: readonly CniVersion[] | (() => readonly CniVersion[]);
  /** What it is, for a person who runs it by hand: printed on standard error if there is no command. */
  about?: string;
}

/** What a plugin is connected to; tests give their own. */
export interface PluginIo {
  env: NodeJS.ProcessEnv;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  } catch (cause) {
    throw new CniError({
      code: errorCodes.ioFailure,
      msg: `the configuration cannot be read from standard input: ${(cause as Error).message}`,
      cause,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function print(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function versionsOf({ version }: PluginHandlers): readonly CniVersion[] {
  return typeof version === 'function' ? version() : (version ?? supportedVersions);
}

function resultOf(result: PluginResult | undefined, request: PluginRequest): Result {
  const answer = result ?? request.prevResult;
  if (answer === undefined)
    throw new CniError({
      code: errorCodes.internal,
      msg: 'the plugin has added, but returned no result',
      details: 'return one from add(), or nothing only where there is a result of a plugin before',
    });
  if ('cniVersion' in answer && answer.cniVersion !== undefined && isSupportedVersion(answer.cniVersion)) return answer;
  return { ...answer, cniVersion: currentVersion };
}

/** What is known of the call when it fails. */
interface Call {
  cniVersion?: CniVersion;
}

async function answer(handlers: PluginHandlers, io: PluginIo, call: Call): Promise<string> {
  const command = io.env.CNI_COMMAND ?? '';
  if (command === '') throw missingVariables(['CNI_COMMAND']);
  const spoken = versionsOf(handlers);
  if (command === 'VERSION') return `${JSON.stringify({ cniVersion: newestOf(spoken), supportedVersions: spoken })}\n`;
  if (!isConfiguredCommand(command))
    throw new CniError({ code: errorCodes.invalidEnvironmentVariables, msg: `unknown CNI_COMMAND: ${command}` });
  const request = await readRequest(command, io.env, await readAll(io.stdin), spoken, (version) => {
    call.cniVersion = version;
  });
  switch (command) {
    case 'ADD':
      return printResult(resultOf(await handlers.add(request), request), request.cniVersion);
    case 'DEL':
      await handlers.del(request);
      return '';
    case 'CHECK':
      await handlers.check?.(request);
      return '';
    case 'GC':
      await handlers.gc?.(request);
      return '';
    case 'STATUS':
      await handlers.status?.(request);
      return '';
  }
}

async function serve(handlers: PluginHandlers, io: PluginIo): Promise<number> {
  if (!io.env.CNI_COMMAND && handlers.about !== undefined) {
    const versions = versionsOf(handlers).join(', ');
    await print(io.stderr, `${handlers.about}\nCNI protocol versions supported: ${versions}\n`);
    return 0;
  }
  const call: Call = {};
  try {
    await print(io.stdout, await answer(handlers, io, call));
    return 0;
  } catch (thrown) {
    const error =
      thrown instanceof CniError
        ? thrown
        : new CniError({ code: errorCodes.internal, msg: thrown instanceof Error ? thrown.message : String(thrown) });
    if (!(thrown instanceof CniError) && thrown instanceof Error)
      await print(io.stderr, `${thrown.stack ?? thrown.message}\n`);
    const document = { ...error.toJSON(), cniVersion: call.cniVersion ?? newestOf(versionsOf(handlers)) };
    await print(io.stdout, `${JSON.stringify(document, undefined, 4)}\n`);
    return 1;
  }
}

/**
 * Is a plugin: reads what it is asked from environment and standard input, checks it, calls the handler, prints the
 * result (in the version that is asked for) or the error on standard output, and ends the process with 0 or 1.
 *
 * While a handler runs, what anything writes to `process.stdout`, `console.log` for one, goes to standard error:
 * standard output belongs to the protocol.
 *
 * @param io what to use instead of the process; then the exit code is returned and the process goes on
 */
export async function runPlugin(handlers: PluginHandlers, io?: PluginIo): Promise<number> {
  if (io !== undefined) return serve(handlers, io);
  const write = process.stdout.write.bind(process.stdout);
  const real = { write } as unknown as Writable;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const code = await serve(handlers, {
    env: process.env,
    stdin: process.stdin,
    stdout: real,
    stderr: process.stderr,
  });
  // Timers and sockets that the handler left open must not keep the runtime waiting.
  process.exit(code);
}
