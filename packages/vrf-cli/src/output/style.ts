import type { WriteStream } from 'node:tty';
import pc from 'picocolors';

export type Style = ReturnType<typeof pc.createColors>;

/** Whether text for this stream may have colours: on a terminal, unless NO_COLOR says no or FORCE_COLOR says yes. */
function hasColours(stream: NodeJS.WritableStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
  return isTerminal(stream) && TERM !== 'dumb';
}

/** Whether a stream is a terminal. */
export function isTerminal(stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<WriteStream>).isTTY === true;
}

/** Colours for standard output, where it takes them. */
export const style: Style = pc.createColors(hasColours(process.stdout));

/** Colours for standard error, where it takes them. */
export const errorStyle: Style = pc.createColors(hasColours(process.stderr));

/** No colours. */
export const plainStyle: Style = pc.createColors(false);
