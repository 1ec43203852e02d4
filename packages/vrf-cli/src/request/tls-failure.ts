import { Failure } from '../failure.js';
import { codeOf } from '../output/errors.js';
import { safe } from '../output/print.js';

/**
 * What a failed handshake means. OpenSSL names its own functions and files where the other side does not speak TLS.
 *
 * @returns the error itself where it says already what is wrong: a certificate, a connection
 */
export function tlsFailure(error: unknown, host: string, port: number): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  const notTls = /wrong version number|packet length too long|http request|unknown protocol|unexpected message/.test(
    reason,
  );
  const place = `${safe(host)} port ${port}`;
  return new Failure(
    notTls
      ? `${place} does not speak TLS: use a plain connection, or another port`
      : `the TLS handshake with ${place} failed: ${safe(reason)}`,
    1,
    { cause: error },
  );
}

/** OpenSSL's reason, from an error or from its causes: `wrong version number`. */
function reasonOf(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 10; current = current.cause, depth += 1) {
    const code = codeOf(current);
    const [, text] = /:SSL routines:[^:]*:([^:]+)/.exec(current.message) ?? [];
    if (text !== undefined && (code === 'EPROTO' || code?.startsWith('ERR_SSL_') || code === undefined)) return text;
    if (code?.startsWith('ERR_SSL_')) return code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ');
  }
  return undefined;
}
