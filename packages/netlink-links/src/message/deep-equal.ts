/** Whether two values say the same. Not imported: that reads all of `node:util`, which loads parsers of arguments and MIME types. */
export const { isDeepStrictEqual } = process.getBuiltinModule('node:util');
