import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComponentProcess } from '../chaos/cluster/component-process.ts';
import type { Manifest } from './render.ts';

export interface PodPlaces {
  /** Stands for the pod's root: its volumes are folders in it. */
  readonly directory: string;
  /** What is elsewhere on loopback: addresses, names, ports. Applied to flags and to mounted files alike. */
  readonly replace: Readonly<Record<string, string>>;
  /** Flags that only loopback needs, such as a free port. */
  readonly more?: readonly string[];
  secret(name: string): Promise<Readonly<Record<string, string>>>;
}

/** The process that a pod's first container would be: the same command, flags and mounted files, as a process on loopback. */
export async function podProcess(
  pod: Manifest,
  command: readonly string[],
  places: PodPlaces,
): Promise<ComponentProcess> {
  const { metadata, spec } = pod as any;
  const [container] = spec.containers;
  const replaced = (text: string): string =>
    Object.entries(places.replace).reduce((whole, [from, to]) => whole.replaceAll(from, to), text);
  const mounted: Record<string, string> = {};
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = spec.volumes.find((each: any) => each.name === name);
    const folder = join(places.directory, mountPath);
    mkdirSync(folder, { recursive: true });
    mounted[`${mountPath}/`] = `${folder}/`;
    if (volume.secret === undefined) continue;
    const data = await places.secret(volume.secret.secretName);
    for (const { key, path } of volume.secret.items) {
      if (data[key] === undefined)
        throw new Error(`${metadata.name}: Secret ${volume.secret.secretName} has no ${key}`);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), replaced(Buffer.from(data[key], 'base64').toString()), { mode: 0o600 });
    }
  }
  const variables = new Map<string, string>(
    (container.env ?? []).map(({ name, value, valueFrom }: any) => [
      name,
      value ?? fieldOf(pod, valueFrom.fieldRef.fieldPath),
    ]),
  );
  const args = (container.args as string[]).map((arg) => {
    const expanded = arg.replace(/\$\((\w+)\)/g, (_, name: string) => variables.get(name)!);
    return replaced(Object.entries(mounted).reduce((text, [from, to]) => text.replaceAll(from, to), expanded));
  });
  const [program, ...first] = command;
  return new ComponentProcess(metadata.name, program!, [...first, ...args, ...(places.more ?? [])]);
}

function fieldOf(pod: any, path: string): string {
  return path.split('.').reduce((object, field) => object[field], pod);
}
