// What the demo claims, and whether it was so.

const checks = [];

/** Notes down one claim. */
export function check(claim, holds, shown = '') {
  checks.push({ claim, holds, shown });
}

/** Prints rows of equal keys as a table. */
export function table(rows) {
  const columns = Object.keys(rows[0]);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  const line = (cells) => `  ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join('   ')}`.trimEnd();
  console.log(line(columns));
  console.log(line(widths.map((width) => '─'.repeat(width))));
  for (const row of rows) console.log(line(columns.map((column) => row[column])));
  console.log();
}

/** Prints all claims; answers whether every one of them holds. */
export function printChecks() {
  for (const { claim, holds, shown } of checks)
    console.log(`  ${holds ? '✓' : '✗'} ${claim}${shown === '' ? '' : `: ${shown}`}`);
  const failed = checks.filter(({ holds }) => !holds).length;
  console.log(`\n  ${checks.length - failed} of ${checks.length} claims hold.\n`);
  return failed === 0;
}
