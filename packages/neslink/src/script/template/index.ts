export { renderTemplate } from './render.js';
export { shellQuote } from './shell-quote.js';
export { TemplateError } from './template-error.js';
