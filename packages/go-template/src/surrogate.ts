/** Halves of a character of UTF-16, which are not characters. */
export function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
