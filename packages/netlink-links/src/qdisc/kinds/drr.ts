import type { QdiscKind } from './kind.js';
import { noOptions, type WithoutOptions } from './without-options.js';

/** Deficit round robin: classes are served in turn, each with a quantum of bytes; tc-drr(8). */
export const drr: QdiscKind<WithoutOptions> = { kernelName: 'drr', ...noOptions };
