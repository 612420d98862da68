import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import protobuf from 'protobufjs';
import type { Clock, Logger } from '@pilothouse/component';
import type { PlainValue, ValueTransformer } from '@pilothouse/storage';
import { aesGcm } from './aes-gcm.ts';
import { readFields, readMap, tag, writeMap, type Encrypted, type KmsClient, type KmsStatus } from './kms-client.ts';

/** How the key of a value came to be: from a data key, or derived for it alone from a seed. */
const DATA_KEY = 0;
const SEED = 1;
const SEED_BYTES = 32;
const INFO_BYTES = 32;
const CHECK_MS = 60_000;
/** How long an answer counts for health checks. */
const HEALTHY_MS = 20_000;
const UNHEALTHY_MS = 3_000;
const CHECK_AFTER_FAILURE_MS = 10_000;
/** So long is a seed used without the service having confirmed its key. */
const SEED_LIFE_MS = 3 * 60_000;
const MAX_SOURCE_BYTES = 1024;
const MAX_KEY_ID_BYTES = 1024;
const MAX_ANNOTATIONS_BYTES = 32 * 1024;

/** One value as it lies in etcd, `k8s.io.apiserver… EncryptedObject`. */
interface Envelope extends Encrypted {
  readonly data: Buffer;
  readonly sourceType: number;
}

export type KmsService = Pick<KmsClient, 'status' | 'encrypt' | 'decrypt' | 'close'>;

interface WriteState extends Encrypted {
  readonly cipher: ValueTransformer;
  expiresMs: number;
}

/**
 * Envelope encryption, version 2: values are encrypted with keys derived from a seed that this server made, and the seed
 * with a key that only the key-management service knows. The service is asked at the start, when its key changes, and
 * for each seed of another server.
 * https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/#understanding-kms-v2
 */
export class KmsEnvelope implements ValueTransformer {
  readonly #name: string;
  readonly #client: KmsService;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ciphers = new Map<string, ValueTransformer>();
  readonly #opening = new Map<string, Promise<ValueTransformer>>();
  #state: WriteState | undefined;
  #problem: string | undefined = 'not asked yet';
  #checkedMs = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(name: string, client: KmsService, clock: Clock, logger: Logger) {
    this.#name = name;
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Asks the service for the first time, and from then on; resolves whether it answers or not. */
  async start(): Promise<void> {
    await this.#check();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#client.close();
  }

  /** Throws what is wrong with the service; it is asked anew when the last answer is old. */
  async checkHealth(): Promise<void> {
    const age = this.#clock.monotonicMs() - this.#checkedMs;
    if (age > (this.#problem === undefined ? HEALTHY_MS : UNHEALTHY_MS)) {
      this.#cancel();
      await this.#check();
    }
    if (this.#problem !== undefined) throw new Error(this.#problem);
  }

  toStorage(value: Buffer, key: string): Buffer {
    const state = this.#state;
    if (state === undefined) throw new Error(`got unexpected nil transformer: ${this.#problem ?? ''}`);
    if (this.#clock.monotonicMs() > state.expiresMs) {
      throw new Error(`encryptedDEKSource with keyID hash "${hashOf(state.keyId)}" expired: ${this.#problem ?? ''}`);
    }
    const data = state.cipher.toStorage(value, key) as Buffer;
    return encodeEnvelope({ ...state, data, sourceType: SEED });
  }

  fromStorage(value: Buffer, key: string): PlainValue | Promise<PlainValue> {
    const envelope = decodeEnvelope(value);
    const read = (cipher: ValueTransformer): PlainValue => {
      const plain = cipher.fromStorage(envelope.data, key) as PlainValue;
      const stale = envelope.keyId !== this.#state?.keyId || envelope.sourceType !== SEED;
      return { value: plain.value, stale };
    };
    const cipher = this.#ciphers.get(cacheKey(envelope));
    return cipher ? read(cipher) : this.#open(envelope).then(read);
  }

  /** Of a seed that is not known yet; asked once, however many values are waiting. */
  #open(envelope: Envelope): Promise<ValueTransformer> {
    const id = cacheKey(envelope);
    let opening = this.#opening.get(id);
    if (opening === undefined) {
      opening = this.#client.decrypt(envelope, randomUUID()).then(
        (source) => {
          const cipher = envelope.sourceType === SEED ? derivedGcm(source) : aesGcm(source);
          this.#ciphers.set(id, cipher);
          return cipher;
        },
        (error: Error) => {
          throw new Error(`failed to decrypt DEK, error: ${error.message}`);
        },
      );
      this.#opening.set(id, opening);
      void opening.catch(() => {}).finally(() => this.#opening.delete(id));
    }
    return opening;
  }

  async #check(): Promise<void> {
    const before = this.#problem;
    try {
      const status = await this.#client.status();
      requireHealthy(this.#name, status);
      await this.#useKey(status.keyId);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = (error as Error).message;
      if (before !== this.#problem) this.#logger.warn({ kms: this.#name, err: this.#problem }, 'KMS is not healthy');
    }
    this.#checkedMs = this.#clock.monotonicMs();
    if (this.#closed) return;
    this.#cancel = this.#clock.after(
      this.#problem === undefined ? CHECK_MS : CHECK_AFTER_FAILURE_MS,
      () => void this.#check(),
    );
  }

  async #useKey(keyId: string): Promise<void> {
    if (this.#state?.keyId !== keyId) {
      const seed = randomBytes(SEED_BYTES);
      const encrypted = await this.#client.encrypt(seed, randomUUID());
      requireSound(encrypted);
      const cipher = derivedGcm(seed);
      this.#state = { ...encrypted, cipher, expiresMs: 0 };
      this.#ciphers.set(cacheKey({ ...encrypted, sourceType: SEED }), cipher);
    }
    this.#state!.expiresMs = this.#clock.monotonicMs() + SEED_LIFE_MS;
  }
}

/** AES-GCM under a key of its own for each value: derived from the seed and random bytes that stand before the value. */
function derivedGcm(seed: Buffer): ValueTransformer {
  if (seed.length < SEED_BYTES) throw new Error(`invalid seed length ${seed.length} used for key generation`);
  // HKDF-Expand of RFC 5869, of which one block is enough.
  const keyOf = (info: Buffer) =>
    createHmac('sha256', seed)
      .update(info)
      .update(Buffer.from([1]))
      .digest();
  return {
    toStorage(value, key) {
      const info = randomBytes(INFO_BYTES);
      return Buffer.concat([info, aesGcm(keyOf(info)).toStorage(value, key) as Buffer]);
    },
    fromStorage(value, key) {
      if (value.length < INFO_BYTES) throw new Error('the stored data was shorter than the required size');
      return aesGcm(keyOf(value.subarray(0, INFO_BYTES))).fromStorage(value.subarray(INFO_BYTES), key);
    },
  };
}

function requireHealthy(name: string, { version, healthz, keyId }: KmsStatus): void {
  const problems = [
    ...(healthz === 'ok' ? [] : [`got unexpected healthz status: ${healthz}`]),
    ...(version === 'v2' || version === 'v2beta1' ? [] : [`expected KMSv2 API version v2, got ${version}`]),
    ...(keyId === '' ? ['expected KMSv2 KeyID to be set, got '] : []),
  ];
  if (problems.length === 0) return;
  const why = problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]!;
  throw new Error(`kmsv2 Provider ${name} is not healthy, error: ${why}`);
}

function requireSound({ ciphertext, keyId, annotations }: Encrypted): void {
  if (ciphertext.length === 0)
    throw new Error('failed to validate encrypted DEK source: encrypted DEK source is empty');
  if (ciphertext.length > MAX_SOURCE_BYTES) {
    const size = `${ciphertext.length} bytes, which exceeds the max size of ${MAX_SOURCE_BYTES}`;
    throw new Error(`failed to validate encrypted DEK source: encrypted DEK source is ${size}`);
  }
  if (keyId === '') throw new Error('failed to validate key id: keyID is empty');
  if (Buffer.byteLength(keyId) > MAX_KEY_ID_BYTES) {
    const size = `${Buffer.byteLength(keyId)} bytes, which exceeds the max size of ${MAX_KEY_ID_BYTES}`;
    throw new Error(`failed to validate key id: keyID is ${size}`);
  }
  let bytes = 0;
  for (const [name, value] of annotations) {
    if (!name.includes('.')) {
      throw new Error(
        `failed to validate annotations: Invalid value: "${name}": should be a domain with at least two segments separated by dots`,
      );
    }
    bytes += name.length + value.length;
  }
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    const size = `${bytes}, which exceeds the max size of ${MAX_ANNOTATIONS_BYTES}`;
    throw new Error(`failed to validate annotations: total size of annotations is ${size}`);
  }
}

function encodeEnvelope({ data, keyId, ciphertext, annotations, sourceType }: Envelope): Buffer {
  const writer = new protobuf.Writer();
  writer.uint32(tag(1)).bytes(data).uint32(tag(2)).string(keyId).uint32(tag(3)).bytes(ciphertext);
  writeMap(writer, 4, annotations);
  // A varint; zero is left out, as proto3 does.
  if (sourceType !== DATA_KEY) writer.uint32(5 << 3).uint32(sourceType);
  return Buffer.from(writer.finish());
}

function decodeEnvelope(bytes: Buffer): Envelope {
  const fields = readFields(bytes);
  const envelope = {
    data: fields.get(1)?.[0] ?? Buffer.alloc(0),
    keyId: fields.get(2)?.[0]?.toString() ?? '',
    ciphertext: fields.get(3)?.[0] ?? Buffer.alloc(0),
    annotations: readMap(fields.get(4) ?? []),
    sourceType: fields.get(5)?.[0]?.[0] ?? DATA_KEY,
  };
  if (envelope.sourceType > SEED) throw new Error(`unknown encryptedDEKSourceType: ${envelope.sourceType}`);
  if (envelope.data.length === 0) throw new Error('encrypted data is empty');
  requireSound(envelope);
  return envelope;
}

function cacheKey({ sourceType, ciphertext, keyId, annotations }: Omit<Envelope, 'data'>): string {
  const hash = createHash('sha256').update(`${sourceType}\0${keyId}\0`).update(ciphertext);
  for (const [name, value] of [...annotations].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${name}\0${value.length}\0`).update(value);
  }
  return hash.digest('base64');
}

/** Key ids may say more than a log should. */
function hashOf(keyId: string): string {
  return `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}
