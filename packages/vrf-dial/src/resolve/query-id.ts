// Random numbers are drawn in bulk: one call of the generator costs as much as a system call. Used once each.
const pool = new Uint16Array(256);
let next = pool.length;

/** An unpredictable id for one query. */
export function randomQueryId(): number {
  if (next === pool.length) {
    process.getBuiltinModule('node:crypto').randomFillSync(pool);
    next = 0;
  }
  const id = pool[next] ?? 0;
  // Who reads the memory later learns nothing of queries that are under way.
  pool[next] = 0;
  next += 1;
  return id;
}
