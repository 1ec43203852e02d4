import { type BodyInit, FormData as UndiciFormData, Request as UndiciRequest, fetch as undiciFetch } from 'undici';

type Fetch = typeof globalThis.fetch;

/** What the source of Node's own `fetch` has on every version, and no other can: a module of Node's inside. */
const NODES_OWN = "require('internal/deps/undici/undici')";

function isNodesOwn(candidate: unknown): candidate is Fetch {
  return typeof candidate === 'function' && Function.prototype.toString.call(candidate).includes(NODES_OWN);
}

// Polyfills and test environments replace the global one, mostly after this module has been loaded.
let nodesOwn: Fetch | undefined = isNodesOwn(globalThis.fetch) ? globalThis.fetch : undefined;

/**
 * A `fetch` that is known to use its `dispatcher`: Node's own, or where another one had taken its place before it could
 * be found, undici's. One that knows no dispatchers would make its connections at home.
 */
export function ownFetch(): Fetch {
  if (nodesOwn === undefined && isNodesOwn(globalThis.fetch)) nodesOwn = globalThis.fetch;
  return nodesOwn ?? fetchOfUndici;
}

const fetchOfUndici: Fetch = async (input, init) => {
  const given = { ...init, ...(init?.body == null ? undefined : { body: ownBody(init.body) }) };
  const response = await undiciFetch(ownRequest(input) as never, given as never);
  return asGlobal(response as unknown as Response);
};

/** undici knows no Request but its own. */
function ownRequest(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || input instanceof URL || input instanceof UndiciRequest)
    return input;
  const { url, method, headers, body, redirect, signal } = input as Request;
  if (typeof url !== 'string') return input;
  return new UndiciRequest(url, {
    ...{ method, headers: [...headers] as [string, string][], redirect, signal },
    ...(body === null || body === undefined ? undefined : { body: body as unknown as BodyInit, duplex: 'half' }),
  });
}

/** Nor a FormData. */
function ownBody(body: unknown): unknown {
  if (Object.prototype.toString.call(body) !== '[object FormData]' || body instanceof UndiciFormData) return body;
  const own = new UndiciFormData();
  for (const [name, value] of body as FormData) {
    if (typeof value === 'string') own.append(name, value);
    else own.append(name, value, value.name);
  }
  return own;
}

/** An instance of the global Response, if that is Node's. */
function asGlobal(response: Response): Response {
  if (!Function.prototype.toString.call(globalThis.Response).includes('webidl')) return response;
  const { body, status, statusText, headers, url, redirected } = response;
  // The constructor takes no other status; such a response is undici's own.
  if (status < 200 || status > 599) return response;
  const copy = new globalThis.Response(body, { status, statusText, headers: [...headers] as [string, string][] });
  for (const [name, value] of Object.entries({ url, redirected })) Object.defineProperty(copy, name, { value });
  return copy;
}
