/** What a request leaves for its audit event on its way; empty unless a policy asks for more. */
export interface AuditNotes {
  /** Set before the body is read, when the policy wants it kept. */
  keepsBodies: boolean;
  requestBody?: Buffer;
  responseBody?: Buffer;
  readonly annotations: Map<string, string>;
}

export function newAuditNotes(): AuditNotes {
  return { keepsBodies: false, annotations: new Map() };
}
