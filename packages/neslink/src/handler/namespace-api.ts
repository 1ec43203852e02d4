import type { NetnsHandle } from 'netns-core';
import type { Microservice, MicroserviceCtx } from './microservice.js';
import type { Namespace } from './namespace.js';
import type { NamespaceMgmtCtx } from './namespace-mgmt-ctx.js';
import type { ArpNamespace, InterfaceNamespace, RouteNamespace } from './typed-namespace.js';

/** Managing namespaces. */
export interface NsManagement {
  getOrCreateNamespace(ns: Namespace | undefined): NetnsHandle;
  isNamespaceAvailable(ns: InterfaceNamespace | undefined): boolean;
  switchNamespace<T>(ns: Namespace | undefined, ctx: NamespaceMgmtCtx, fn: () => T): T;
  switchNamespace(ns: Namespace | undefined, ctx: NamespaceMgmtCtx): () => void;
  switchToNamespace<T>(ctx: NamespaceMgmtCtx, ns: InterfaceNamespace | undefined, fn: () => T): T;
  switchToNamespace(ctx: NamespaceMgmtCtx, ns: InterfaceNamespace | undefined): () => void;
  getConfigNamespace(): InterfaceNamespace | undefined;
  convertMicroserviceNsToPidNs(label: string): Namespace | undefined;
}

/** Converting between the namespaces of different kinds of configuration. */
export interface NsConvertor {
  ifaceNsToString(ns: InterfaceNamespace | undefined): string;
  ifNsToGeneric(ns: InterfaceNamespace | undefined): Namespace;
  arpNsToGeneric(ns: ArpNamespace | undefined): Namespace;
  genericToArpNs(ns: Namespace | undefined): ArpNamespace;
  routeNsToGeneric(ns: RouteNamespace | undefined): Namespace;
  genericToRouteNs(ns: Namespace | undefined): RouteNamespace;
}

/** Managing microservices. */
export interface Microservices {
  handleMicroservices(ctx: MicroserviceCtx): Promise<void>;
  getMicroserviceByLabel(): ReadonlyMap<string, Microservice>;
  getMicroserviceByID(): ReadonlyMap<string, Microservice>;
}

/** All of it. */
export interface NamespaceAPI extends NsManagement, NsConvertor, Microservices {}
