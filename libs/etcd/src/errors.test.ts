import { describe, expect, it } from 'vitest';
import {
  EtcdCompacted,
  EtcdError,
  EtcdNoSpace,
  EtcdRequestTooLarge,
  EtcdUnavailable,
  GRPC,
  errorFromStatus,
} from './errors.ts';

describe('errorFromStatus', () => {
  it.each([
    [GRPC.outOfRange, 'etcdserver: mvcc: required revision has been compacted', EtcdCompacted],
    [GRPC.resourceExhausted, 'etcdserver: mvcc: database space exceeded', EtcdNoSpace],
    [GRPC.invalidArgument, 'etcdserver: request is too large', EtcdRequestTooLarge],
    [GRPC.unavailable, 'etcdserver: leader changed', EtcdUnavailable],
    [GRPC.deadlineExceeded, 'context deadline exceeded', EtcdUnavailable],
    [GRPC.invalidArgument, 'etcdserver: duplicate key given in txn request', EtcdError],
  ])('%i %s', (code, message, type) => {
    const error = errorFromStatus(code, message);
    expect(error.constructor).toBe(type);
    expect(error.message).toBe(message);
  });

  it('knows that a request refused for load was not applied, and that a lost leader may have been', () => {
    expect(errorFromStatus(GRPC.resourceExhausted, 'etcdserver: too many requests')).toMatchObject({ sent: false });
    expect(errorFromStatus(GRPC.unavailable, 'etcdserver: request timed out')).toMatchObject({ sent: true });
  });
});
