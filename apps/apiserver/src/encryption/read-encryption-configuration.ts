import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { EncryptionConfiguration } from './encryption-configuration.ts';
import { validateEncryption } from './validate-encryption.ts';

const API_VERSIONS = new Set(['apiserver.config.k8s.io/v1', 'v1']);
const TOP = new Set(['apiVersion', 'kind', 'resources']);

/** Throws when the file is not what it should be: a server that cannot read its secrets must not start. */
export function readEncryptionConfiguration(file: string): EncryptionConfiguration {
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') throw new Error(`encryption provider configuration file "${file}" is empty`);
  const configuration = parse(text) as EncryptionConfiguration | null;
  if (configuration?.kind !== 'EncryptionConfiguration' || !API_VERSIONS.has(configuration.apiVersion ?? '')) {
    throw new Error(`${file}: expected an apiserver.config.k8s.io/v1 EncryptionConfiguration`);
  }
  for (const field of Object.keys(configuration)) {
    if (!TOP.has(field)) throw new Error(`${file}: strict decoding error: unknown field "${field}"`);
  }
  const errors = validateEncryption(configuration);
  if (errors.length > 0) throw new Error(`${file}: ${errors.join(', ')}`);
  return configuration;
}
