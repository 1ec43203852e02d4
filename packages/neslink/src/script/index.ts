export { Cmd } from './cmd.js';
export type { Environment, EnvironmentInput } from './environment.js';
export { type ExecOptions, type Executor, execute } from './executor.js';
export type { Fields } from './fields.js';
export { type Output, parseOutput } from './output.js';
export { Process, type ProcessOptions } from './process.js';
export { Result } from './result.js';
export { Script } from './script.js';
export { renderTemplate, shellQuote, TemplateError } from './template/index.js';
