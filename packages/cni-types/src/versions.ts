import { CniError, errorCodes } from './cni-error.js';
import { shown } from './document-value.js';

/** The released versions of the specification that this package speaks, oldest first. */
export const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

/** A released version of the specification. */
export type CniVersion = (typeof supportedVersions)[number];

/** The newest version. */
export const currentVersion = '1.1.0' satisfies CniVersion;

/** What a document without a version is, by the specification. */
export const versionIfUndeclared = '0.1.0' satisfies CniVersion;

/** Something that a reader should be told and that does not keep a document from being used. */
export interface Diagnostic {
  /** `'ERR_UNRELEASED_VERSION'`. */
  readonly code: string;
  /** The place in the document, `cniVersion`. */
  readonly place: string;
  readonly message: string;
}

/** Whether it is a version that this package speaks. */
export function isSupportedVersion(version: string): version is CniVersion {
  return (supportedVersions as readonly string[]).includes(version);
}

/** @throws CniError (1) if it is not a version that this package speaks */
export function checkVersion(version: string): asserts version is CniVersion {
  if (isSupportedVersion(version)) return;
  throw new CniError({
    code: errorCodes.incompatibleCniVersion,
    msg: `${shown(version)} is not a version of the CNI specification that is known here`,
    details: `known are ${supportedVersions.join(', ')}`,
  });
}

/** Whether it has the form of a version, released or not: `1`, `1.1` or `1.1.0`. */
export function isVersionNumber(version: string): boolean {
  return /^\d+(?:\.\d+){0,2}$/.test(version);
}

/** Whether one released version is the other or a later one. */
export function atLeast(version: CniVersion, minimum: CniVersion): boolean {
  return supportedVersions.indexOf(version) >= supportedVersions.indexOf(minimum);
}

/** The newest of some versions. */
export function newestOf(versions: readonly CniVersion[]): CniVersion {
  return versions.reduce((best, candidate) => (atLeast(best, candidate) ? best : candidate), '0.1.0');
}

/** A version that a document declares, and what it is taken for. */
export interface ResolvedVersion {
  readonly version: CniVersion;
  /** Why the two differ. */
  readonly diagnostic?: Diagnostic;
}

/**
 * Takes a declared version for a released one. No declaration means 0.1.0. A patch version of 1.0 or 1.1 that was
 * never released (1.0.1 is met in the field: it is a release of the library, not of the specification) is taken for
 * the release it can only mean, with a diagnostic.
 *
 * @throws CniError (1) if it is not a version, or one that this package does not speak
 */
export function resolveVersion(declared: string | undefined, place = 'cniVersion'): ResolvedVersion {
  if (declared === undefined || declared === '') return { version: versionIfUndeclared };
  if (isSupportedVersion(declared)) return { version: declared };
  const patch = /^(1\.[01])\.\d+$/.exec(declared);
  const meant = patch ? `${patch[1]}.0` : '';
  if (isSupportedVersion(meant))
    return {
      version: meant,
      diagnostic: {
        code: 'ERR_UNRELEASED_VERSION',
        place,
        message: `${place}: ${shown(declared)} is not a released version of the CNI specification and plugins refuse it: taken for "${meant}", declare that`,
      },
    };
  throw new CniError({
    code: errorCodes.incompatibleCniVersion,
    msg: `${place}: ${shown(declared)} is ${/^\d+\.\d+\.\d+/.test(declared) ? 'a version of the CNI specification that is not known here' : 'not a version'}`,
    details: `known are ${supportedVersions.join(', ')}`,
    place,
  });
}

/** What a document says about its version. */
export interface VersionDeclaration {
  readonly cniVersion?: string | undefined;
  readonly cniVersions?: readonly string[] | undefined;
}

/**
 * The version in which a network is run: the highest of those declared (`cniVersion` and `cniVersions`) that this
 * package speaks. Entries of `cniVersions` from the future are passed over, as the specification wants.
 *
 * @throws CniError (1) if none of them is spoken here
 */
export function effectiveVersion(declaration: VersionDeclaration): ResolvedVersion {
  // In a document, null is as good as nothing (Go's decoder has it so, and real documents rely on it).
  const cniVersion = declaration.cniVersion ?? undefined;
  const cniVersions = declaration.cniVersions ?? [];
  if (cniVersions.length === 0) return resolveVersion(cniVersion);
  const candidates: ResolvedVersion[] = [];
  let refusal: unknown;
  const consider = (declared: string, place: string): void => {
    try {
      candidates.push(resolveVersion(declared, place));
    } catch (error) {
      refusal ??= error;
    }
  };
  cniVersions.forEach((declared, index) => {
    const place = `cniVersions[${index}]`;
    if (!isVersionNumber(declared))
      throw new CniError({
        code: errorCodes.incompatibleCniVersion,
        msg: `${place}: ${shown(declared)} is not a version`,
        place,
      });
    consider(declared, place);
  });
  if (cniVersion !== undefined && cniVersion !== '') consider(cniVersion, 'cniVersion');
  const [first, ...others] = candidates;
  if (first === undefined) throw refusal;
  return others.reduce((best, candidate) => (atLeast(best.version, candidate.version) ? best : candidate), first);
}
