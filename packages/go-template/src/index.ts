export type { TemplateFunction } from './functions.js';
export { shellQuote } from './shell-quote.js';
export { Template, type TemplateOptions } from './template.js';
export { TemplateError } from './template-error.js';
