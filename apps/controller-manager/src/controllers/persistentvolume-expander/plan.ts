import { parseQuantity, type Quantity, ZERO_QUANTITY } from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';

/** Whether a bound claim asks for more than it has. Pure. */
export function wantsToGrow(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const { claimRef } = volume.spec;
  if (claim.status?.phase !== 'Bound' || claimRef?.uid !== claim.metadata.uid) return false;
  return requestOf(claim).compare(capacityOf(claim)) > 0;
}

const requestOf = ({ spec }: PersistentVolumeClaim): Quantity => amount(spec.resources?.requests?.storage);
const capacityOf = ({ status }: PersistentVolumeClaim): Quantity => amount(status?.capacity?.storage);
const amount = (text: string | undefined): Quantity => (text === undefined ? ZERO_QUANTITY : parseQuantity(text));
