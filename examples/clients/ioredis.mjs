// Redis in a VRF, with `ioredis`: a connector of one's own dials, and dials again after a loss.
//
//   node ioredis.mjs <vrf> <host> <port>
import { AbstractConnector, Redis } from 'ioredis';
import { dial } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

class VrfConnector extends AbstractConnector {
  async connect() {
    this.connecting = true;
    this.stream = await dial({ vrf, host, port: Number(port), noDelay: true });
    return this.stream;
  }
}

const redis = new Redis({ Connector: VrfConnector });
await redis.set('greeting', 'hello');
console.log(await redis.get('greeting'));

// The connection breaks; the next command goes over a new one, dialled in the VRF as well.
redis.stream.destroy();
console.log(await redis.incr('counter'));
redis.disconnect();
