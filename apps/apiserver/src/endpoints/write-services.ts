import type { AdmissionChain } from '../admission/chain.ts';

/** What the writing verbs need beyond their target. */
export interface WriteServices {
  readonly admission: AdmissionChain;
}
