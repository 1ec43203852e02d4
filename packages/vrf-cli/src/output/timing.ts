/** Milliseconds for people: three digits that count. */
export function milliseconds(value: number | undefined): string {
  if (value === undefined) return '-';
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** Rounded to microseconds, for JSON. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
