import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, ROOT, succeeds } from './docker.ts';

export const APPS = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'pilothouse'];
export const IMAGE_PREFIX = 'pilothouse';

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

/** The stand-ins bear the names of others: they must not stay where somebody may take them for the real ones. */
export function removeStandIns(): Promise<void> {
  return removeImages('--filter=label=io.pilothouse.stand-in=true', '--filter=dangling=false');
}

export async function removeImages(...filters: string[]): Promise<void> {
  const names = await docker('image', 'ls', '--format={{.Repository}}:{{.Tag}}', ...filters);
  if (names !== '') await docker('image', 'rm', ...names.split('\n'));
}

export async function buildImages(tag: string): Promise<void> {
  const images = join(ROOT, 'deploy', 'images');
  const etcd = `--file=${join(images, 'etcd.Dockerfile')}`;
  await docker('build', '--quiet', '--network=host', etcd, `--tag=${imageOf('etcd', tag)}`, images);
  for (const app of APPS) await buildApp(app, imageOf(app, tag));
}

export async function buildApp(app: string, image: string, ...flags: string[]): Promise<void> {
  const file = '--file=deploy/images/Dockerfile';
  await docker('build', '--quiet', '--network=host', file, `--build-arg=APP=${app}`, `--tag=${image}`, ...flags, ROOT);
}

export function imageOf(app: string, tag: string): string {
  return `${IMAGE_PREFIX}/${app}:${tag}`;
}

export async function inspectImage(name: string): Promise<Record<string, any>> {
  return JSON.parse(await docker('image', 'inspect', name))[0];
}

/** In bytes, without what comes from the base image. */
export async function ownSize(image: string): Promise<number> {
  const [own, base] = await Promise.all([inspectImage(image), inspectImage(foreignImages()[0])]);
  return own['Size'] - base['Size'];
}
