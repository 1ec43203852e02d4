import { printLine } from './print.js';
import { style } from './style.js';

/** A cell: its text, and how it is coloured once its width is known. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = '  ';

/** Prints columns of text under their headings; the last column is not padded. */
export function printTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => textOf(row[column]).length)),
  );
  const line = (cells: readonly Cell[]): string =>
    widths
      .map((width, column) => {
        const cell = cells[column];
        const text = textOf(cell);
        const padding = column === widths.length - 1 ? '' : ' '.repeat(width - text.length);
        return (typeof cell === 'object' ? cell.paint(text) : text) + padding;
      })
      .join(GAP)
      .trimEnd();
  printLine(line(headings.map((text) => ({ text, paint: style.bold }))));
  for (const row of rows) printLine(line(row));
}
