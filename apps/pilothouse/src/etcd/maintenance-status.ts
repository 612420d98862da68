import { callEtcd } from './etcd-gateway.ts';
import type { EtcdAccess } from './etcd-gateway.ts';

export interface MaintenanceStatus {
  readonly version: string;
  readonly revision: string;
  readonly isLeader: boolean;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  readonly errors: readonly string[];
}

/** https://etcd.io/docs/latest/dev-guide/apispec/swagger/ : 64-bit numbers arrive as text. */
export async function fetchMaintenanceStatus(access: EtcdAccess, endpoint: string): Promise<MaintenanceStatus> {
  const status = await callEtcd<{
    version: string;
    header: { revision: string; member_id: string };
    leader?: string;
    dbSize?: string;
    dbSizeInUse?: string;
    errors?: string[];
  }>(access, endpoint, '/v3/maintenance/status');
  return {
    version: status.version,
    revision: status.header.revision,
    isLeader: status.leader === status.header.member_id,
    dbSizeBytes: Number(status.dbSize ?? 0),
    dbSizeInUseBytes: Number(status.dbSizeInUse ?? 0),
    errors: status.errors ?? [],
  };
}
