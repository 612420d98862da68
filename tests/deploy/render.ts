import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy');

export type Manifest = Record<string, any>;

/** The cases of deploy/, by the name of their folder and of their mode in the chart. */
export const CASES = ['control-plane', 'second-scheduler', 'simulated-nodes', 'controllers', 'apiserver'] as const;

export function renderKustomize(name: string): string {
  return execFileSync('kubectl', ['kustomize', join(DEPLOY, 'kustomize', name)], { encoding: 'utf8' });
}

/** Undefined on a machine without Helm. */
export function renderChart(mode: string, namespace: string): string | undefined {
  const args = [
    'template',
    'pilothouse',
    join(DEPLOY, 'helm', 'pilothouse'),
    `--namespace=${namespace}`,
    `--set=mode=${mode}`,
    '--kube-version=1.36.0',
  ];
  try {
    return execFileSync(process.env['PILOTHOUSE_HELM'] ?? 'helm', args, { encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** The app's own flags as the manifest has them, of the Deployment or StatefulSet of that name. */
export function flagsOf(manifests: readonly Manifest[], name: string): string[] {
  const workload = manifests.find(
    ({ kind, metadata }) => /Deployment|StatefulSet/.test(kind) && metadata.name === name,
  );
  return workload!['spec'].template.spec.containers[0].args;
}

/** The files of a ConfigMap. */
export function filesOf(manifests: readonly Manifest[], name: string): Record<string, string> {
  return manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)!['data'];
}
