import { DialError } from '../dial/index.js';

/** By these undici 7 and 8 recognise errors that another copy of theirs has made. */
const UNDICI_ERROR = Symbol.for('undici.error.UND_ERR');
const UNDICI_CONNECT_TIMEOUT = Symbol.for('undici.error.UND_ERR_CONNECT_TIMEOUT');

const CODE = 'UND_ERR_CONNECT_TIMEOUT';

/**
 * Gives an error that undici's own connector would have another code for that code: programs retry by it. It stays what
 * it is otherwise, a {@link DialError} with host and port.
 */
export function asUndiciError(error: Error): Error {
  if (!(error instanceof DialError) || error.code !== 'ETIMEDOUT' || error.address !== undefined) return error;
  const { message, errno, syscall, host, port } = error;
  const timeout = new DialError(message, { code: CODE, errno, syscall, host, port, cause: error });
  for (const symbol of [UNDICI_ERROR, UNDICI_CONNECT_TIMEOUT]) Object.defineProperty(timeout, symbol, { value: true });
  return timeout;
}
