import type { AdmissionChain } from '../admission/chain.ts';
import type { Authorizer } from '../authorization/authorizer.ts';

/** What the writing verbs need beyond their target. */
export interface WriteServices {
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
}
