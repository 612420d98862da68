import { type FieldError, type FieldPath, isDNS1123Subdomain, required, tooLong } from '@pilothouse/apimachinery';
import { pushInvalid } from '../../validation/push-invalid.ts';

const MAX_DRIVER_NAME = 63;

/** The name a CSI driver registers under; case is kept but does not matter. */
export function validateCsiDriverName(name: string | undefined, path: FieldPath, errors: FieldError[]): void {
  const driver = name ?? '';
  if (!driver) errors.push(required(path));
  if (driver.length > MAX_DRIVER_NAME) errors.push(tooLong(path, MAX_DRIVER_NAME));
  pushInvalid(errors, path, driver, isDNS1123Subdomain(driver.toLowerCase()));
}
