import { errorStyle, isTerminal } from './style.js';

const DEFAULT_COLUMNS = 80;

/** A line on the terminal that tells how far a command is; nothing where standard error is not a terminal. */
export class Progress {
  readonly #active = isTerminal(process.stderr);

  show(text: string): void {
    if (!this.#active) return;
    const columns = process.stderr.columns || DEFAULT_COLUMNS;
    process.stderr.write(`\r\u001b[K${errorStyle.dim(text.slice(0, columns - 1))}`);
  }

  clear(): void {
    if (this.#active) process.stderr.write('\r\u001b[K');
  }
}
