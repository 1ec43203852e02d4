/** What `net.Socket.connect` is called with, as Node reads it. */
export interface ConnectArguments {
  readonly options: Readonly<Record<PropertyKey, unknown>>;
  readonly listener: (() => void) | undefined;
}

/**
 * Reads the forms of `net.Socket.connect`: `(options)`, `(path)`, `(port, host)`, each with a listener, or an array of
 * options and listener, which Node's own functions pass on.
 */
export function readConnectArguments(args: readonly unknown[]): ConnectArguments {
  const list: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args;
  const last = list.at(-1);
  const listener = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second] = list;
  if (typeof first === 'object' && first !== null)
    return { options: first as Readonly<Record<PropertyKey, unknown>>, listener };
  // Node takes text that is a number for a port.
  if (typeof first === 'string' && !(Number(first) >= 0)) return { options: { path: first }, listener };
  return { options: { port: first, ...(typeof second === 'string' ? { host: second } : undefined) }, listener };
}
