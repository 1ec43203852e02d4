/** So many random bytes, two digits each. They are for names and addresses that differ, and no secret. */
export function hexadecimal(bytes: number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(Math.random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}
