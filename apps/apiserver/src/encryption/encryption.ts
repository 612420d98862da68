import { unwatchFile, watchFile } from 'node:fs';
import { parseDurationMs, type Clock, type Health, type Logger, type MetricsRegistry } from '@pilothouse/component';
import type { StorageEncryption, ValueTransformer } from '@pilothouse/storage';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm } from './aes-gcm.ts';
import type {
  EncryptionConfiguration,
  KeyedProvider,
  KmsProvider,
  ProviderConfiguration,
} from './encryption-configuration.ts';
import { identity } from './identity.ts';
import type { KmsEnvelope } from './kms-envelope.ts';
import { prefixTransformers, type Prefixed } from './prefix-transformers.ts';
import { readEncryptionConfiguration } from './read-encryption-configuration.ts';
import { secretbox } from './secretbox.ts';

const RELOAD_CHECK_MS = 1_000;
/** What the server keeps for itself, beside the API: always in the clear. */
const NOT_OF_THE_API = new Set(['masterleases', 'rangeallocations']);

export interface EncryptionOptions {
  readonly file: string;
  /** Follow changes of the file. */
  readonly reload: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly health: Health;
}

interface InForce {
  readonly transformers: ReadonlyMap<string, ValueTransformer>;
  readonly services: readonly KmsEnvelope[];
}

/**
 * `--encryption-provider-config`: which resources are encrypted in etcd, and how.
 * https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
 */
export class Encryption implements StorageEncryption {
  readonly #options: EncryptionOptions;
  readonly #reloads;
  #inForce: InForce;
  /** By group and resource: asked at every value. */
  #found = new Map<string, ValueTransformer | undefined>();
  readonly #onFileChange = () => void this.#reload();

  /** Throws when the file is not right. */
  static async open(options: EncryptionOptions): Promise<Encryption> {
    return new Encryption(options, await putInForce(readEncryptionConfiguration(options.file), options));
  }

  private constructor(options: EncryptionOptions, inForce: InForce) {
    this.#options = options;
    this.#inForce = inForce;
    this.#reloads = options.metrics.counter({
      name: 'apiserver_encryption_config_controller_automatic_reloads_total',
      help: 'Total number of reload successes and failures of encryption configuration split by apiserver identity.',
      labels: ['status'],
    });
    // With reloading their number may change, so they are one.
    if (options.reload) {
      options.health.addCheck({ name: 'kms-providers', check: () => this.#checkServices(this.#inForce.services) });
      watchFile(options.file, { interval: RELOAD_CHECK_MS, persistent: false }, this.#onFileChange);
    } else {
      inForce.services.forEach((service, i) =>
        options.health.addCheck({ name: `kms-provider-${i}`, check: () => service.checkHealth() }),
      );
    }
  }

  transformerFor(group: string, resource: string): ValueTransformer | undefined {
    const key = `${resource}.${group}`;
    if (!this.#found.has(key)) this.#found.set(key, this.#find(group, resource));
    return this.#found.get(key);
  }

  close(): void {
    unwatchFile(this.#options.file, this.#onFileChange);
    for (const service of this.#inForce.services) service.close();
  }

  /** The resource itself, then its group, then everything. */
  #find(group: string, resource: string): ValueTransformer | undefined {
    if (NOT_OF_THE_API.has(resource)) return undefined;
    const { transformers } = this.#inForce;
    return transformers.get(`${resource}.${group}`) ?? transformers.get(`*.${group}`) ?? transformers.get('*.*');
  }

  async #reload(): Promise<void> {
    const { file, logger } = this.#options;
    try {
      const next = await putInForce(readEncryptionConfiguration(file), this.#options);
      try {
        await this.#checkServices(next.services);
      } catch (error) {
        for (const service of next.services) service.close();
        throw error;
      }
      const before = this.#inForce;
      this.#inForce = next;
      this.#found = new Map();
      for (const service of before.services) service.close();
      this.#reloads.with('success').inc();
      logger.info({ file }, 'Loaded new encryption configuration');
    } catch (error) {
      this.#reloads.with('failure').inc();
      logger.error({ err: error, file }, 'Encryption configuration is not usable, the one before stays in force');
    }
  }

  async #checkServices(services: readonly KmsEnvelope[]): Promise<void> {
    await Promise.all(services.map((service) => service.checkHealth()));
  }
}

async function putInForce({ resources = [] }: EncryptionConfiguration, options: EncryptionOptions): Promise<InForce> {
  const lists = new Map<string, Prefixed[]>();
  const services: KmsEnvelope[] = [];
  for (const { resources: names = [], providers = [] } of resources) {
    const prefixed: Prefixed[] = [];
    for (const provider of providers) {
      const kms = provider.kms ? await openKms(provider.kms, options) : undefined;
      if (kms) services.push(kms.transformer);
      prefixed.push(kms ?? keyed(provider));
    }
    // One that is named in several places has the providers of all of them.
    for (const name of names) {
      const key = name.includes('.') ? name : `${name}.`;
      lists.set(key, [...(lists.get(key) ?? []), ...prefixed]);
    }
  }
  const transformers = new Map(
    [...lists].map(([name, list]) => [name, prefixTransformers(list, 'no matching prefix found')]),
  );
  return { transformers, services };
}

function keyed({ aesgcm, aescbc, secretbox: box }: ProviderConfiguration): Prefixed {
  if (aesgcm) return withKeys('k8s:enc:aesgcm:v1:', aesgcm, aesGcm, 'AES');
  if (aescbc) return withKeys('k8s:enc:aescbc:v1:', aescbc, aesCbc, 'AES');
  if (box) return withKeys('k8s:enc:secretbox:v1:', box, secretbox, 'Secretbox');
  return { prefix: '', transformer: identity };
}

function withKeys(
  prefix: string,
  { keys = [] }: KeyedProvider,
  cipher: (secret: Buffer) => ValueTransformer,
  what: string,
): Prefixed {
  const list = keys.map(({ name, secret }) => ({
    prefix: `${name}:`,
    transformer: cipher(Buffer.from(secret!, 'base64')),
  }));
  const mismatch = `no matching key was found for the provided ${what} transformer`;
  return { prefix, transformer: prefixTransformers(list, mismatch) };
}

/** gRPC is loaded only where it is used. */
async function openKms(
  { name = '', endpoint = '', timeout = '3s' }: KmsProvider,
  { clock, logger }: EncryptionOptions,
): Promise<Prefixed & { readonly transformer: KmsEnvelope }> {
  const [{ KmsClient }, { KmsEnvelope }] = await Promise.all([import('./kms-client.ts'), import('./kms-envelope.ts')]);
  const transformer = new KmsEnvelope(name, new KmsClient(endpoint, parseDurationMs(timeout)!), clock, logger);
  await transformer.start();
  return { prefix: `k8s:enc:kms:v2:${name}:`, transformer };
}
