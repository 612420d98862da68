import { UserError } from '../user-error.ts';

export interface MaintenanceStatus {
  readonly version: string;
  readonly revision: string;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  readonly errors: readonly string[];
}

/** https://etcd.io/docs/latest/dev-guide/apispec/swagger/ : 64-bit numbers arrive as text. */
export async function fetchMaintenanceStatus(endpoint: string): Promise<MaintenanceStatus> {
  let answer: Response;
  try {
    answer = await fetch(`${endpoint}/v3/maintenance/status`, { method: 'POST', body: '{}' });
  } catch (error) {
    throw new UserError(`etcd at ${endpoint} does not answer: ${(error as Error).message}`);
  }
  if (!answer.ok) throw new UserError(`etcd at ${endpoint} answers ${answer.status}`);
  const status = (await answer.json()) as {
    version: string;
    header: { revision: string };
    dbSize?: string;
    dbSizeInUse?: string;
    errors?: string[];
  };
  return {
    version: status.version,
    revision: status.header.revision,
    dbSizeBytes: Number(status.dbSize ?? 0),
    dbSizeInUseBytes: Number(status.dbSizeInUse ?? 0),
    errors: status.errors ?? [],
  };
}
