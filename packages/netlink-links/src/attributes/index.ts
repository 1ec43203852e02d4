export { type AttributeSpec, attr } from './attribute-spec.js';
export { Attributes } from './attributes.js';
