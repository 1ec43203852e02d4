/**
 * Makes a function that names the bits of a number. Equal numbers get the same frozen array: a dump of many objects
 * makes each combination once.
 *
 * @param names in the order of the bits, the lowest first; `undefined` for a bit without a name
 */
export function flagNames<N extends string>(names: readonly (N | undefined)[]): (bits: number) => readonly N[] {
  const known = new Map<number, readonly N[]>();
  return (bits) => {
    let list = known.get(bits);
    if (list === undefined) {
      const named: N[] = [];
      names.forEach((name, bit) => {
        if (name !== undefined && ((bits >>> bit) & 1) === 1) named.push(name);
      });
      list = Object.freeze(named);
      // The number of combinations is bounded in practice; a hostile sender must not make it grow for ever.
      if (known.size < 4096) known.set(bits, list);
    }
    return list;
  };
}

/** Makes the way back: the bits of names. Unknown names answer with `undefined`. */
export function flagBits<N extends string>(
  names: readonly (N | undefined)[],
): (flags: readonly string[]) => number | undefined {
  return (flags) => {
    let bits = 0;
    for (const flag of flags) {
      const bit = flag === undefined ? -1 : names.indexOf(flag as N);
      if (bit < 0) return undefined;
      bits |= 1 << bit;
    }
    return bits >>> 0;
  };
}
