import { completeKey, identityNumber } from '../resolve/complete-key.js';

/** As many as an agent of `node:https` keeps. */
const MAX_SESSIONS = 100;

/** TLS sessions by the namespace that they come from, the server, and what the handshake was to check. */
export class TlsSessions {
  /** The oldest first. */
  readonly #sessions = new Map<string, Buffer>();

  /**
   * @param namespace which one the connection is in, as read from its socket
   * @param options everything that the handshake depends on; certificates and keys by value, other objects by identity
   * @returns `undefined` where no session may be used
   */
  key(namespace: string | undefined, options: object): string | undefined {
    if (namespace === undefined) return undefined;
    const comparable = Object.entries(options).map(([name, value]) => [name, comparableValue(value)]);
    // Private keys are among the options, and certificates may be long.
    return process
      .getBuiltinModule('node:crypto')
      .createHash('sha256')
      .update(completeKey([namespace, comparable]))
      .digest('base64');
  }

  get(key: string): Buffer | undefined {
    return this.#sessions.get(key);
  }

  set(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  delete(key: string): void {
    this.#sessions.delete(key);
  }
}

function comparableValue(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(comparableValue);
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return `#${identityNumber(value)}`;
  return value;
}
