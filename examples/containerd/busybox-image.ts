// A container image with busybox only, made here because tests cannot pull one from a registry.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '#testkit';

/** The commands of the image. */
const COMMANDS = [
  'sh',
  'sleep',
  'cat',
  'cp',
  'mv',
  'ln',
  'mkdir',
  'chmod',
  'rm',
  'echo',
  'ip',
  'ping',
  'httpd',
  'wget',
];

interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

/**
 * Writes an OCI image archive. Without a command it sleeps, which serves as the container that holds a pod's namespaces.
 *
 * @param file the archive
 * @param name `example.test/busybox:1`
 */
export function writeBusyboxImage(file: string, name: string): void {
  const folder = mkdtempSync(`${file}.`);
  try {
    const root = path.join(folder, 'root');
    for (const directory of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp'])
      mkdirSync(path.join(root, directory), { recursive: true });
    copyFileSync('/bin/busybox', path.join(root, 'bin/busybox'));
    for (const command of COMMANDS) symlinkSync('busybox', path.join(root, 'bin', command));
    const layer = run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', '-', '.'], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    }) as unknown as Buffer;

    const layout = path.join(folder, 'layout');
    mkdirSync(path.join(layout, 'blobs/sha256'), { recursive: true });
    const blob = (mediaType: string, content: Buffer): Blob => {
      const hex = createHash('sha256').update(content).digest('hex');
      writeFileSync(path.join(layout, 'blobs/sha256', hex), content);
      return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hex}`, size: content.length };
    };
    const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

    const layerBlob = blob('layer.v1.tar', layer);
    const config = blob(
      'config.v1+json',
      json({
        architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
        os: 'linux',
        config: { Env: ['PATH=/bin'], Entrypoint: ['/bin/sleep'], Cmd: ['1000000'] },
        rootfs: { type: 'layers', diff_ids: [layerBlob.digest] },
      }),
    );
    const manifest = blob('manifest.v1+json', json({ schemaVersion: 2, config, layers: [layerBlob] }));
    writeFileSync(path.join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
    const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
    writeFileSync(
      path.join(layout, 'index.json'),
      json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
    );
    run('tar', ['-C', layout, '-cf', file, '.']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
