import type { Status } from '@pilothouse/apimachinery';

/** What a request leaves for its audit event on its way; empty unless a policy asks for more. */
export interface AuditNotes {
  /** Set before the body is read, when the request is audited: objects are named by their bodies, too. */
  keepsBodies: boolean;
  /** Whether the objects themselves are written down. */
  showsObjects: boolean;
  requestBody?: Buffer;
  responseBody?: Buffer;
  /** Of an answer that is one. */
  status?: Status;
  readonly annotations: Map<string, string>;
}

export function newAuditNotes(): AuditNotes {
  return { keepsBodies: false, showsObjects: false, annotations: new Map() };
}
