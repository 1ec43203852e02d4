import { checkKnownOptions, checkOptionsObject, shown } from '../checks/index.js';
import { InvalidOptionError } from '../errors.js';

/** What to do when the thread cannot return to the namespace it came from. */
export interface HopOptions {
  /**
   * `'abort'` (default): one line on stderr and the end of the process, since all its later sockets would be made in the
   * wrong namespace. `'throw'`: a {@link NamespaceRestoreError}, and the thread refuses all further work.
   *
   * @default 'abort'
   */
  onRestoreFailure?: 'abort' | 'throw' | undefined;
}

/** @throws InvalidOptionError */
export function checkHopOptions(options: HopOptions): void {
  checkOptionsObject(options, 'runInNamespace');
  checkKnownOptions(options, { callee: 'runInNamespace', names: ['onRestoreFailure'] });
  const { onRestoreFailure } = options;
  if (onRestoreFailure !== undefined && onRestoreFailure !== 'abort' && onRestoreFailure !== 'throw')
    throw new InvalidOptionError(
      'onRestoreFailure',
      `onRestoreFailure must be 'abort' or 'throw', got ${shown(onRestoreFailure)}`,
    );
}
