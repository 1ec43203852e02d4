import type { QdiscKind } from './kind.js';
import { noOptions, type WithoutOptions } from './without-options.js';

/** Quick fair queueing: classes are served by their weights. */
export const qfq: QdiscKind<WithoutOptions> = { kernelName: 'qfq', ...noOptions };
