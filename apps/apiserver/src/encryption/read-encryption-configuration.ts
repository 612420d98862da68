import { readFileSync } from 'node:fs';
import { parseConfigFile, refuseConfigFile } from '../config-files/parse-config-file.ts';
import type { EncryptionConfiguration } from './encryption-configuration.ts';
import { validateEncryption } from './validate-encryption.ts';

const FORM = {
  kind: 'EncryptionConfiguration',
  apiVersions: new Set(['apiserver.config.k8s.io/v1', 'v1']),
  fields: new Set(['apiVersion', 'kind', 'resources']),
};

/** Throws when the file is not what it should be: a server that cannot read its secrets must not start. */
export function readEncryptionConfiguration(file: string): EncryptionConfiguration {
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') throw new Error(`encryption provider configuration file "${file}" is empty`);
  const configuration = parseConfigFile<EncryptionConfiguration>(file, text, FORM);
  refuseConfigFile(file, validateEncryption(configuration));
  return configuration;
}
