/** Runs a function while the thread is in a socket's namespace. */
export type Inside = <T>(run: () => T) => T;
