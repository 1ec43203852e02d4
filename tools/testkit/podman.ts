import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { run } from './iproute.ts';
import { realRoot, reasonWithoutProgram } from './requirements.ts';

/** Why no containers can be run here; `undefined` where they can. */
export function reasonWithoutPodman(): string | undefined {
  if (!realRoot()) return 'podman with runc needs the root of the machine';
  for (const program of ['podman', 'runc', 'busybox', 'tar']) {
    const reason = reasonWithoutProgram(program);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Podman with a store of its own, and an image of busybox. */
export class Podman implements AsyncDisposable {
  static readonly IMAGE = 'localhost/busybox:test';
  protected readonly folder: string = mkdtempSync('/run/podman-');
  protected readonly options: string[];

  constructor() {
    const at = (name: string): string => path.join(this.folder, name);
    this.options = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp'), '--storage-driver', 'vfs'];
    this.options.push('--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file');
    mkdirSync(at('image/bin'), { recursive: true });
    copyFileSync('/bin/busybox', at('image/bin/busybox'));
    for (const applet of ['sh', 'sleep', 'ip']) symlinkSync('busybox', at(`image/bin/${applet}`));
    run('tar', ['-C', at('image'), '-cf', at('image.tar'), '.']);
    this.podman('import', at('image.tar'), Podman.IMAGE);
  }

  podman(...args: readonly string[]): string {
    return run('podman', this.command(...args)).trim();
  }

  /** The arguments of a command, for those who start it themselves. */
  command(...args: readonly string[]): string[] {
    return [...this.options, ...args];
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

  /** For a daemon beside it. */
  protected stopService(): Promise<void> {
    return Promise.resolve();
  }
}
