import { forbidden } from '@pilothouse/apimachinery';
import type { AdmissionPlugin } from '../chain.ts';

/** Refuses every write, for tests of clients. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  validate({ definition, name }) {
    throw forbidden(definition, name, 'admission control is denying all modifications');
  },
};
