/**
 * @internal Checks of options, references, names and the calling thread, and text for error messages, that the sibling
 * packages share: the subpath `netns-core/checks`. It is not a public interface: it may change in any version.
 * @module
 */

export * from './checks/index.js';
export { accessDenied, describeErrno } from './errors.js';
export { checkName } from './namespace/names.js';
export { checkReference, describeNamespace, namespaceName } from './namespace/reference.js';
export { checkSocketOptions } from './socket/socket-options.js';
export { checkSocketSource } from './socket/source-types.js';
export { isMoving } from './thread/moves.js';
