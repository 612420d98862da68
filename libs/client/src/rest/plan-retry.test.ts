import { describe, expect, it } from 'vitest';
import { ClientClosedError, TransportError } from '../transport/transport.ts';
import { MAX_RETRIES, planRetry } from './plan-retry.ts';

const refused = new TransportError('connection refused', { mayHaveBeenProcessed: false });
const cut = new TransportError('connection lost', { mayHaveBeenProcessed: true });

describe('planRetry', () => {
  it('repeats any request that the server certainly has not seen', () => {
    expect(planRetry('POST', 0, { error: refused })).toEqual({ delayMs: 0 });
    expect(planRetry('DELETE', 1, { error: refused })).toEqual({ delayMs: 100 });
  });

  it('repeats only reads when the server may have acted', () => {
    expect(planRetry('GET', 0, { error: cut })).toEqual({ delayMs: 0 });
    expect(planRetry('POST', 0, { error: cut })).toBeUndefined();
    expect(planRetry('PUT', 0, { error: cut })).toBeUndefined();
  });

  it('comes back when the server says so', () => {
    expect(planRetry('POST', 3, { status: 429, retryAfter: '2' })).toEqual({ delayMs: 2000 });
    expect(planRetry('POST', 3, { status: 503, retryAfter: '1' })).toEqual({ delayMs: 1000 });
  });

  it('takes 429 without Retry-After, and a Retry-After on success, as the answer', () => {
    expect(planRetry('GET', 0, { status: 429, retryAfter: undefined })).toBeUndefined();
    expect(planRetry('GET', 0, { status: 200, retryAfter: '1' })).toBeUndefined();
    expect(planRetry('GET', 0, { status: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' })).toBeUndefined();
  });

  it('gives up after ten retries', () => {
    expect(planRetry('GET', MAX_RETRIES - 1, { error: refused })).toBeDefined();
    expect(planRetry('GET', MAX_RETRIES, { error: refused })).toBeUndefined();
  });

  it('does not repeat what failed for another reason', () => {
    expect(planRetry('GET', 0, { error: new Error('aborted') })).toBeUndefined();
    expect(planRetry('GET', 0, { error: new ClientClosedError() })).toBeUndefined();
  });
});
