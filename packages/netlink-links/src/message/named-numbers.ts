import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';

/**
 * Numbers of the kernel that people know by name, both ways. Numbers that have no name stay numbers, so that nothing
 * a newer kernel says is lost.
 */
export class NamedNumbers<N extends string> {
  readonly #property: string;
  readonly #most: number;
  readonly #numbers: Readonly<Record<N, number>>;
  /** By number; made when the first is asked for. */
  #names: readonly (N | number)[] | undefined;
  readonly #namesBeyond = new Map<number, N>();

  /**
   * @param property that they are the values of, for errors: `'type'`
   * @param most the greatest number there can be
   */
  constructor(property: string, numbers: Readonly<Record<N, number>>, most = 0xff) {
    this.#property = property;
    this.#most = most;
    this.#numbers = numbers;
  }

  /** The name of a number, or the number itself where it has none. */
  name(number: number): N | number {
    this.#names ??= this.#makeNames();
    return this.#names[number] ?? this.#namesBeyond.get(number) ?? number;
  }

  #makeNames(): (N | number)[] {
    const names: (N | number)[] = Array.from({ length: 256 }, (_, number) => number);
    for (const name of Object.keys(this.#numbers) as N[]) {
      const number = this.#numbers[name];
      if (number < 256) names[number] = name;
      else this.#namesBeyond.set(number, name);
    }
    return names;
  }

  /**
   * The number behind a name; numbers are taken as they are.
   *
   * @param property where it is another than usual: `'metrics.lock'`
   * @throws InvalidOptionError when it is neither a known name nor a possible number
   */
  number(value: N | number, property = this.#property): number {
    const number =
      typeof value === 'number'
        ? value
        : typeof value === 'string' && Object.hasOwn(this.#numbers, value)
          ? this.#numbers[value]
          : -1;
    if (Number.isInteger(number) && number >= 0 && number <= this.#most) return number;
    throw new InvalidOptionError(
      property,
      `${property} must be one of ${Object.keys(this.#numbers).join(', ')} or a number up to ${this.#most}, got ${shown(value)}`,
    );
  }
}
