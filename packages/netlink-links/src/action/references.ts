import { BpfDescriptors, type BpfProgram } from '../bpf/program.js';
import type { OperationIdentity } from '../operation/errors.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation, type Program, prepared } from '../operation/operation.js';
import type { Request } from '../operation/request.js';
import type { Found } from './kinds/kind.js';

/** What a filter and its actions name, which has to be found before a message can be written. */
export interface References {
  readonly links: readonly (string | number)[];
  readonly programs: readonly BpfProgram[];
}

type KnownLinks = ReadonlyMap<string, number>;
const NO_LINKS: KnownLinks = new Map();

function* resolveLinks(identity: OperationIdentity, names: readonly string[]): Program<KnownLinks> {
  const known = new Map<string, number>();
  for (const name of names) known.set(name, yield* resolveLinkIndex(identity, name));
  return known;
}

/** @param descriptors of programs; without it all programs are file descriptors */
function foundOf(links: KnownLinks, descriptors?: BpfDescriptors): Found {
  return {
    ifindex: (link) => (typeof link === 'number' ? link : (links.get(link) ?? 0)),
    fd: (program) => (typeof program === 'number' ? program : (descriptors?.of(program) ?? -1)),
  };
}

/**
 * Makes the operation of one request that names links by their indexes and programs by file descriptors. What is known
 * already is not asked for.
 */
export function referring<T>(
  identity: OperationIdentity,
  { links, programs }: References,
  request: (found: Found) => Request<T>,
): Operation<T> {
  const names = [...new Set(links.filter((link) => typeof link === 'string'))];
  if (programs.some((program) => typeof program !== 'number'))
    return new Operation(identity, function* () {
      const known = yield* resolveLinks(identity, names);
      // Open until the kernel has answered.
      using descriptors = new BpfDescriptors(identity);
      return yield* ask(request(foundOf(known, descriptors)));
    });
  if (names.length === 0) return new Operation(identity, request(foundOf(NO_LINKS)));
  return prepared(identity, function* () {
    return request(foundOf(yield* resolveLinks(identity, names)));
  });
}
