import { invalidValue, required, type FieldError, type FieldPath } from '@pilothouse/apimachinery';
import type { CustomResourceColumnDefinition } from '../generated/types.ts';
import { simpleJsonPathErrors } from './validate-subresources.ts';

const TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function validatePrinterColumn(column: CustomResourceColumnDefinition, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!column.name) errors.push(required(path.child('name')));
  const types = `must be one of ${TYPES.join(',')}`;
  if (!column.type) errors.push(required(path.child('type'), types));
  else if (!TYPES.includes(column.type)) errors.push(invalidValue(path.child('type'), column.type, types));
  if (column.format && !FORMATS.includes(column.format)) {
    errors.push(invalidValue(path.child('format'), column.format, `must be one of ${FORMATS.join(',')}`));
  }
  if (!column.jsonPath) errors.push(required(path.child('JSONPath')));
  else errors.push(...simpleJsonPathErrors(column.jsonPath, path.child('JSONPath')));
  return errors;
}
