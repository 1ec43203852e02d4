// Numbers for objects that are compared by identity. An object that is gone takes its number with it.
const numbers = new WeakMap<object, number>();
let last = 0;

/** A number for an object that no other object has. */
export function identityNumber(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) {
    last += 1;
    number = last;
    numbers.set(object, number);
  }
  return number;
}

/**
 * A text in which two values differ if anything in them does, so that a field that is added later is part of every key
 * by itself. Sets count by their members, maps (files that were read) by identity.
 */
export function completeKey(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (member instanceof Set) return [...member].sort();
    if (member instanceof Map) return `#${identityNumber(member)}`;
    return member;
  });
}

/** A short text that stands for a key, for keys that are made once and used for each lookup. */
export function shortKey(key: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(key).digest('base64');
}
