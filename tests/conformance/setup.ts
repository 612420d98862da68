import type { TestProject } from 'vitest/node';
import { NpmStart } from '../e2e/npm-start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kubeconfig: string;
  }
}

/**
 * One cluster for the whole sweep: the one `CONFORMANCE_KUBECONFIG` names (any conformant cluster, ours or not), else a
 * fresh `npm start`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['CONFORMANCE_KUBECONFIG'];
  if (given) {
    project.provide('kubeconfig', given);
    return async () => {};
  }
  const cluster = await NpmStart.ready();
  project.provide('kubeconfig', cluster.kubeconfig);
  return () => cluster.remove();
}
