// A containerd of one's own: its state, its sockets, its processes and its mounts end with it, and nothing of the
// machine's is changed. It runs in the network namespace of the caller, as the node's containerd runs in the node's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { retryUntil, run } from '#testkit';
import { writeBusyboxImage } from './busybox-image.ts';
import { RuntimeService } from './runtime-service.ts';

export const IMAGE = 'example.test/busybox:1';

/** What holds on a busy machine, too: the first start of a plugin has been seen to take 16 s. */
const READY_MS = 30_000;

/** The plugins that come with the distribution; `loopback` is called for each pod. */
const DISTRIBUTION_PLUGINS = '/usr/lib/cni';

/**
 * Run as the first process of a process namespace. Control groups are the machine's: they can be read, and the kernel
 * refuses to change them. libcni, inside containerd, remembers attachments in /var/lib/cni, which cannot be configured.
 */
const PREPARE = `
while read -r _ target type _; do
  case $type in cgroup*) mount -o remount,bind,ro "$target" 2>/dev/null ;; esac
done </proc/self/mounts
exec containerd --config "$1" --log-level info
`;

/**
 * Between containerd and runc. A user namespace of an ordinary user has one group, but the default terminal devices
 * want a second one; and with --rootless, runc does without control groups where it may not make any.
 */
const RUNC = `#!/bin/sh
previous=
for argument; do
  [ "$previous" = --bundle ] && sed -i 's/,"gid=5"//' "$argument/config.json"
  previous=$argument
done
exec runc --rootless=true "$@"
`;

export class Containerd {
  /** The directory where the runtime searches for plugins (/opt/cni/bin). */
  readonly binDir: string;
  /** The directory of network configurations (/etc/cni/net.d). */
  readonly confDir: string;
  readonly logs: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #service: RuntimeService | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.binDir = path.join(folder, 'opt/cni/bin');
    this.confDir = path.join(folder, 'etc/cni/net.d');
    this.logs = path.join(folder, 'logs');
    for (const directory of [this.binDir, this.confDir, this.logs]) mkdirSync(directory, { recursive: true });
    for (const plugin of readdirSync(DISTRIBUTION_PLUGINS))
      symlinkSync(path.join(DISTRIBUTION_PLUGINS, plugin), path.join(this.binDir, plugin));
    writeFileSync(path.join(folder, 'runc'), RUNC);
    chmodSync(path.join(folder, 'runc'), 0o755);
    writeFileSync(path.join(folder, 'config.toml'), this.#configuration());
    // Containers of a pod in the node's network join the node's host name as well, which an ordinary user may do only
    // where it is one of its own.
    const namespaces = ['--pid', '--ipc', '--uts', '--mount', '--propagation', 'private', '--mount-proc'];
    this.#process = spawn(
      'unshare',
      [...namespaces, '--fork', '--kill-child', 'sh', '-c', PREPARE, 'sh', path.join(folder, 'config.toml')],
      {
        env: {
          ...process.env,
          // Plugins are run with containerd's environment: their `node` is the one that the tests run with.
          PATH: `${path.dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
          NODE_OPTIONS: '',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
  }

  #log = '';

  /** What containerd has said. */
  get log(): string {
    return this.#log;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Starts containerd, with one image.
   *
   * @param folder below /run, new
   */
  static async start(folder: string): Promise<Containerd> {
    mkdirSync(folder);
    const containerd = new Containerd(folder);
    try {
      await containerd.#begin();
      return containerd;
    } catch (error) {
      await containerd.stop();
      throw new Error(`containerd has not become ready: ${containerd.log.slice(-2000)}`, { cause: error });
    }
  }

  get #socket(): string {
    return path.join(this.#folder, 'containerd.sock');
  }

  get runtime(): RuntimeService {
    if (this.#service === undefined) throw new Error('containerd has not been started');
    return this.#service;
  }

  async #begin(): Promise<void> {
    await retryUntil(() => existsSync(this.#socket) || !this.running, READY_MS, 10);
    const service = new RuntimeService(this.#socket);
    this.#service = service;
    const answers = (): Promise<boolean> =>
      service.call('Version', {}).then(
        () => true,
        () => !this.running,
      );
    await retryUntil(answers, READY_MS, 20);
    if (!this.running) throw new Error('it has ended');
    const archive = path.join(this.#folder, 'image.tar');
    writeBusyboxImage(archive, IMAGE);
    run('ctr', ['-a', this.#socket, '-n', 'k8s.io', 'images', 'import', '--snapshotter', 'native', archive]);
  }

  /** Ends containerd and everything that it has started, and waits until nothing of it is left. */
  async stop(): Promise<void> {
    this.#service?.close();
    const { pid } = this.#process;
    if (pid === undefined || !this.running) return;
    const ended = once(this.#process, 'exit');
    // The first process of its namespace: when it ends, the kernel ends the others, shims and containers.
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children === '') this.#process.kill('SIGKILL');
    else process.kill(Number(children.split(' ')[0]), 'SIGKILL');
    await ended;
  }

  #configuration(): string {
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    const left = ['aufs', 'btrfs', 'devmapper', 'overlayfs', 'zfs'].map(
      (name) => `io.containerd.snapshotter.v1.${name}`,
    );
    return `version = 2
root = "${this.#folder}/root"
state = "${this.#folder}/state"
# The last one would make /opt/containerd.
disabled_plugins = ${JSON.stringify([...left, 'io.containerd.internal.v1.opt'])}

[grpc]
  address = "${this.#socket}"

[${cri}]
  sandbox_image = "${IMAGE}"
  # What this kind of machine may not do.
  restrict_oom_score_adj = true
  disable_cgroup = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true

  [${cri}.containerd]
    snapshotter = "native"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        BinaryName = "${this.#folder}/runc"

  [${cri}.cni]
    bin_dir = "${this.binDir}"
    conf_dir = "${this.confDir}"
`;
  }
}
