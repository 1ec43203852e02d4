/** The data of a template, by field name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Adds fields; those that exist are replaced, unless `overwrite` is false. */
export function mergeFields(base: Fields, added: Fields, overwrite = true): Fields {
  return overwrite ? { ...base, ...added } : { ...added, ...base };
}
