import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseNetworkConfigList } from 'cni-types';
import { gcNetworkList } from 'cni-types/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ip, ipIn, ipJson, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { Containerd } from './containerd.ts';
import { Node, type Pod } from './node.ts';

// Tests build on one another, as a node's life does: it is empty, gets its network, runs pods, gets another network.

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PLUGIN = path.join(HERE, '../cni-plugin');
const bridge = uniqueName('vb');

let folder = '';
let containerd: Containerd;
let node: Node;

interface Recorded {
  command: string;
  containerId: string;
  netns: string;
  args: Record<string, string>;
  portMappings: unknown;
  dns: unknown;
  bandwidth: unknown;
  runtimeConfig?: Record<string, unknown>;
}

const recorded = (containerId: string): Recorded[] =>
  readFileSync(`${folder}/requests`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
    .filter((each) => each.containerId === containerId);

/** A network's configuration: the plugin, Debian's portmap, and more. */
const network = (name: string, subnet: string, ...more: readonly object[]) => ({
  cniVersion: '1.0.0',
  name,
  plugins: [
    {
      type: 'veth-bridge',
      bridge,
      isGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: `${folder}/ipam`,
        ranges: [[{ subnet }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
    ...more,
  ],
});

/** The addresses that host-local has given out. */
const leases = (name: string): string[] =>
  existsSync(`${folder}/ipam/${name}`) ? readdirSync(`${folder}/ipam/${name}`).filter((file) => /^\d/.test(file)) : [];

const get = (url: string, namespace?: string): string => {
  const where = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [program = '', ...args] = [...where, 'curl', '-sS', '-m', '10', '--retry', '5', '--retry-all-errors', url];
  return run(program, args);
};

beforeAll(async () => {
  folder = mkdtempSync('/run/node-');
  // libcni's cache; the machine's own is not touched.
  run('mount', ['-t', 'tmpfs', 'node', '/var/lib']);
  execFileSync(process.execPath, [path.join(PLUGIN, 'package/build.mjs'), `${folder}/plugin`], {
    stdio: 'pipe',
    timeout: 100_000,
  });
  containerd = await Containerd.start(`${folder}/containerd`);
  node = new Node(containerd);
  writeFileSync(
    `${containerd.binDir}/record-request`,
    `#!/bin/sh\nexec node '${path.join(HERE, 'record-request.mjs')}'\n`,
    { mode: 0o755 },
  );
}, 120_000);

afterAll(async () => {
  await containerd.stop();
  run('umount', ['/var/lib']);
  rmSync(folder, { recursive: true });
}, 60_000);

afterEach(async () => {
  if (containerd.running) await node.removePods();
}, 60_000);

describe('a node with containerd', { timeout: 180_000 }, () => {
  it('is ready once the DaemonSet has installed the plugin and its network', async () => {
    expect(await node.networkReady()).toEqual({ ready: false, message: expect.stringContaining('cni') });
    // The DaemonSet's pod, as the kubelet would run it, in the network of the node.
    const documents = parseAllDocuments(readFileSync(path.join(PLUGIN, 'deploy/daemonset.yaml'), 'utf8'));
    const [map, set] = documents.map((document) => document.toJS() as unknown) as [ConfigMap, DaemonSet];
    const [install] = set.spec.template.spec.initContainers;
    expect(JSON.parse(map.data['10-example.conflist'] ?? '')).toMatchObject({ name: 'example' });
    const pod = await node.runPod(uniqueName('install'), { network: 'NODE' });
    const directories: Record<string, string> = {
      'cni-bin': containerd.binDir,
      'cni-conf': containerd.confDir,
    };
    const container = await node.start(pod, install.name, install.command, {
      envs: [{ key: 'CNI_NETWORK_CONFIG', value: JSON.stringify(network('example', '198.51.100.0/25')) }],
      mounts: [
        // What the Dockerfile copies into the image.
        { containerPath: '/install.sh', hostPath: path.join(PLUGIN, 'deploy/install.sh'), readonly: true },
        { containerPath: '/plugin', hostPath: `${folder}/plugin`, readonly: true },
        ...install.volumeMounts.map(({ name, mountPath }) => ({
          containerPath: mountPath,
          hostPath: directories[name] ?? '',
        })),
      ],
    });
    const code = await retryUntil(async () => {
      const ended = await node.exitCode(container);
      return ended === undefined ? undefined : { ended };
    }, 30_000);
    const log = readFileSync(`${containerd.logs}/${pod.config.metadata.name}-${install.name}.log`, 'utf8');
    expect({ ...code, log }).toEqual({ ended: 0, log: expect.stringContaining('installed ') });
    await retryUntil(async () => (await node.networkReady()).ready, 30_000);
    await node.removePod(pod);
    expect(readdirSync(containerd.binDir).filter((file) => file.endsWith('.new'))).toEqual([]);
  });

  it('runs 20 pods at once, the first ones of the node', async () => {
    const pods = await Promise.all(Array.from({ length: 20 }, () => node.runPod(uniqueName('many'))));
    expect(new Set(pods.map((pod) => pod.ip)).size).toBe(20);
    expect(leases('example').sort()).toEqual(pods.map((pod) => pod.ip).sort());
    expect(ipJson(`link show master ${bridge}`)).toHaveLength(20);
    expect(ipJson<{ addr_info: { local: string }[] }>(`-4 addr show ${bridge}`)[0]?.addr_info).toEqual([
      expect.objectContaining({ local: '198.51.100.1', prefixlen: 25 }),
    ]);
    await Promise.all(pods.map((pod) => node.removePod(pod)));
    expect(leases('example')).toEqual([]);
    expect(ipJson(`link show master ${bridge}`)).toEqual([]);
  });

  it('runs a pod whose containers reach the node and are reached, by address and by a port of the node', async () => {
    await replaceNetwork(
      network('example', '198.51.100.0/25', {
        type: 'record-request',
        file: `${folder}/requests`,
        capabilities: { portMappings: true, bandwidth: true, dns: true },
      }),
    );
    const outside = uniqueName('out');
    using _outside = makeNamespaces(outside);
    ip(`link add ${outside} type veth peer name eth0 netns ${outside}`);
    ip(`addr add 203.0.113.1/24 dev ${outside}`);
    ip(`link set ${outside} up`);
    ipIn(outside, 'addr add 203.0.113.2/24 dev eth0');
    ipIn(outside, 'link set eth0 up');

    const web = uniqueName('web');
    const pod = await node.runPod(web, { portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: 8080 }] });
    const serve = 'mkdir -p /www && echo hello from $POD >/www/index.html && exec httpd -f -p 80 -h /www';
    const container = await node.start(pod, 'server', ['sh', '-c', serve], { envs: [{ key: 'POD', value: web }] });
    expect(await node.exec(container, 'ip', '-4', 'addr', 'show', 'eth0')).toContain(`inet ${pod.ip}/25`);
    expect(await node.exec(container, 'ip', 'route')).toContain('default via 198.51.100.1 dev eth0');
    // Until the kernel has told the bridge that its port has a carrier.
    const ping = 'until ping -c 1 -W 1 198.51.100.1; do sleep 0.1; done';
    expect(await node.exec(container, 'sh', '-c', ping)).toContain('1 packets received');
    expect(await node.exec(container, 'cat', '/etc/resolv.conf')).toContain('nameserver 192.0.2.53');
    expect(get(`http://${pod.ip}/`)).toBe(`hello from ${web}\n`);
    expect(get('http://198.51.100.1:8080/')).toBe(`hello from ${web}\n`);
    expect(get('http://203.0.113.1:8080/', outside)).toBe(`hello from ${web}\n`);
    const other = await node.runPod(uniqueName('other'));
    const client = await node.start(other, 'client', ['sleep', '1000']);
    const wget = `until wget -q -O - http://${pod.ip}/; do sleep 0.1; done`;
    expect(await node.exec(client, 'sh', '-c', wget)).toBe(`hello from ${web}\n`);
    await node.removePod(other);

    // containerd writes the names of Go's fields.
    const [asked] = recorded(pod.id);
    expect(asked).toMatchObject({
      command: 'ADD',
      args: { K8S_POD_NAMESPACE: 'default', K8S_POD_NAME: web, K8S_POD_INFRA_CONTAINER_ID: pod.id },
      netns: expect.stringContaining('/netns/cni-'),
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
      dns: { servers: ['192.0.2.53'], searches: ['example.test'], options: [] },
    });
    expect(asked?.runtimeConfig?.portMappings).toEqual([
      expect.objectContaining({ HostPort: 8080, ContainerPort: 80 }),
    ]);

    await node.stopPod(pod);
    await node.stopPod(pod);
    await node.removePod(pod);
    await node.removePod(pod);
    const deletions = recorded(pod.id).filter(({ command }) => command === 'DEL');
    expect(deletions.length).toBeGreaterThan(1);
    // The second one has no namespace any more.
    expect(deletions.map(({ netns }) => netns)).toContain('');
    expect(leases('example')).toEqual([]);
    expect(run('iptables', ['-t', 'nat', '-S'])).not.toContain(pod.ip);
    expect(ipJson(`link show master ${bridge}`)).toEqual([]);
  });

  it('limits the traffic of a pod that asks for it', async () => {
    const annotations = { 'kubernetes.io/ingress-bandwidth': '8M', 'kubernetes.io/egress-bandwidth': '4M' };
    const pod = await node.runPod(uniqueName('slow'), { annotations });
    expect(recorded(pod.id)[0]?.bandwidth).toMatchObject({ ingressRate: 8_000_000, egressRate: 4_000_000 });
    await node.removePod(pod);
  });

  it('says what a plugin said, and keeps nothing of a pod that could not be run', async () => {
    const file = `${containerd.confDir}/10-example.conflist`;
    const good = readFileSync(file, 'utf8');
    await replaceNetwork({
      ...network('example', '198.51.100.0/25'),
      plugins: [{ type: 'veth-bridge', bridge: 'lo' }],
    });
    await expect(node.runPod(uniqueName('refused'))).rejects.toThrow('ipam.type: is missing');
    await replaceNetwork(JSON.parse(good) as object);
    expect(leases('example')).toEqual([]);
  });

  it('gives back what belonged to a network that has been replaced, when its garbage is collected', async () => {
    const old = parseNetworkConfigList(network('example', '198.51.100.0/25'));
    const pods: Pod[] = [await node.runPod(uniqueName('old')), await node.runPod(uniqueName('old'))];
    await replaceNetwork(network('newer', '198.51.100.128/25'));
    // DEL of an old pod runs the plugins of the new network.
    for (const pod of pods) await node.removePod(pod);
    expect(leases('example')).toHaveLength(2);
    const fresh = await node.runPod(uniqueName('fresh'));
    expect(fresh.ip).toMatch(/^198\.51\.100\.1(29|[3-9]\d)$/);
    await gcNetworkList(old, { path: containerd.binDir, validAttachments: [] });
    expect(leases('example')).toEqual([]);
    expect(leases('newer')).toEqual([fresh.ip]);
    await node.removePod(fresh);
    expect(leases('newer')).toEqual([]);
  });

  it('leaves nothing behind when it is stopped with pods running', async () => {
    const pod = await node.runPod(uniqueName('running'));
    await node.start(pod, 'sleeper', ['sleep', '1000']);
    await containerd.stop();
    const left = readdirSync('/proc').filter((entry) => {
      try {
        return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(pod.id);
      } catch {
        return false;
      }
    });
    expect(left).toEqual([]);
    expect(run('mount', [])).not.toContain(folder);
    expect(run('find', ['/sys/fs/cgroup', '-name', `*${pod.id}*`])).toBe('');
    expect(existsSync('/opt/containerd')).toBe(false);
    // With its namespace, the pod's interface has gone, and the other end with it.
    await retryUntil(() => ipJson(`link show master ${bridge}`).length === 0, 30_000, 50);
  });
});

/** Replaces the network's configuration, and waits until containerd has read it. */
async function replaceNetwork(list: object): Promise<void> {
  const file = `${containerd.confDir}/10-example.conflist`;
  const text = JSON.stringify(list);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  await retryUntil(async () => (await node.loadedNetworks()).includes(text), 30_000);
}

interface ConfigMap {
  data: Record<string, string>;
}

interface DaemonSet {
  spec: {
    template: {
      spec: {
        initContainers: [{ name: string; command: string[]; volumeMounts: { name: string; mountPath: string }[] }];
      };
    };
  };
}
