// A collector for prom-client: the counters of vrf-dial, read when they are asked for.
import { Counter } from 'prom-client';
import { counters } from 'vrf-dial';

const HELP = {
  dials: 'Connections wanted',
  connected: 'Connections made',
  failed: 'Connections that failed',
  dropped: 'Connections dropped since their namespace was removed or replaced',
  replaced: 'Namespaces of agents and connectors that were removed or replaced',
  lookups: 'Host names looked up',
  cached: 'Host names that the cache answered',
  bound: 'Binds of listeners',
};

export function collectVrfDialMetrics(register) {
  for (const [name, help] of Object.entries(HELP))
    new Counter({
      name: `vrf_dial_${name}_total`,
      help,
      registers: [register],
      collect() {
        this.reset();
        this.inc(counters()[name]);
      },
    });
}
