import type { NamespaceType } from './namespace-type.js';

/** The fields that the namespaces of all kinds of configuration share; those that do not belong to the type are unset. */
interface TypedNamespace {
  readonly type: NamespaceType;
  readonly pid?: number;
  readonly microservice?: string;
  readonly name?: string;
  readonly filepath?: string;
}

/** The namespace of a configured interface (`LinuxInterfaces_Interface_Namespace`). */
export interface InterfaceNamespace extends TypedNamespace {}
/** The namespace of a static ARP entry (`LinuxStaticArpEntries_ArpEntry_Namespace`). */
export interface ArpNamespace extends TypedNamespace {}
/** The namespace of a static route (`LinuxStaticRoutes_Route_Namespace`). */
export interface RouteNamespace extends TypedNamespace {}
