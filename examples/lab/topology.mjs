// The lab as data: who is there, and which wire joins whom. Everything else is made from it.

/** Rate of the long-distance wire, bits per second. */
export const LIMIT = 2_000_000;

export const topology = {
  hosts: {
    h1: { gateway: '192.0.2.1' },
    h2: { gateway: '192.0.2.65' },
    h3: { gateway: '203.0.113.1' },
  },
  routers: {
    r1: { routes: { '203.0.113.0/24': '198.51.100.2' } },
    r2: { routes: { '192.0.2.0/24': '198.51.100.1' } },
  },
  wires: [
    { ends: { h1: '192.0.2.10/26', r1: '192.0.2.1/26' } },
    { ends: { h2: '192.0.2.70/26', r1: '192.0.2.65/26' } },
    { ends: { r1: '198.51.100.1/30', r2: '198.51.100.2/30' }, tbf: { rate: LIMIT, burst: 4000, latency: 20 } },
    { ends: { r2: '203.0.113.1/24', h3: '203.0.113.10/24' } },
  ],
};
