import { fieldPath, forbiddenField, invalid, notSupported, type FieldError } from '@pilothouse/apimachinery';
import { booleanValue, integerValue } from './query-values.ts';

/** Query parameters of list, watch and deletecollection: meta/v1 ListOptions without the selectors. */
export interface ListParameters {
  readonly resourceVersion: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents?: boolean;
}

/** Throws 400 for what is no number, 422 for what does not go together. */
export function readListParameters(query: URLSearchParams): ListParameters {
  // In the order in which upstream converts them, whose first failure is the answer.
  const watches = booleanValue(query, 'watch');
  const allowWatchBookmarks = booleanValue(query, 'allowWatchBookmarks') ?? false;
  const timeoutSeconds = integerValue(query, 'timeoutSeconds');
  const limit = integerValue(query, 'limit') ?? 0;
  const sendInitialEvents = booleanValue(query, 'sendInitialEvents');
  const given = {
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    continue: query.get('continue') ?? '',
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
  };
  const errors = watches ? watchErrors(given) : listErrors(given);
  if (errors.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', errors);
  const { resourceVersionMatch, ...rest } = given;
  return {
    ...rest,
    ...{ limit, allowWatchBookmarks },
    ...(resourceVersionMatch === '' ? {} : { resourceVersionMatch: resourceVersionMatch as 'Exact' | 'NotOlderThan' }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

interface Given {
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly continue: string;
  readonly sendInitialEvents?: boolean;
}

const MATCH = fieldPath('resourceVersionMatch');
const WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

/** Upstream: metainternalversion/validation ValidateListOptions. */
function listErrors({ resourceVersion, resourceVersionMatch: match, ...given }: Given): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbiddenField(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (given.continue !== '') errors.push(forbiddenField(MATCH, WITH_CONTINUE));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbiddenField(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (given.sendInitialEvents !== undefined) {
    errors.push(forbiddenField(fieldPath('sendInitialEvents'), 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, ...given }: Given): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenField(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match === '') return errors;
  if (sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbiddenField(MATCH, why));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
  if (given.continue !== '') errors.push(forbiddenField(MATCH, WITH_CONTINUE));
  return errors;
}
