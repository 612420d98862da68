import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, ROOT, succeeds } from './docker.ts';

const APPS = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'pilothouse'];

/** The images of others as the files name them: Node, HAProxy. */
export function foreignImages(): [node: string, haproxy: string] {
  const dockerfile = readFileSync(join(ROOT, 'deploy', 'images', 'Dockerfile'), 'utf8');
  const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const name = (text: string, pattern: RegExp): string => pattern.exec(text)![1]!;
  return [name(dockerfile, /^ARG NODE_IMAGE=(.+)$/m), name(compose, /PILOTHOUSE_HAPROXY_IMAGE:-([^}]+)}/)];
}

/** Pulls what is missing, or makes stand-ins for it. Returns why it cannot. */
export function ensureForeignImages(): string | undefined {
  const missing = foreignImages().filter((image) => !succeeds('docker', 'image', 'inspect', image));
  if (missing.every((image) => succeeds('docker', 'pull', image))) return undefined;
  if (!succeeds('debootstrap', '--version'))
    return `${missing.join(', ')} cannot be pulled, and debootstrap is not installed`;
  const script = join(import.meta.dirname, 'local-images.sh');
  const made = spawnSync(script, foreignImages(), { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' });
  return made.status === 0 ? undefined : `stand-ins for ${missing.join(', ')} could not be made: ${made.stderr}`;
}

export function buildImages(prefix: string, tag: string): void {
  const images = join(ROOT, 'deploy', 'images');
  const etcd = join(images, 'etcd.Dockerfile');
  docker('build', '--quiet', '--network=host', `--file=${etcd}`, `--tag=${prefix}/etcd:${tag}`, images);
  for (const app of APPS) {
    const name = `${prefix}/${app}:${tag}`;
    docker(
      'build',
      '--quiet',
      '--network=host',
      '--file=deploy/images/Dockerfile',
      `--build-arg=APP=${app}`,
      `--tag=${name}`,
      ROOT,
    );
  }
}

/** In bytes, without what comes from the base image. */
export function ownSize(image: string): number {
  const size = (name: string) => Number(docker('image', 'inspect', '--format={{.Size}}', name));
  return size(image) - size(foreignImages()[0]);
}
