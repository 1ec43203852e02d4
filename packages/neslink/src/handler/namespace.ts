import { NetnsError } from 'netns-core';
import { FileRefNs, MicroserviceRefNs, NamedNs, type NamespaceType, PidRefNs } from './namespace-type.js';
import type { InterfaceNamespace } from './typed-namespace.js';

/** What a {@link Namespace} is made of. */
export interface NamespaceFields {
  type?: NamespaceType | undefined;
  pid?: number | undefined;
  microservice?: string | undefined;
  name?: string | undefined;
  filePath?: string | undefined;
}

/** A namespace however it is referred to, free of the kind of configuration it came from. The empty one is the default namespace. */
export class Namespace {
  readonly type: NamespaceType;
  readonly pid: number;
  readonly microservice: string;
  readonly name: string;
  readonly filePath: string;

  constructor(fields: NamespaceFields = {}) {
    this.type = fields.type ?? PidRefNs;
    this.pid = fields.pid ?? 0;
    this.microservice = fields.microservice ?? '';
    this.name = fields.name ?? '';
    this.filePath = fields.filePath ?? '';
  }

  /** See {@link compareNamespaces}. */
  compareNamespaces(other: Namespace | undefined): number {
    return compareNamespaces(this, other);
  }

  /** See {@link genericNsToString}. */
  genericNsToString(): string {
    return genericNsToString(this);
  }

  /** See {@link genericToIfaceNs}. */
  genericToIfaceNs(): InterfaceNamespace {
    return genericToIfaceNs(this);
  }

  toString(): string {
    return genericNsToString(this);
  }
}

/**
 * Orders namespaces: by type, then by what the type refers to. 0 if they are the same reference, negative if the first
 * comes before the second. Missing ones are equal to each other, and come (-1) before none.
 */
export function compareNamespaces(a: Namespace | undefined, b: Namespace | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : -1;
  if (a.type !== b.type) return a.type - b.type;
  switch (a.type) {
    case PidRefNs:
      // The original subtracts a pid from itself.
      return a.pid - b.pid;
    case MicroserviceRefNs:
      return compareText(a.microservice, b.microservice);
    case NamedNs:
      return compareText(a.name, b.name);
    case FileRefNs:
      return compareText(a.filePath, b.filePath);
    default:
      return 0;
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** How logs call a namespace: `PID:7`, `MICROSERVICE:x`, `FILE:/x`, the bare name; `invalid namespace` for a missing one. */
export function genericNsToString(ns: Namespace | undefined): string {
  if (ns === undefined) return 'invalid namespace';
  switch (ns.type) {
    case PidRefNs:
      return `PID:${ns.pid}`;
    case MicroserviceRefNs:
      return `MICROSERVICE:${ns.microservice}`;
    case NamedNs:
      return ns.name;
    case FileRefNs:
      return `FILE:${ns.filePath}`;
    default:
      return 'unknown namespace type';
  }
}

/**
 * Converts to the namespace of an interface.
 *
 * @throws NetnsError for a missing one
 */
export function genericToIfaceNs(ns: Namespace | undefined): InterfaceNamespace {
  return toTyped(ns, 'an interface');
}

/** @internal */
export function toTyped(ns: Namespace | undefined, whose: string): InterfaceNamespace {
  if (ns === undefined)
    throw new NetnsError(`a missing namespace cannot become that of ${whose}`, { code: 'ERR_INVALID_ARGUMENT' });
  const { type, pid, microservice, name, filePath } = ns;
  return { type, pid, microservice, name, filepath: filePath };
}

/** @internal A missing one is the default namespace. */
export function fromTyped(ns: InterfaceNamespace | undefined): Namespace {
  if (ns === undefined) return new Namespace();
  const { type, pid, microservice, name, filepath } = ns;
  return new Namespace({ type, pid, microservice, name, filePath: filepath });
}
