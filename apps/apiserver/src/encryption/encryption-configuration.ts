import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { validateEncryption } from './validate-encryption.ts';

/** https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-EncryptionConfiguration */
export interface EncryptionConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly resources?: readonly ResourceConfiguration[];
}

export interface ResourceConfiguration {
  readonly resources?: readonly string[];
  readonly providers?: readonly ProviderConfiguration[];
}

/** One of them. */
export interface ProviderConfiguration {
  readonly aesgcm?: KeyedProvider | null;
  readonly aescbc?: KeyedProvider | null;
  readonly secretbox?: KeyedProvider | null;
  readonly identity?: object | null;
  readonly kms?: KmsProvider | null;
}

export interface KeyedProvider {
  readonly keys?: readonly { readonly name?: string; readonly secret?: string }[];
}

export interface KmsProvider {
  readonly apiVersion?: string;
  readonly name?: string;
  readonly endpoint?: string;
  readonly timeout?: string;
  readonly cachesize?: number;
}

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
