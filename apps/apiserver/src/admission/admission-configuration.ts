import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

/** What `--admission-control-config-file` says, by plugin: a document of the plugin's own. */
export type AdmissionConfiguration = ReadonlyMap<string, PluginConfiguration>;

export interface PluginConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly [field: string]: unknown;
}

interface ConfigurationFile {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly plugins?: readonly {
    readonly name?: string;
    readonly path?: string;
    readonly configuration?: PluginConfiguration;
  }[];
}

const GROUPS = new Set([
  'apiserver.config.k8s.io/v1',
  'apiserver.k8s.io/v1alpha1',
  // Accepted before there was a group.
  'v1',
]);

/**
 * Reads the file and those that it names, whose paths are relative to its own. Throws when one is not what it should be.
 * https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-AdmissionConfiguration
 */
export function readAdmissionConfiguration(file: string): AdmissionConfiguration {
  const content = readYaml(file) as ConfigurationFile | null;
  if (content?.kind !== 'AdmissionConfiguration' || !GROUPS.has(content.apiVersion ?? ''))
    throw new Error(`${file}: expected an apiserver.config.k8s.io/v1 AdmissionConfiguration`);
  const plugins = new Map<string, PluginConfiguration>();
  (content.plugins ?? []).forEach(({ name, path, configuration }, i) => {
    if (!name) throw new Error(`${file}: plugins[${i}].name: Required value`);
    if (configuration) plugins.set(name, configuration);
    else if (path) plugins.set(name, readYaml(resolve(dirname(file), path)) as PluginConfiguration);
  });
  return plugins;
}

/** A plugin's document, which must be of this kind; undefined when the file says nothing of the plugin. */
export function configurationOf(
  configuration: AdmissionConfiguration,
  plugin: string,
  apiVersion: string,
): PluginConfiguration | undefined {
  const found = configuration.get(plugin);
  if (found === undefined) return undefined;
  if (found?.kind === 'Configuration' && found.apiVersion === apiVersion) return found;
  throw new Error(`the configuration of admission plugin ${plugin} is not a ${apiVersion} Configuration`);
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`unable to read admission control configuration from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
