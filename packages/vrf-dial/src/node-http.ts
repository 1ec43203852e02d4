/**
 * `node:http`, as CommonJS has it. What is imported from it is all read at once, and on Node 22 and newer that loads the
 * whole of Node's own undici for `http.WebSocket`: twice the time and the memory of this package.
 */
export const http = process.getBuiltinModule('node:http');
