import type { KubeObject, ResourceDefinition } from '@pilothouse/apimachinery';
import type { UserInfo } from '../authentication/user-info.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What admission is asked about. Objects are in the storage version. */
export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly definition: ResourceDefinition;
  /** The version that the client spoke. */
  readonly version: string;
  readonly subresource: string;
  readonly namespace: string;
  /** For messages: the object's name, or what it is to be generated from. */
  readonly name: string;
  /** As the client gave it; empty where it is still to be generated. What webhooks and policies are told. */
  readonly requestName: string;
  /** Mutating plugins change it in place. Absent when deleting. */
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly now: Date;
  readonly warn: (text: string) => void;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions of the request, as admission webhooks are told. */
  readonly options?: KubeObject;
  /** Leaves a note in the request's audit event, under a key such as `my.webhook/decision`. */
  readonly annotate?: (key: string, value: string) => void;
  /** Whether notes may tell what is in the objects. */
  readonly auditsObjects?: boolean;
}
