import {
  badRequest,
  fieldPath,
  forbiddenField,
  invalid,
  invalidValue,
  type FieldError,
} from '@pilothouse/apimachinery';
import { isTrue } from '../request-info.ts';

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

export function readListParameters(query: URLSearchParams): ListParameters {
  const parameters = {
    resourceVersion: query.get('resourceVersion') ?? '',
    limit: integer(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
  const match = query.get('resourceVersionMatch') ?? '';
  const timeoutSeconds = integer(query, 'timeoutSeconds');
  const isWatch = isTrue(query.get('watch'));
  const sendInitialEvents = query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined;
  const errors = validate(parameters, match, isWatch, sendInitialEvents);
  if (errors.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', errors);
  if (parameters.resourceVersion !== '' && !/^\d+$/.test(parameters.resourceVersion)) {
    const error = invalidValue(
      fieldPath('resourceVersion'),
      parameters.resourceVersion,
      'strconv.ParseUint: parsing ' + JSON.stringify(parameters.resourceVersion) + ': invalid syntax',
    );
    throw badRequest(error.toString());
  }
  return {
    ...parameters,
    ...(match === '' ? {} : { resourceVersionMatch: match as 'Exact' | 'NotOlderThan' }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return value;
}

/** Upstream: metainternalversion/validation ValidateListOptions. */
function validate(
  parameters: Pick<ListParameters, 'resourceVersion' | 'continue'>,
  match: string,
  isWatch: boolean,
  sendInitialEvents: boolean | undefined,
): FieldError[] {
  const path = fieldPath('resourceVersionMatch');
  if (isWatch) return validateWatch(path, match, sendInitialEvents);
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField(fieldPath('sendInitialEvents'), 'sendInitialEvents is forbidden for list'));
  }
  if (match === '') return errors;
  if (parameters.resourceVersion === '') {
    errors.push(forbiddenField(path, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (parameters.continue !== '') {
    errors.push(forbiddenField(path, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notOneOf(match));
  } else if (match === 'Exact' && parameters.resourceVersion === '0') {
    errors.push(forbiddenField(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function validateWatch(
  path: ReturnType<typeof fieldPath>,
  match: string,
  sendInitialEvents: boolean | undefined,
): FieldError[] {
  if (sendInitialEvents === undefined) {
    return match === ''
      ? []
      : [forbiddenField(path, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
  }
  if (match === '') {
    return [forbiddenField(path, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')];
  }
  return match === 'NotOlderThan'
    ? []
    : [
        forbiddenField(path, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
        ...(match === 'Exact' ? [] : [notOneOf(match)]),
      ];
}

function notOneOf(match: string): FieldError {
  return invalidValue(fieldPath('resourceVersionMatch'), match, 'supported values: "Exact", "NotOlderThan"');
}
