import { UserError } from '../user-error.ts';
import { callAnyMember, callEtcd } from './etcd-gateway.ts';
import type { EtcdAccess } from './etcd-gateway.ts';
import { fetchMaintenanceStatus } from './maintenance-status.ts';

export interface Defragmented {
  readonly endpoint: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Gives compacted space back to the file system, one member after the other, because a member answers nobody meanwhile;
 * the leader last, so that it changes at most once. A member that is not well stops it: the next would cost the quorum.
 */
export async function* defragment(access: EtcdAccess): AsyncGenerator<Defragmented> {
  const members = await Promise.all(
    access.endpoints.map(async (endpoint) => ({ endpoint, ...(await fetchMaintenanceStatus(access, endpoint)) })),
  );
  for (const { endpoint, dbSizeBytes } of members.sort((a, b) => Number(a.isLeader) - Number(b.isLeader))) {
    await callEtcd(access, endpoint, '/v3/maintenance/defragment', {}, 0);
    const { dbSizeBytes: bytesAfter } = await fetchMaintenanceStatus(access, endpoint);
    yield { endpoint, bytesBefore: dbSizeBytes, bytesAfter };
  }
}

/** Takes every alarm back; etcd raises it again at once if its cause is still there. Returns what was armed. */
export async function disarmAlarms(access: EtcdAccess): Promise<string[]> {
  const { alarms = [] } = await callAnyMember<{ alarms?: { memberID: string; alarm: string }[] }>(
    access,
    '/v3/maintenance/alarm',
    { action: 'GET' },
  );
  for (const { memberID, alarm } of alarms) {
    await callAnyMember(access, '/v3/maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm });
  }
  return alarms.map(({ alarm }) => alarm);
}

/** The revision now; what is older than it may go. */
export async function compactToNow(access: EtcdAccess): Promise<string> {
  const [first] = access.endpoints;
  if (!first) throw new UserError('--endpoints is empty');
  const { revision } = await fetchMaintenanceStatus(access, first);
  try {
    await callAnyMember(access, '/v3/kv/compaction', { revision, physical: true });
  } catch (error) {
    if (!(error as Error).message.includes('has been compacted')) throw error;
  }
  return revision;
}
