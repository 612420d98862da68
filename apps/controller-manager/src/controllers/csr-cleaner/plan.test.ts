import { expect, it } from 'vitest';
import type { CertificateSigningRequest } from '@pilothouse/api';
import { isOver } from './plan.ts';

const NOW = new Date('2026-01-02T12:00:00Z');
const ago = (hours: number): string => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
const CERTIFICATE = Buffer.from('whatever').toString('base64');

const request = (ageHours: number, status: object = {}): CertificateSigningRequest =>
  ({ metadata: { name: 'r', creationTimestamp: ago(ageHours) }, status }) as unknown as CertificateSigningRequest;
const decided = (type: string, hours: number, certificate?: string) =>
  request(48, {
    conditions: [{ type, status: 'True', lastUpdateTime: ago(hours) }],
    ...(certificate ? { certificate } : {}),
  });

it.each<[string, CertificateSigningRequest, boolean]>([
  ['that nobody has decided stays for a day', request(23), false],
  ['that nobody has decided goes after a day', request(25), true],
  ['that was denied stays for an hour', decided('Denied', 0.5), false],
  ['that was denied goes after an hour', decided('Denied', 1.5), true],
  ['that failed goes after an hour', decided('Failed', 1.5), true],
  ['that was signed goes after an hour', decided('Approved', 1.5, CERTIFICATE), true],
  ['that was signed a moment ago stays', decided('Approved', 0.5, CERTIFICATE), false],
  ['that waits for its signer stays however long that takes', decided('Approved', 40), false],
])('a request %s', (_, each, expected) => {
  expect(isOver(each, NOW)).toBe(expected);
});
