import { UnsupportedPlatformError } from '../errors.js';

/** Other programs that run JavaScript written for Node.js, by the name in `process.versions`. */
const OTHER_RUNTIMES: Readonly<Record<string, string>> = { bun: 'Bun', deno: 'Deno' };

/**
 * Refuses runtimes other than Node.js. They take `new net.Socket({ fd })` without an error, leave the descriptor alone
 * and connect a socket of their own, from the caller's own namespace.
 *
 * @throws UnsupportedPlatformError naming the runtime
 */
export function checkRuntime(versions: Readonly<Record<string, string | undefined>> = process.versions): void {
  for (const [key, name] of Object.entries(OTHER_RUNTIMES))
    if (versions[key] !== undefined)
      throw new UnsupportedPlatformError(
        `${name} ${versions[key]} cannot take over sockets as Node.js does: what it connects would leave from the caller's own namespace. Run the program with Node.js`,
      );
}
