/**
 * Makes a function that names the bits of a number. A bit without a name is its value, as a number, so that nothing a
 * newer kernel says is lost. Equal numbers get the same frozen array: a dump of many objects makes each combination
 * once.
 *
 * @param names in the order of the bits, the lowest first; `undefined` for a bit without a name
 * @param otherwise bits that something else than a flag stands for
 */
export function flagNames<N extends string>(
  names: readonly (N | undefined)[],
  otherwise = 0,
): (bits: number) => readonly (N | number)[] {
  const known = new Map<number, readonly (N | number)[]>();
  return (bits) => {
    let list = known.get(bits);
    if (list === undefined) {
      const flags: (N | number)[] = [];
      for (let bit = 0; bit < 32; bit += 1) {
        const value = (1 << bit) >>> 0;
        if ((bits & value & ~otherwise) !== 0) flags.push(names[bit] ?? value);
      }
      list = Object.freeze(flags);
      // The number of combinations is bounded in practice; a hostile sender must not make it grow for ever.
      if (known.size < 4096) known.set(bits, list);
    }
    return list;
  };
}

/**
 * Makes the reverse function: the bits of names, and of numbers as they are; `undefined` for anything else.
 *
 * @param max the largest number that is allowed
 */
export function flagBits<N extends string>(
  names: readonly (N | undefined)[],
  max = 0xffffffff,
): (flags: readonly (string | number)[]) => number | undefined {
  return (flags) => {
    let bits = 0;
    for (const flag of flags) {
      if (typeof flag === 'number') {
        if (!Number.isInteger(flag) || flag < 1 || flag > max) return undefined;
        bits |= flag;
        continue;
      }
      const bit = flag === undefined ? -1 : names.indexOf(flag as N);
      if (bit < 0) return undefined;
      bits |= 1 << bit;
    }
    return bits >>> 0;
  };
}
