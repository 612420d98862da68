import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../user-error.ts';
import { openEtcdStream } from './etcd-gateway.ts';
import type { EtcdAccess } from './etcd-gateway.ts';

/** etcd appends the SHA-256 of everything before it, so that a snapshot can be checked wherever it has travelled. */
const DIGEST_BYTES = 32;

/** A member that is silent for this long in the middle of a snapshot has died. */
const SILENCE_MS = 60_000;

export interface SnapshotStatus {
  readonly bytes: number;
  readonly sha256: string;
  readonly intact: boolean;
}

/**
 * Streams a snapshot of a running etcd into a file over etcd's JSON gateway. It gets its name only when it is whole
 * and its digest is right.
 */
export async function saveSnapshot(access: EtcdAccess, endpoint: string, file: string): Promise<SnapshotStatus> {
  const partial = `${file}.partial`;
  const stream = await openEtcdStream(access, endpoint, '/v3/maintenance/snapshot', {}, SILENCE_MS);
  const fd = openSync(partial, 'w', 0o600);
  try {
    for await (const line of createInterface({ input: stream })) {
      if (line.trim() === '') continue;
      const { result, error } = JSON.parse(line) as SnapshotLine;
      if (error) throw new UserError(`etcd cannot make a snapshot: ${error.message}`);
      if (result?.blob) writeSync(fd, Buffer.from(result.blob, 'base64'));
    }
    fsyncSync(fd);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  const status = readSnapshotStatus(partial);
  if (!status.intact) {
    rmSync(partial, { force: true });
    throw new UserError('the snapshot arrived damaged: its digest is wrong');
  }
  renameSync(partial, file);
  return status;
}

export function readSnapshotStatus(file: string): SnapshotStatus {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = size - DIGEST_BYTES;
    // The database is made of whole pages of 512 bytes or more; with the digest behind it, it is not.
    if (bytes <= 0 || bytes % 512 !== 0) return { bytes: size, sha256: '', intact: false };
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(1 << 20);
    for (let at = 0; at < bytes;) {
      const length = readSync(fd, buffer, 0, Math.min(buffer.length, bytes - at), at);
      hash.update(buffer.subarray(0, length));
      at += length;
    }
    readSync(fd, buffer, 0, DIGEST_BYTES, bytes);
    const sha256 = hash.digest('hex');
    return { bytes, sha256, intact: sha256 === buffer.subarray(0, DIGEST_BYTES).toString('hex') };
  } finally {
    closeSync(fd);
  }
}

interface SnapshotLine {
  readonly result?: { readonly blob?: string };
  readonly error?: { readonly message: string };
}
