/** The name that a `services(5)` file has for a TCP port; `undefined` if it has none. */
export function serviceOfPort(text: string, port: number): string | undefined {
  for (const line of text.split('\n')) {
    const comment = line.indexOf('#');
    const [service, number] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    if (service !== undefined && number === `${port}/tcp`) return service;
  }
  return undefined;
}
