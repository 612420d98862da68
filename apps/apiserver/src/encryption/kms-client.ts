import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** What the key-management service says of itself. */
export interface KmsStatus {
  readonly version: string;
  readonly healthz: string;
  readonly keyId: string;
}

export interface Encrypted {
  readonly ciphertext: Buffer;
  readonly keyId: string;
  readonly annotations: ReadonlyMap<string, Buffer>;
}

const { Reader, Writer } = protobuf;

/** The service `v2.KeyManagementService` at a Unix socket: https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/ */
export class KmsClient {
  readonly #client: Client;
  readonly #timeoutMs: number;

  constructor(endpoint: string, timeoutMs: number) {
    // Go accepts one, two and three slashes, and `@` for a socket without a file.
    this.#client = new Client(
      endpoint.replace(/^unix:\/+@/, 'unix-abstract:').replace(/^unix:\/*/, 'unix:///'),
      credentials.createInsecure(),
    );
    this.#timeoutMs = timeoutMs;
  }

  async status(): Promise<KmsStatus> {
    const fields = readFields(await this.#call('Status', new Writer()));
    const text = (field: number) => fields.get(field)?.[0]?.toString() ?? '';
    return { version: text(1), healthz: text(2), keyId: text(3) };
  }

  async encrypt(plaintext: Buffer, uid: string): Promise<Encrypted> {
    const fields = readFields(
      await this.#call('Encrypt', new Writer().uint32(tag(1)).bytes(plaintext).uint32(tag(2)).string(uid)),
    );
    return {
      ciphertext: fields.get(1)?.[0] ?? Buffer.alloc(0),
      keyId: fields.get(2)?.[0]?.toString() ?? '',
      annotations: readMap(fields.get(3) ?? []),
    };
  }

  async decrypt({ ciphertext, keyId, annotations }: Encrypted, uid: string): Promise<Buffer> {
    const request = new Writer()
      .uint32(tag(1))
      .bytes(ciphertext)
      .uint32(tag(2))
      .string(uid)
      .uint32(tag(3))
      .string(keyId);
    writeMap(request, 4, annotations);
    return readFields(await this.#call('Decrypt', request)).get(1)?.[0] ?? Buffer.alloc(0);
  }

  close(): void {
    this.#client.close();
  }

  #call(method: string, request: protobuf.Writer): Promise<Buffer> {
    const deadline = Date.now() + this.#timeoutMs;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/v2.KeyManagementService/${method}`,
        (message: Buffer) => message,
        (message: Buffer) => message,
        Buffer.from(request.finish()),
        new Metadata({ waitForReady: true }),
        { deadline },
        (error: ServiceError | null, answer?: Buffer) => (error || !answer ? reject(error) : resolve(answer)),
      );
    });
  }
}

/** Of a length-delimited field. */
export const tag = (field: number): number => (field << 3) | 2;

/** The length-delimited fields of a message, in the order in which they come; numbers are kept as their varint bytes. */
export function readFields(message: Buffer): Map<number, Buffer[]> {
  const fields = new Map<number, Buffer[]>();
  const reader = Reader.create(message);
  while (reader.pos < reader.len) {
    const head = reader.uint32();
    const values = fields.get(head >>> 3) ?? [];
    fields.set(head >>> 3, values);
    if ((head & 7) === 2) values.push(Buffer.from(reader.bytes()));
    else if ((head & 7) === 0) values.push(Buffer.from([reader.uint32()]));
    else reader.skipType(head & 7);
  }
  return fields;
}

/** `map<string, bytes>`. */
export function readMap(entries: readonly Buffer[]): Map<string, Buffer> {
  return new Map(
    entries.map((entry) => {
      const fields = readFields(entry);
      return [fields.get(1)?.[0]?.toString() ?? '', fields.get(2)?.[0] ?? Buffer.alloc(0)];
    }),
  );
}

export function writeMap(writer: protobuf.Writer, field: number, map: ReadonlyMap<string, Buffer>): void {
  for (const [key, value] of map) {
    writer.uint32(tag(field)).fork().uint32(tag(1)).string(key).uint32(tag(2)).bytes(value).ldelim();
  }
}
