import { readFileSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Vrf } from 'vrf-dial/node';
import { checkFamily, familyOf } from '../commands/family.js';
import type { FetchFlags } from '../commands/fetch.js';
import { tlsSettings } from '../commands/tls.js';
import { EXIT_CODE } from '../exit-codes.js';
import { Failure, isUsage, usage } from '../failure.js';
import { codeOf, messageOf, reportOf } from '../output/errors.js';
import { printJson, printLine, printNote, safe } from '../output/print.js';
import { errorStyle, isTerminal, style } from '../output/style.js';
import { type Cell, printTable } from '../output/table.js';
import { milliseconds, rounded } from '../output/timing.js';
import {
  hostOf,
  type RequestSettings,
  type TimedResponse,
  type Timing,
  timedRequest,
} from '../request/timed-request.js';
import { describeTarget, type Target, takeTarget, targetOf } from '../target.js';
import { selectVrfs } from '../vrfs.js';

const NEWLINE = 0x0a;
const MAX_REDIRECTS = 20;

export async function run(vrf: string | undefined, text: string | undefined, flags: FetchFlags): Promise<void> {
  const args = [vrf, text].filter((given) => given !== undefined);
  if (flags.all) {
    if (targetOf(flags) !== undefined || args.length > 1) throw usage('--all is every VRF: give the URL alone');
    const [url] = args;
    if (url === undefined) throw usage('the argument url is missing');
    await fetchFromAll(settingsOf(url, flags), flags);
    return;
  }
  const { target, rest } = await takeTarget(flags, args, ['url']);
  const settings = settingsOf(rest[0] ?? '', flags);
  checkFamily(hostOf(settings.url), flags);
  if (flags.json) await fetchAsJson(target, settings, flags);
  else await fetchBody(target, settings, flags);
}

async function fetchBody(target: Target, settings: RequestSettings, flags: FetchFlags): Promise<void> {
  const response = await follow(target, settings, flags, (step) => {
    if (flags.verbose) printNote(conversation(target, settings, step));
  });
  process.stdout.write(response.body);
  if (isTerminal(process.stdout) && response.body.length > 0 && response.body.at(-1) !== NEWLINE) printLine();
  if (!flags.silent) printNote(errorStyle.dim(summaryOf(response)));
  failOnStatus(response, flags);
}

async function fetchAsJson(target: Target, settings: RequestSettings, flags: FetchFlags): Promise<void> {
  try {
    const response = await follow(target, settings, flags);
    printJson({ ...placeOf(target), ...jsonOf(response) });
    failOnStatus(response, flags);
  } catch (error) {
    if (isUsage(error)) throw error;
    printJson({ ...placeOf(target), url: settings.url.href, error: reportOf(error) });
    process.exitCode = EXIT_CODE.failure;
  }
}

type Outcome = { readonly vrf: Vrf } & (
  | { readonly response: TimedResponse; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: unknown }
);

async function fetchFromAll(settings: RequestSettings, flags: FetchFlags): Promise<void> {
  const outcomes = await Promise.all(
    selectVrfs(undefined).map(async (vrf): Promise<Outcome> => {
      try {
        return { vrf, response: await follow(vrf.target, settings, flags) };
      } catch (error) {
        return { vrf, error };
      }
    }),
  );
  if (flags.json)
    printJson(
      outcomes.map(({ vrf, response, error }) => ({
        vrf: vrf.name,
        kind: vrf.kind,
        ...(response === undefined ? { url: settings.url.href, error: reportOf(error) } : jsonOf(response)),
      })),
    );
  else if (!flags.silent)
    printTable(['VRF', 'STATUS', 'DNS', 'CONNECT', 'TLS', 'FIRST BYTE', 'TOTAL', 'SIZE', 'ERROR'], outcomes.map(rowOf));
  const failed = ({ response }: Outcome): boolean =>
    response === undefined || (flags.fail === true && response.status >= 400);
  if (outcomes.some(failed)) process.exitCode = EXIT_CODE.failure;
}

function rowOf({ vrf, response, error }: Outcome): Cell[] {
  const name = { text: safe(vrf.name), paint: style.cyan };
  if (response === undefined) {
    const code = codeOf(error) ?? 'error';
    return [name, { text: code, paint: style.red }, '-', '-', '-', '-', '-', '-', messageOf(error)];
  }
  const { timing, status, body } = response;
  const times = [timing.dns, timing.connect, timing.tls, timing.firstByte, timing.total].map(milliseconds);
  return [
    name,
    { text: String(status), paint: status < 400 ? style.green : style.yellow },
    ...times,
    String(body.length),
  ];
}

/** Sends a request, and those of its redirects with `--location`. */
async function follow(
  target: Target,
  settings: RequestSettings,
  flags: FetchFlags,
  onStep: (response: TimedResponse) => void = () => {},
): Promise<TimedResponse> {
  let current = settings;
  for (let step = 0; ; step += 1) {
    const response = await timedRequest(target, current);
    onStep(response);
    const { location } = response.headers;
    if (!flags.location || location === undefined || response.status < 300 || response.status >= 400) return response;
    if (step === MAX_REDIRECTS)
      throw new Failure(`more than ${MAX_REDIRECTS} redirects from ${safe(settings.url.href)}`);
    current = redirected(current, response, location);
  }
}

/** As browsers do: a POST becomes a GET but for 307 and 308, and credentials stay with their origin. */
function redirected(settings: RequestSettings, { status, url }: TimedResponse, location: string): RequestSettings {
  const next = urlOf(location, url);
  const { body, ...rest } = settings;
  const headers =
    next.origin === url.origin
      ? settings.headers
      : settings.headers.filter(([name]) => !/^(authorization|cookie|proxy-authorization|host)$/i.test(name));
  const keeps = status === 307 || status === 308 || settings.method === 'GET' || settings.method === 'HEAD';
  if (keeps) return { ...rest, url: next, headers, ...(body !== undefined && { body }) };
  const withoutBody = headers.filter(([name]) => !/^content-/i.test(name));
  return { ...rest, url: next, headers: withoutBody, method: 'GET' };
}

function settingsOf(text: string, flags: FetchFlags): RequestSettings {
  const url = urlOf(text);
  const body = flags.data === undefined ? undefined : bodyOf(flags.data);
  const credentials = authorizationOf(url);
  return {
    url,
    method: flags.method === undefined ? (body === undefined ? 'GET' : 'POST') : methodOf(flags.method),
    headers: [...credentials, ...(flags.header ?? []).map(headerOf)],
    ...(body !== undefined && { body }),
    tls: tlsSettings(flags),
    timeout: flags.timeout,
    family: familyOf(flags),
  };
}

function urlOf(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw usage(`'${safe(text)}' is not an http or https URL: expected for example http://192.0.2.1:8080/`);
  return url;
}

/** A user and a password in the URL are for the server, and not for output. */
function authorizationOf(url: URL): [string, string][] {
  if (url.username === '' && url.password === '') return [];
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return [['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]];
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  const [name, value] = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
  try {
    if (colon < 1) throw new Error('it has no name');
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    throw usage(`'${safe(text)}' is not a header: expected 'name: value'`, { cause: error });
  }
  return [name, value];
}

/** A token of HTTP, RFC 9110. CONNECT makes a tunnel; it does not request a URL. */
function methodOf(text: string): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(text) || /^connect$/i.test(text))
    throw usage(`'${safe(text)}' is not a method that can be sent: expected for example GET, PUT or DELETE`);
  return text;
}

function bodyOf(text: string): Buffer {
  if (!text.startsWith('@')) return Buffer.from(text);
  const file = text.slice(1);
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw usage(`cannot read the body: ${messageOf(error)}`);
  }
}

function failOnStatus({ status }: TimedResponse, { fail = false }: FetchFlags): void {
  if (fail && status >= 400) process.exitCode = EXIT_CODE.httpError;
}

/** What `curl -v` would tell: `*` of the connection, `>` of the request, `<` of the response. */
function conversation(target: Target, { method, headers }: RequestSettings, response: TimedResponse): string {
  const { url, remote, local, tls, httpVersion, status, statusText, headerLines, timing } = response;
  return [
    `* connected to ${safe(url.hostname)} (${remote.address}) port ${remote.port} from ${describeTarget(target)}, ${local.address} port ${local.port}`,
    ...(tls === undefined
      ? []
      : [`* ${tls.protocol}, ${tls.cipher}${tls.authorized ? '' : ', the certificate was not accepted'}`]),
    `> ${method} ${safe(url.pathname + url.search)} HTTP/1.1`,
    ...headers.map(([name, value]) => `> ${safe(name)}: ${/^authorization$/i.test(name) ? '***' : safe(value)}`),
    `< HTTP/${httpVersion} ${status} ${safe(statusText)}`,
    ...headerLines.map(([name, value]) => `< ${safe(name)}: ${safe(value)}`),
    ...phasesOf(timing).map(([name, value]) => `* ${name.padEnd(10)} ${milliseconds(value)}`),
  ].join('\n');
}

function phasesOf({ dns, connect, tls, firstByte, transfer, total }: Timing): [string, number][] {
  const phases: [string, number | undefined][] = [
    ['dns', dns],
    ['connect', connect],
    ['tls', tls],
    ['first byte', firstByte],
    ['transfer', transfer],
    ['total', total],
  ];
  return phases.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, number]]));
}

function summaryOf({ status, statusText, body, timing }: TimedResponse): string {
  const phases = phasesOf(timing).map(([name, value]) => `${name} ${milliseconds(value)}`);
  return `${status} ${safe(statusText)}, ${body.length} bytes: ${phases.join(', ')}`;
}

function jsonOf(response: TimedResponse): object {
  const { url, status, statusText, headers, remote, local, tls, body, timing } = response;
  return {
    url: url.href,
    status,
    statusText,
    headers,
    remote,
    local,
    ...(tls !== undefined && { tls }),
    timing: Object.fromEntries(
      Object.entries(timing).flatMap(([phase, value]) =>
        value === undefined ? [] : [[phase, rounded(value as number)]],
      ),
    ),
    size: body.length,
    ...bodyAsJson(body),
  };
}

/** Bytes that are not text are in base64. */
function bodyAsJson(body: Buffer): object {
  const text = body.toString('utf8');
  return Buffer.from(text).equals(body) ? { body: text } : { bodyBase64: body.toString('base64') };
}

function placeOf(target: Target): object {
  return target.vrf === undefined ? { target: describeTarget(target) } : { vrf: target.vrf };
}
