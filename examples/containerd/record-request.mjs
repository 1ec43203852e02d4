// A chained plugin that changes nothing: it writes down what the runtime asks, as cni-types reads it, in the file that
// its configuration names.
//
//   { "type": "record-request", "file": "/run/requests", "capabilities": { "portMappings": true, … } }
import { appendFileSync } from 'node:fs';
import { runPlugin } from 'cni-types/plugin';

/** @param {import('cni-types/plugin').PluginRequest} request */
function record({ command, containerId, netns, args, portMappings, bandwidth, dns, config }) {
  const line = { command, containerId, netns, args, portMappings, bandwidth, dns, runtimeConfig: config.runtimeConfig };
  appendFileSync(String(config.file), `${JSON.stringify(line)}\n`);
}

runPlugin({
  add(request) {
    record(request);
    return undefined;
  },
  del: record,
});
