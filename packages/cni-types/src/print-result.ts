import { convertResult } from './convert-result.js';
import type { Result } from './result.js';
import type { CniVersion } from './versions.js';

/**
 * Writes a result as a plugin prints it: JSON, indented by four spaces.
 *
 * @param version the version to print it in, if not its own
 */
export function printResult(result: Result, version: CniVersion = result.cniVersion): string {
  return JSON.stringify(convertResult(result, version), undefined, 4);
}
