// Does the checks of one limit, one after the other, and prints how each ended.
import { writeSync } from 'node:fs';
import { LIMITS } from './limits.mjs';

const limit = LIMITS[Number(process.argv[2])];
const MAX_CHECK_MS = process.env.LIMITS_FULL ? 900_000 : 150_000;

for (const [does, run] of limit.checks) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${MAX_CHECK_MS} ms`)), MAX_CHECK_MS);
  });
  let outcome = 'works';
  let message = '';
  try {
    const result = await Promise.race([(async () => run())(), late]);
    // What was measured.
    if (typeof result === 'string' && /\d s\b/.test(result)) message = result;
  } catch (error) {
    outcome = error?.code ?? error?.name ?? 'Error';
    message = error?.message ?? String(error);
  }
  clearTimeout(timer);
  writeSync(1, `${JSON.stringify({ does, outcome, message })}\n`);
}
process.exit(0);
