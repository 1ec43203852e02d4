import { NetnsError } from 'netns-core';
import { isMoving } from 'netns-core/checks';
import type { VrfTarget } from '../target/target.js';

/** Makes the errors of what cannot be carried into the target. */
export class Refusal {
  /** The target as messages call it. */
  readonly #label: string;
  /** The target as options in source text, `vrf: 'red'`. */
  readonly options: string;

  constructor(label: string, target: VrfTarget) {
    this.#label = label;
    const texts = Object.entries(target).map(([option, value]) => `${option}: ${inSource(value)}`);
    this.options = texts.join(', ');
  }

  /**
   * @param what the function that was called, `'dgram.createSocket'`
   * @param effect what would happen
   * @param instead what to do
   */
  error(what: string, effect: string, instead: string): NetnsError {
    return new NetnsError(
      `${what} is refused by vrf-dial/register: ${effect} in the namespace that the process was started in, not in ${this.#label}. ${instead}`,
      { code: 'ERR_NOT_IN_VRF' },
    );
  }

  /**
   * Makes a function that throws instead of doing what `own` does, unless the thread is in a namespace that the program
   * has entered itself (`runInNamespace`, `spawnInNamespace`).
   */
  unlessInHop<F extends (...args: never[]) => unknown>(own: F, what: string, effect: string, instead: string): F {
    const refused = (...args: unknown[]): unknown => {
      if (isMoving()) return Reflect.apply(own, undefined, args);
      throw this.error(what, effect, instead);
    };
    // `promisify.custom` among them.
    return Object.defineProperties(refused, Object.getOwnPropertyDescriptors(own)) as unknown as F;
  }

  /** Makes a function that throws. */
  always(name: string, what: string, effect: string, instead: string): () => never {
    return named(() => {
      throw this.error(what, effect, instead);
    }, name);
  }

  /** Makes a function whose promise is rejected. */
  rejected(name: string, what: string, effect: string, instead: string): () => Promise<never> {
    return named(async () => {
      throw this.error(what, effect, instead);
    }, name);
  }

  /** A class whose objects cannot be made. */
  noInstances<C extends object>(own: C, what: string, effect: string, instead: string): C {
    return new Proxy(own, {
      construct: () => {
        throw this.error(what, effect, instead);
      },
    });
  }
}

function named<F extends object>(value: F, name: string): F {
  return Object.defineProperty(value, 'name', { value: name });
}

function inSource(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : `{ ${Object.entries(value as object)
        .map(([key, text]) => `${key}: '${text}'`)
        .join(', ')} }`;
}
