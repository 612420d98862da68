import {
  StatusError,
  badRequest,
  expired,
  goQuote,
  internalError,
  serverTimeout,
  timeout,
} from '@pilothouse/apimachinery';
import { EtcdAmbiguousWrite, EtcdError, EtcdUnavailable } from '@pilothouse/etcd';
import { encodeContinueToken } from './continue-token.ts';

/** Seconds after which a client should come back when etcd cannot be reached, as upstream. */
const RETRY_SECONDS = 2;

interface Resource {
  readonly group: string;
  readonly resource: string;
}

/** What a client is told when etcd refuses or is not there. Anything that is no EtcdError passes unchanged. */
export function statusOfEtcdError(error: unknown, resource: Resource, operation: string): unknown {
  if (error instanceof EtcdUnavailable) return serverTimeout(resource, operation, RETRY_SECONDS);
  if (error instanceof EtcdAmbiguousWrite) return timeout('request did not complete within the allotted timeout');
  // etcd's own words ("etcdserver: mvcc: database space exceeded"), as operators know them from upstream.
  if (error instanceof EtcdError) return new StatusError({ message: error.message, code: 500 });
  return error;
}

/** A value that the codec does not understand must not look like an absent object. */
export function corruptObject(key: string, error: unknown): StatusError {
  return internalError(new Error(`cannot decode ${key}: ${error instanceof Error ? error.message : String(error)}`));
}

export function resourceVersionSetOnCreate(): StatusError {
  return badRequest('resourceVersion should not be set on objects to be created');
}

export function tooLargeResourceVersion(requested: number, current: number): StatusError {
  const error = timeout(`Too large resource version: ${requested}, current: ${current}`, 1);
  error.status.details = {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  };
  return error;
}

/** A watch from before what is remembered. */
export function tooOldResourceVersion(requested: number, oldest: number): StatusError {
  return expired(`too old resource version: ${requested} (${oldest})`);
}

/**
 * A watch from a revision that etcd has not reached: the client's state is from before a restore of a backup. It must
 * list again, or it would hear nothing until etcd has caught up.
 */
export function futureResourceVersion(requested: number, current: number): StatusError {
  return expired(`resource version ${requested} is not of this store, whose newest is ${current}`);
}

/** A list at a revision that etcd has compacted. */
export function listExpired(): StatusError {
  return expired('The resourceVersion for the provided list is too old.');
}

/** A page of a list whose snapshot etcd has compacted: the client may start anew, or take the rest as it is now. */
export function continueExpired(start: string): StatusError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
      'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
      'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
      'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata.continue = encodeContinueToken({ revision: -1, start });
  return error;
}

/** '' is 0 too: what the empty string means is the caller's to know. */
export function parseResourceVersion(text: string): number {
  if (text === '') return 0;
  const revision = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(revision)) return revision;
  const why = Number.isNaN(revision) ? 'invalid syntax' : 'value out of range';
  const quoted = goQuote(text);
  const message = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`;
  throw badRequest(message);
}
