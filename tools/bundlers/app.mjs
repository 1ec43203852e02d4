// The program that is bundled: it loads koffi, starts both kinds of threads, and speaks http in a namespace.
import { createServer } from 'node:http';
import { linkSetUp } from 'netlink-links';
import { addNamedAsync, deleteNamed, NamespaceWorker, runInNamespace } from 'netns-core';
import { createVrfFetch, listenInVrf } from 'vrf-dial';

const ADDRESS = { host: '127.0.0.1', port: 8080 };

async function main() {
  const vrf = `bundled${process.pid}`;
  const name = `ns-${vrf}`;
  (await addNamedAsync(name)).close();
  try {
    runInNamespace(name, () => linkSetUp('lo'));
    const listener = await listenInVrf(
      createServer((_request, response) => response.end('bundled')),
      { vrf, ...ADDRESS },
    );
    const fetch = createVrfFetch({ vrf });
    const text = await (await fetch(`http://${ADDRESS.host}:${ADDRESS.port}/`)).text();
    await fetch.close();
    const code = `fetch('http://${ADDRESS.host}:${ADDRESS.port}/').then((response) => response.text())
      .then((text) => require('node:worker_threads').parentPort.postMessage(text));`;
    const worker = new NamespaceWorker(name, code, { eval: true });
    const fromThread = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await listener.close();
    console.log(text, fromThread);
  } finally {
    deleteNamed(name);
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
