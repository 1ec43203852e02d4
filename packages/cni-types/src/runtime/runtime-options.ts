import type { OptionTypes } from '../options.js';

/**
 * The options of all functions that run plugins. Each of them takes all the names and reads its own, so that a runtime
 * can have one object of settings.
 */
export const RUNTIME_OPTIONS: OptionTypes = {
  path: 'any',
  timeout: 'number',
  signal: 'object',
  env: 'object',
  executor: 'object',
  onStderr: 'function',
  onDiagnostic: 'function',
  cacheDir: 'string',
  // What these may be is checked where they are read.
  containerId: 'any',
  ifName: 'any',
  netns: 'string',
  args: 'object',
  capabilityArgs: 'object',
  validAttachments: 'object',
  command: 'string',
  type: 'any',
  config: 'object',
};
