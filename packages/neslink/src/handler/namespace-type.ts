/** A namespace by a process that is in it; pid 0 is the default namespace. */
export const PidRefNs = 0;
/** A namespace by the label of a microservice, that is, of a container. */
export const MicroserviceRefNs = 1;
/** A namespace by its name, `ip netns`'s. */
export const NamedNs = 2;
/** A namespace by the path of its file. */
export const FileRefNs = 3;

/** By what a namespace is referred to. */
export type NamespaceType = typeof PidRefNs | typeof MicroserviceRefNs | typeof NamedNs | typeof FileRefNs;
