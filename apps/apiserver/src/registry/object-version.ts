import { badRequest, goQuote, type KubeObject } from '@pilothouse/apimachinery';
import { orderMetadata } from './metadata.ts';

const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * The version that an object names, as upstream's storage reads it: 0 when it names none. Throws 400 when it is
 * no number.
 */
export function objectVersion(object: KubeObject): bigint {
  const text = object.metadata?.resourceVersion ?? '';
  const { version, why } = parse(text);
  if (version !== undefined) return version;
  throw badRequest(`strconv.ParseUint: parsing ${goQuote(text)}: ${why}`);
}

/** Whether an object that is to be created names a version; one that cannot be read is none. */
export function namesVersion(object: KubeObject): boolean {
  return (parse(object.metadata?.resourceVersion ?? '').version ?? 0n) !== 0n;
}

/** What a client says of the version of an object that is not there yet counts for nothing. */
export function withoutVersion(object: KubeObject): KubeObject {
  if (object.metadata?.resourceVersion === undefined) return object;
  return { ...object, metadata: orderMetadata({ ...object.metadata, resourceVersion: undefined }) };
}

function parse(text: string): { version?: bigint; why?: string } {
  if (text === '') return { version: 0n };
  if (!/^[0-9]+$/.test(text)) return { why: 'invalid syntax' };
  const version = BigInt(text);
  return version > MAX_UINT64 ? { why: 'value out of range' } : { version };
}
