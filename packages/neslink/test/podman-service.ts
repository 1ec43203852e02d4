import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { Podman, retryUntil } from '#testkit';

/** Podman with its Docker-compatible socket. */
export class PodmanService extends Podman {
  private service: ChildProcess | undefined;
  readonly socket = path.join(this.folder, 'podman.sock');
  readonly docker = new Docker({ socketPath: this.socket });

  /** Starts the daemon, the part that can go away while containers run on. */
  async startService(): Promise<void> {
    this.service = spawn('podman', this.command('system', 'service', '--time=0', `unix://${this.socket}`), {
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

  override async stopService(): Promise<void> {
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
      Podman.IMAGE,
      '/bin/sleep',
      '1000',
    );
  }
}
