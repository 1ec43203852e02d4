import { type NameServer, parseNameServer } from './name-server.js';

/** What `resolv.conf(5)` says, with its defaults filled in. */
export interface ResolvConf {
  readonly servers: readonly NameServer[];
  /** Domains in the order in which they are tried; `undefined` where the file names none. */
  readonly search: readonly string[] | undefined;
  /** A name with this many dots is tried as it is before the search list. */
  readonly ndots: number;
  /** How long one server is waited for, in milliseconds. */
  readonly timeout: number;
  /** How often the list of servers is gone through. */
  readonly attempts: number;
  /** Whether lookups take turns in which server they ask first. */
  readonly rotate: boolean;
  /** Whether every question goes over TCP (`use-vc`). */
  readonly tcp: boolean;
  /** Whether both questions of a lookup may share a socket; not with `single-request` and `single-request-reopen`. */
  readonly shareSocket: boolean;
  /** Whether AAAA records are never asked for (`no-aaaa`, glibc 2.36). */
  readonly noAaaa: boolean;
}

/** Bounds of glibc's resolver: `MAXNS` of <resolv.h>, and what `resolv.conf(5)` caps silently. */
const MAX_SERVERS = 3;
const MAX_NDOTS = 15;
const MAX_TIMEOUT = 30;
const MAX_ATTEMPTS = 5;

const DEFAULTS: ResolvConf = {
  servers: [],
  search: undefined,
  ndots: 1,
  timeout: 5000,
  attempts: 2,
  rotate: false,
  tcp: false,
  shareSocket: true,
  noAaaa: false,
};

/**
 * Reads the text of a `resolv.conf`. What it does not understand it leaves out, as every resolver does: the file
 * belongs to many programs.
 */
export function parseResolvConf(text: string): ResolvConf {
  const conf = { ...DEFAULTS, servers: [] as NameServer[] };
  for (const line of text.split('\n')) {
    if (/^\s*[#;]/.test(line)) continue;
    const [keyword = '', ...values] = line.trim().split(/\s+/);
    const comment = values.findIndex((value) => value.startsWith('#') || value.startsWith(';'));
    const words = comment < 0 ? values : values.slice(0, comment);
    if (keyword === 'nameserver') {
      const server = parseNameServer(words[0] ?? '');
      if (server !== undefined && conf.servers.length < MAX_SERVERS) conf.servers.push(server);
    } else if (keyword === 'search' || keyword === 'domain') {
      // Of several such lines the last one counts.
      conf.search = keyword === 'domain' ? words.slice(0, 1) : words;
    } else if (keyword === 'options') {
      for (const option of words) applyOption(conf, option);
    }
  }
  return conf;
}

function applyOption(conf: { -readonly [key in keyof ResolvConf]: ResolvConf[key] }, option: string): void {
  const [name = '', value = ''] = option.split(':');
  const number = /^\d+$/.test(value) ? Number(value) : undefined;
  if (name === 'ndots' && number !== undefined) conf.ndots = Math.min(number, MAX_NDOTS);
  else if (name === 'timeout' && number !== undefined) conf.timeout = Math.min(Math.max(number, 1), MAX_TIMEOUT) * 1000;
  else if (name === 'attempts' && number !== undefined) conf.attempts = Math.min(Math.max(number, 1), MAX_ATTEMPTS);
  else if (name === 'rotate') conf.rotate = true;
  else if (name === 'use-vc') conf.tcp = true;
  else if (name === 'single-request' || name === 'single-request-reopen') conf.shareSocket = false;
  else if (name === 'no-aaaa') conf.noAaaa = true;
}
