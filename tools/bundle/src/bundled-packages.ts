import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package of somebody else of which at least one file went into a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as the package states it; empty when it states none. */
  readonly licence: string;
  readonly directory: string;
}

/** The packages that esbuild read `inputs` from, by name. Ours are part of the project, not of the list. */
export async function bundledPackages(inputs: readonly string[], root: string): Promise<BundledPackage[]> {
  const directories = new Set(inputs.map(packageDirectory).filter((directory) => directory !== undefined));
  const packages = await Promise.all([...directories].map((directory) => readPackage(join(root, directory))));
  return packages.sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** `node_modules/a/node_modules/@b/c` of `node_modules/a/node_modules/@b/c/lib/x.js`. */
export function packageDirectory(input: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

async function readPackage(directory: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, license } = manifest;
  const licence = typeof license === 'string' ? license : '';
  return { name: String(name), version: String(version), licence, directory };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
