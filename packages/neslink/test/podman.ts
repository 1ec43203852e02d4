import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { realRoot, reasonWithoutProgram, retryUntil, run } from '#testkit';

/** Why no containers can be run here; `undefined` where they can. */
export function reasonWithoutPodman(): string | undefined {
  if (!realRoot()) return 'podman with runc needs the root of the machine';
  for (const program of ['podman', 'runc', 'busybox', 'tar']) {
    const reason = reasonWithoutProgram(program);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const IMAGE = 'localhost/busybox:test';

/** Podman with a store of its own, and its Docker-compatible socket. */
export class Podman implements AsyncDisposable {
  private readonly folder = mkdtempSync('/run/podman-');
  private readonly options: string[];
  private service: ChildProcess | undefined;
  readonly socket = path.join(this.folder, 'podman.sock');
  readonly docker = new Docker({ socketPath: this.socket });

  constructor() {
    const at = (name: string): string => path.join(this.folder, name);
    this.options = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp'), '--storage-driver', 'vfs'];
    this.options.push('--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file');
    mkdirSync(at('image/bin'), { recursive: true });
    copyFileSync('/bin/busybox', at('image/bin/busybox'));
    for (const applet of ['sh', 'sleep', 'ip']) symlinkSync('busybox', at(`image/bin/${applet}`));
    run('tar', ['-C', at('image'), '-cf', at('image.tar'), '.']);
    this.podman('import', at('image.tar'), IMAGE);
  }

  podman(...args: readonly string[]): string {
    return run('podman', [...this.options, ...args]).trim();
  }

  /** Starts the daemon, the part that can go away while containers run on. */
  async startService(): Promise<void> {
    this.service = spawn('podman', [...this.options, 'system', 'service', '--time=0', `unix://${this.socket}`], {
      stdio: 'ignore',
    });
    await retryUntil(
      async () =>
        existsSync(this.socket) &&
        (await this.docker.ping().then(
          () => true,
          () => false,
        )),
      15_000,
      20,
    );
  }

  async stopService(): Promise<void> {
    const { service } = this;
    this.service = undefined;
    if (service === undefined || service.exitCode !== null) return;
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGKILL');
    await ended;
    rmSync(this.socket, { force: true });
  }

  /** Starts a container that sleeps; gives its id. */
  run(name: string, env: Record<string, string> = {}): string {
    return this.podman(
      'run',
      '--detach',
      '--name',
      name,
      '--network',
      'none',
      '--ulimit',
      'nofile=1024:1024',
      '--ulimit',
      'nproc=1000:1000',
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      IMAGE,
      '/bin/sleep',
      '1000',
    );
  }

  pid(name: string): number {
    return Number(this.podman('inspect', '--format', '{{.State.Pid}}', name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.podman('rm', '--force', '--all', '--time', '0');
    await this.stopService();
    // What its last processes are still writing comes in between.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
