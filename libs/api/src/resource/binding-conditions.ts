import { duplicate, type FieldError, type FieldPath, invalidValue, validateLabelName } from '@pilothouse/apimachinery';
import { validateList } from './bounded-list.ts';

const MAX_CONDITIONS = 4;
/** How a list that is not there prints in a message. */
const NO_LIST = { toJSON: () => null };

interface HasBindingConditions {
  readonly bindingConditions?: string[];
  readonly bindingFailureConditions?: string[];
}

/** What must become true of a device before its pod is bound, and what means that it never will (KEP-5007). */
export function validateBindingConditions(device: HasBindingConditions, path: FieldPath, errors: FieldError[]): void {
  const { bindingConditions: ready = [], bindingFailureConditions: failed = [] } = device;
  const [readyPath, failedPath] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  const rule = (name: string, at: FieldPath): void => void errors.push(...validateLabelName(name, at));
  validateList(ready, MAX_CONDITIONS, rule, readyPath, errors);
  validateList(failed, MAX_CONDITIONS, rule, failedPath, errors);
  ready.forEach((name, index) => {
    if (ready.indexOf(name) < index) errors.push(duplicate(readyPath.index(index), name));
  });
  failed.forEach((name, index) => {
    if (failed.indexOf(name) < index) errors.push(duplicate(failedPath.index(index), name));
    if (ready.includes(name))
      errors.push(
        invalidValue(failedPath.index(index), name, 'bindingFailureConditions must not overlap with bindingConditions'),
      );
  });
  if (ready.length === 0 && failed.length > 0) {
    errors.push(invalidValue(readyPath, NO_LIST, 'bindingConditions are required to use bindingFailureConditions'));
  }
  if (failed.length === 0 && ready.length > 0) {
    errors.push(invalidValue(failedPath, NO_LIST, 'bindingFailureConditions are required to use bindingConditions'));
  }
}
