import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, checkOptionalLink, resolveLinkIndex } from '../operation/link-reference.js';
import type { Program } from '../operation/operation.js';
import type { LinkSettings } from './attributes/settings.js';
import type { Related } from './attributes/write.js';

/** The links that settings name, checked; `master` is 0 for none. */
export interface References {
  readonly master?: string | number | undefined;
  readonly parent?: string | number | undefined;
  /** Identifier of the namespace in which `parent` is. */
  readonly parentNetnsId?: number | undefined;
}

/** The references in the settings, checked; `null` (no master) becomes 0. @throws InvalidOptionError */
export function references({ master, parent, linkNetnsId }: LinkSettings): References {
  return {
    ...(master !== undefined && { master: master === null ? 0 : checkLinkReference(master, 'master') }),
    ...(parent !== undefined && { parent: checkOptionalLink(parent, 'parent'), parentNetnsId: linkNetnsId }),
  };
}

/** Whether nothing has to be looked up. */
export function isResolved(related: References): related is Related {
  return typeof related.master !== 'string' && typeof related.parent !== 'string';
}

/** Looks up what is given by name. */
export function* resolveRelated(
  identity: OperationIdentity,
  { master, parent, parentNetnsId }: References,
): Program<Related> {
  const numbers: Related = {};
  if (master !== undefined) numbers.master = yield* resolveLinkIndex(identity, master);
  if (parent !== undefined) numbers.parent = yield* resolveLinkIndex(identity, parent, parentNetnsId);
  return numbers;
}
