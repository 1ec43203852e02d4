import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** Takes sockets that were destroyed out of an agent's free ones. Node looks only at the first whether it is still good. */
export function forgetDestroyedSockets(agent: Agent): void {
  const freeSockets = agent.freeSockets as Record<string, Socket[] | undefined>;
  for (const [name, sockets] of Object.entries(freeSockets)) {
    if (!sockets?.some(({ destroyed }) => destroyed)) continue;
    const good = sockets.filter(({ destroyed }) => !destroyed);
    if (good.length > 0) freeSockets[name] = good;
    else delete freeSockets[name];
  }
}
