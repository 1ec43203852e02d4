// The Kubernetes API in a VRF, with `@kubernetes/client-node`: API calls, Watch and Log use undici, Exec, Attach and
// PortForward `ws`. A KubeConfig says how each connects.
//
//   KUBECONFIG=… node kubernetes.mjs <vrf>
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CoreV1Api, Exec, KubeConfig, Watch } from '@kubernetes/client-node';
import { createVrfConnector, VrfHttpsAgent } from 'vrf-dial';

const [vrf] = process.argv.slice(2);

class VrfKubeConfig extends KubeConfig {
  createDispatcherOptions(cluster, tls) {
    // A proxy would be reached from home.
    if (cluster.proxyUrl) throw new Error(`${cluster.name} has a proxy`);
    return { type: 'agent', connect: createVrfConnector({ vrf, ...tls }) };
  }

  async applyToHTTPSOptions(options) {
    await super.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized } = options;
    options.agent = new VrfHttpsAgent({ vrf, ca, cert, key, rejectUnauthorized });
  }
}

const config = new VrfKubeConfig();
config.loadFromDefault();

const { items } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default' });
console.log('pods', items.map(({ metadata }) => metadata.name).join());

const event = await new Promise((resolve, reject) => {
  new Watch(config).watch(
    '/api/v1/namespaces/default/pods',
    {},
    (type, { metadata }) => resolve([type, metadata.name]),
    reject,
  );
});
console.log('watch', ...event);

const stdout = new PassThrough();
await new Exec(config).exec('default', 'web', 'nginx', ['hostname'], stdout, null, null, false, () => stdout.end());
console.log('exec', await text(stdout));
process.exit();
