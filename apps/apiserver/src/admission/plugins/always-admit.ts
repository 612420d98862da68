import type { AdmissionPlugin } from '../chain.ts';

/** Lets everything pass; upstream keeps it for old command lines. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', operations: [] };
