import { parse } from 'yaml';

/** The versions of configuration files that were betas before. */
export const CONFIG_VERSIONS: ReadonlySet<string> = new Set([
  'apiserver.config.k8s.io/v1',
  'apiserver.config.k8s.io/v1beta1',
  'apiserver.config.k8s.io/v1alpha1',
]);

export interface ConfigFileForm {
  readonly kind: string;
  readonly apiVersions: ReadonlySet<string>;
  /** What may stand at the top; anything when absent. */
  readonly fields?: ReadonlySet<string>;
}

/** YAML in the form of an API object: https://kubernetes.io/docs/reference/config-api/. Throws, naming the file. */
export function parseConfigFile<T extends object>(
  file: string,
  text: string,
  { kind, apiVersions, fields }: ConfigFileForm,
): T {
  const config = parse(text) as { kind?: string; apiVersion?: string } | null;
  if (config?.kind !== kind || !apiVersions.has(config.apiVersion ?? '')) {
    throw new Error(`${file}: expected an apiserver.config.k8s.io/v1 ${kind}`);
  }
  const unknown = Object.keys(config).find((field) => fields?.has(field) === false);
  if (unknown !== undefined) throw new Error(`${file}: strict decoding error: unknown field "${unknown}"`);
  return config as T;
}

/** Throws everything that validation found in a file, in one line. */
export function refuseConfigFile(file: string, errors: readonly unknown[]): void {
  if (errors.length > 0) throw new Error(`${file}: ${errors.join(', ')}`);
}
