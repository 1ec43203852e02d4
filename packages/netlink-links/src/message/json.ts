/** What `JSON.stringify` gives for an object with 64-bit numbers: numbers where they are exact, else decimal strings. */
function toJSON(this: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(this).map(([name, value]) => [name, typeof value === 'bigint' ? jsonNumber(value) : value]),
  );
}

function jsonNumber(value: bigint): number | string {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
}

// Not enumerable: it is not among the properties of what was read, and is not compared, printed or copied with them.
const TO_JSON: PropertyDescriptor = { value: toJSON, enumerable: false, writable: true, configurable: true };

/** Makes an object that has bigint properties of its own one that `JSON.stringify` can write. */
export function withJson<T extends object>(read: T): T {
  return Object.defineProperty(read, 'toJSON', TO_JSON);
}
