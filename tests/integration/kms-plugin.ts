import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { parse } from 'protobufjs';

const { root } = parse(`
  syntax = "proto3";
  package v2;
  message StatusRequest {}
  message StatusResponse { string version = 1; string healthz = 2; string key_id = 3; }
  message DecryptRequest { bytes ciphertext = 1; string uid = 2; string key_id = 3; map<string, bytes> annotations = 4; }
  message DecryptResponse { bytes plaintext = 1; }
  message EncryptRequest { bytes plaintext = 1; string uid = 2; }
  message EncryptResponse { bytes ciphertext = 1; string key_id = 2; map<string, bytes> annotations = 3; }
`);

interface Message {
  readonly plaintext?: Uint8Array;
  readonly ciphertext?: Uint8Array;
  readonly keyId?: string;
  readonly annotations?: Readonly<Record<string, Uint8Array>>;
}

/** A key-management service at a Unix socket, as operators bring one. Its keys are made from their ids. */
export class KmsPlugin {
  keyId = 'key-1';
  healthz = 'ok';
  /** Calls so far, by method. */
  readonly calls = { Status: 0, Encrypt: 0, Decrypt: 0 };
  readonly #server = new Server();

  static async start(socket: string): Promise<KmsPlugin> {
    const plugin = new KmsPlugin();
    const { calls } = plugin;
    const answers: Record<keyof typeof calls, (request: Message) => object> = {
      Status: () => ({ version: 'v2', healthz: plugin.healthz, keyId: plugin.keyId }),
      Encrypt: ({ plaintext = new Uint8Array() }) => ({
        ciphertext: encrypt(plaintext, plugin.keyId),
        keyId: plugin.keyId,
        annotations: { 'version.encrypted.example.com': Buffer.from('1') },
      }),
      Decrypt: ({ ciphertext = new Uint8Array(), keyId = '', annotations = {} }) => {
        if (!annotations['version.encrypted.example.com']) throw new Error('the annotation is missing');
        return { plaintext: decrypt(Buffer.from(ciphertext), keyId) };
      },
    };
    for (const method of ['Status', 'Encrypt', 'Decrypt'] as const) {
      const handle: handleUnaryCall<Message, object> = ({ request }, done) => {
        calls[method]++;
        try {
          done(null, answers[method](request));
        } catch (error) {
          done(error as Error);
        }
      };
      plugin.#server.addService({ [method]: definitionOf(method) }, { [method]: handle });
    }
    await new Promise<void>((resolve, reject) => {
      const bound = (error: Error | null) => (error ? reject(error) : resolve());
      plugin.#server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), bound);
    });
    return plugin;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}

function definitionOf(method: string) {
  const request = root.lookupType(`v2.${method}Request`);
  const response = root.lookupType(`v2.${method}Response`);
  return {
    path: `/v2.KeyManagementService/${method}`,
    ...{ requestStream: false, responseStream: false },
    requestSerialize: (message: object) => Buffer.from(request.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes) as Message,
    responseSerialize: (message: object) => Buffer.from(response.encode(response.create(message)).finish()),
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  };
}

const keyOf = (keyId: string) => createHash('sha256').update(keyId).digest();

function encrypt(plaintext: Uint8Array, keyId: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(keyId), nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(ciphertext: Buffer, keyId: string): Buffer {
  const cipher = createDecipheriv('aes-256-gcm', keyOf(keyId), ciphertext.subarray(0, 12));
  cipher.setAuthTag(ciphertext.subarray(-16));
  return Buffer.concat([cipher.update(ciphertext.subarray(12, -16)), cipher.final()]);
}
