import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { usage } from '../failure.js';
import { messageOf } from '../output/errors.js';

/** The options of {@link addTlsOptions}, as the parser gives them. */
export interface TlsFlags {
  readonly insecure?: boolean;
  readonly cacert?: string;
}

/** Adds the options for servers that speak TLS. */
export function addTlsOptions(command: Command): Command {
  return command
    .option('-k, --insecure', 'accept any certificate of the server')
    .option('--cacert <file>', 'check the certificate against these authorities (PEM) instead of the usual ones');
}

/** Options of Node's TLS. */
export interface TlsSettings {
  readonly rejectUnauthorized: boolean;
  readonly ca?: Buffer;
}

export function tlsSettings({ insecure = false, cacert }: TlsFlags): TlsSettings {
  if (cacert === undefined) return { rejectUnauthorized: !insecure };
  try {
    return { rejectUnauthorized: !insecure, ca: readFileSync(cacert) };
  } catch (error) {
    throw usage(`cannot read --cacert: ${messageOf(error)}`);
  }
}
