export { InvalidOptionError } from './errors.js';
export type { VrfDnsOptions, VrfTarget } from './target.js';
