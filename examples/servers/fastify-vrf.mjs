// A fastify plugin: `app.listenInVrf({ vrf, host, port })` in place of `app.listen`. `app.close()` closes the listener.
import { listenInVrf } from 'vrf-dial';

export async function fastifyVrf(app) {
  app.decorate('listenInVrf', async (options) => {
    await app.ready();
    return listenInVrf(app.server, { logger: app.log, ...options });
  });
}

// For the whole application, not for a part of it, as with fastify-plugin.
fastifyVrf[Symbol.for('skip-override')] = true;
