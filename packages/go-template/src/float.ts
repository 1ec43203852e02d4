/** The digits of a finite number and where its decimal point is: `0.<digits> × 10^point`. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function shortestDigits(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** Enough of the exact expansion of a double to tell a tie from its neighbours. */
function exactDigits(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = value.toExponential(100).split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** Rounds to a number of digits as Go does: half to even. (JavaScript rounds half up.) */
function round({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits: digits.padEnd(count, '0'), point };
  if (count < 0) return { digits: '', point };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const isTie = /^50*$/.test(rest);
  const isUp = isTie ? Number(kept.at(-1) ?? 0) % 2 === 1 : (rest[0] ?? '0') >= '5';
  if (!isUp) return { digits: kept, point };
  const next = String(BigInt(`0${kept}`) + 1n).padStart(count, '0');
  return next.length > count ? { digits: next.slice(0, count) || '1', point: point + 1 } : { digits: next, point };
}

function isZero({ digits }: Decimal): boolean {
  return /^0*$/.test(digits);
}

function exponential({ digits, point }: Decimal): string {
  const exponent = isZero({ digits, point }) ? 0 : point - 1;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
}

function plain({ digits, point }: Decimal, places: number): string {
  const padded = point > 0 ? digits.padEnd(point, '0') : '0'.repeat(1 - point) + digits;
  const whole = point > 0 ? padded.slice(0, point) : '0';
  const fraction = (point > 0 ? padded.slice(point) : padded.slice(1)).padEnd(places, '0').slice(0, places);
  return places > 0 ? `${whole}.${fraction}` : whole;
}

/**
 * Go's `strconv.FormatFloat(value, verb, precision, 64)` of a number that is not negative.
 *
 * @param precision digits behind the point for `e` and `f`, significant ones for `g`; absent for as few as are needed
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision?: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return '+Inf';
  if (verb === 'e') {
    const decimal = precision === undefined ? shortestDigits(value) : round(exactDigits(value), precision + 1);
    return exponential(decimal);
  }
  if (verb === 'f') {
    if (value === 0) return plain({ digits: '0', point: 1 }, precision ?? 0);
    if (precision === undefined) {
      const decimal = shortestDigits(value);
      return plain(decimal, Math.max(decimal.digits.length - decimal.point, 0));
    }
    const exact = exactDigits(value);
    const rounded = round(exact, exact.point + precision);
    return plain(rounded.digits === '' ? { digits: '0', point: 1 } : rounded, precision);
  }
  const significant = precision === 0 ? 1 : precision;
  const decimal = significant === undefined ? shortestDigits(value) : round(exactDigits(value), significant);
  const digits = decimal.digits.replace(/0+$/, '');
  if (digits === '') return '0';
  const exponent = decimal.point - 1;
  const limit =
    significant === undefined
      ? 6
      : significant > digits.length && digits.length >= decimal.point
        ? digits.length
        : significant;
  if (exponent < -4 || exponent >= limit) return exponential({ digits, point: decimal.point });
  return plain({ digits, point: decimal.point }, Math.max(digits.length - decimal.point, 0));
}
