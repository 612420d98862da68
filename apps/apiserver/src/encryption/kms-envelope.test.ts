import { FakeClock, silentLogger } from '@pilothouse/component';
import type { PlainValue } from '@pilothouse/storage';
import { describe, expect, it } from 'vitest';
import { KmsEnvelope, type KmsService } from './kms-envelope.ts';

const KEY = '/registry/secrets/default/a';
const VALUE = Buffer.from('k8s\0value');

/** "Encrypts" by turning bits that depend on the key. */
class Service implements KmsService {
  keyId = 'key-1';
  healthz = 'ok';
  isUp = true;
  readonly calls = { status: 0, encrypt: 0, decrypt: 0 };
  readonly annotations = new Map([['a.example.com', Buffer.from('1')]]);

  async status() {
    this.calls.status++;
    if (!this.isUp) throw new Error('14 UNAVAILABLE');
    return { version: 'v2', healthz: this.healthz, keyId: this.keyId };
  }

  async encrypt(plaintext: Buffer) {
    this.calls.encrypt++;
    return { ciphertext: turn(plaintext, this.keyId), keyId: this.keyId, annotations: this.annotations };
  }

  async decrypt({ ciphertext, keyId }: { ciphertext: Buffer; keyId: string }) {
    this.calls.decrypt++;
    if (!this.isUp) throw new Error('14 UNAVAILABLE');
    return turn(ciphertext, keyId);
  }

  close(): void {}
}

const turn = (bytes: Buffer, keyId: string) => Buffer.from(bytes.map((byte) => byte ^ keyId.charCodeAt(4)));

async function open(service: Service, clock = new FakeClock()) {
  const envelope = new KmsEnvelope('vault', service, clock, silentLogger());
  await envelope.start();
  return { envelope, clock };
}

describe('envelope encryption', () => {
  it('asks the service for one seed, and for none to read what it wrote', async () => {
    const service = new Service();
    const { envelope } = await open(service);
    for (let i = 0; i < 5; i++) {
      expect(envelope.fromStorage(envelope.toStorage(VALUE, KEY), KEY)).toEqual({ value: VALUE, stale: false });
    }
    expect(service.calls).toEqual({ status: 1, encrypt: 1, decrypt: 0 });
    expect(() => envelope.fromStorage(envelope.toStorage(VALUE, KEY), `${KEY}b`)).toThrow('authentication failed');
  });

  it('asks once for the seed of another server, however many values wait for it', async () => {
    const service = new Service();
    const [one, other] = [(await open(service)).envelope, (await open(service)).envelope];
    const values = Array.from({ length: 3 }, () => one.toStorage(VALUE, KEY));
    const read = await Promise.all(values.map((each) => Promise.resolve(other.fromStorage(each, KEY))));
    expect(read).toEqual(values.map(() => ({ value: VALUE, stale: false })));
    expect(service.calls.decrypt).toBe(1);
  });

  it('makes a new seed when the key has changed; what the old one encrypted is stale', async () => {
    const service = new Service();
    const { envelope, clock } = await open(service);
    const before = envelope.toStorage(VALUE, KEY);
    service.keyId = 'key-2';
    await clock.run(60_000);
    await expect.poll(() => (envelope.fromStorage(before, KEY) as PlainValue).stale).toBe(true);
    expect(envelope.toStorage(VALUE, KEY).includes('key-2')).toBe(true);
  });

  it('goes on for three minutes without the service, then refuses to write, and reads what it knows', async () => {
    const service = new Service();
    const { envelope, clock } = await open(service);
    const before = envelope.toStorage(VALUE, KEY);
    service.isUp = false;
    await clock.run(170_000);
    expect(envelope.fromStorage(envelope.toStorage(VALUE, KEY), KEY)).toEqual({ value: VALUE, stale: false });
    await clock.run(20_000);
    expect(() => envelope.toStorage(VALUE, KEY)).toThrow('expired');
    expect(envelope.fromStorage(before, KEY)).toEqual({ value: VALUE, stale: false });
    service.isUp = true;
    await clock.run(20_000);
    await expect.poll(() => envelope.toStorage(VALUE, KEY).length).toBeGreaterThan(0);
  });

  it('is not healthy when the service is not, and says so', async () => {
    const service = new Service();
    const { envelope, clock } = await open(service);
    await envelope.checkHealth();
    Object.assign(service, { healthz: 'locked', keyId: '' });
    // An answer counts for a while.
    await envelope.checkHealth();
    await clock.run(25_000);
    await expect(envelope.checkHealth()).rejects.toThrow(
      'kmsv2 Provider vault is not healthy, error: [got unexpected healthz status: locked, expected KMSv2 KeyID to be set, got ]',
    );
  });
});
