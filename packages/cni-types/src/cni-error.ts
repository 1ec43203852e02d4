/** Marks our errors, so that copies of this package (ESM and CommonJS, two versions) recognise each other's. */
const BRAND = Symbol.for('cni-types.error');

/**
 * The error codes that the specification gives a meaning to, by name. Codes of 100 and more belong to the plugins.
 *
 * Source: CNI SPEC 1.1.0, section 5, "Error"; 8 and 999 are what the reference library uses beside them.
 */
export const errorCodes = {
  incompatibleCniVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironmentVariables: 4,
  ioFailure: 5,
  decodingFailure: 6,
  invalidNetworkConfig: 7,
  invalidNetns: 8,
  tryAgainLater: 11,
  pluginNotAvailable: 50,
  limitedConnectivity: 51,
  internal: 999,
} as const;

/** What a {@link CniError} is made of. */
export interface CniErrorDetails {
  /** One of {@link errorCodes}, or 100 and more for a plugin's own. */
  code: number;
  /** A short sentence. */
  msg: string;
  /** A longer one. */
  details?: string | undefined;
  /** The version of the configuration that the failed call was made with. */
  cniVersion?: string | undefined;
  /** The place in the document that is wrong: `plugins[1].ipam.ranges[0][0].subnet`. */
  place?: string | undefined;
  cause?: unknown;
}

/** A CNI error as it travels: what a failing plugin prints on its standard output. */
export interface CniErrorDocument {
  cniVersion?: string;
  code: number;
  msg: string;
  details?: string;
}

/**
 * An error of CNI: one that a plugin has reported, or one that a plugin written with `cni-types/plugin` is to
 * report. Its JSON is the error document of the specification.
 */
export class CniError extends Error {
  override name = 'CniError';
  /** One of {@link errorCodes}, or 100 and more for a plugin's own. */
  readonly code: number;
  /** A short sentence; `message` has the details behind it. */
  readonly msg: string;
  declare readonly details?: string;
  /** The version of the configuration that the failed call was made with. */
  declare readonly cniVersion?: string;
  /** The place in the document that is wrong, where the error is about a document. */
  declare readonly place?: string;
  /** @internal names of the classes that this error belongs to */
  declare readonly [BRAND]: readonly string[];

  constructor({ code, msg, details, cniVersion, place, cause }: CniErrorDetails) {
    super(details ? `${msg}; ${details}` : msg, cause === undefined ? undefined : { cause });
    this.code = code;
    this.msg = msg;
    if (details) this.details = details;
    if (cniVersion !== undefined) this.cniVersion = cniVersion;
    if (place !== undefined) this.place = place;
    const names: string[] = [];
    for (
      let type: unknown = new.target;
      typeof type === 'function' && type !== Error;
      type = Object.getPrototypeOf(type)
    )
      names.push(type.name);
    Object.defineProperty(this, BRAND, { value: names });
  }

  /** Recognises errors by brand as well as by class: one made by another copy of the package is an instance, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const names = (value as { [BRAND]?: readonly string[] })[BRAND];
    return Array.isArray(names) && names.includes(this.name);
  }

  /** The error document of the specification. */
  toJSON(): CniErrorDocument {
    return {
      ...(this.cniVersion === undefined ? {} : { cniVersion: this.cniVersion }),
      code: this.code,
      msg: this.msg,
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
