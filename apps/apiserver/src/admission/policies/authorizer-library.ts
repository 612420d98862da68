import { BOOL, method, STRING, type Overload } from '@pilothouse/cel';
import { serviceAccountUser, withAuthenticatedGroup } from '../../authentication/user-info.ts';
import { selectorsAsked } from '../../authorization/asked-selectors.ts';
import {
  AUTHORIZER,
  type AuthorizerValue,
  DECISION,
  type DecisionValue,
  GROUP_CHECK,
  GroupCheck,
  PATH_CHECK,
  PathCheck,
  RESOURCE_CHECK,
  ResourceCheck,
} from './authorizer-values.ts';

const NO_RESOURCE = { apiGroup: '', apiVersion: '*', resource: '', subresource: '', namespace: '', name: '' };
/** One question costs as much as a thousand steps: authorization may be asked over the network. */
const expensive = { cost: () => 350_000 };

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library */
export const authorizerLibrary: readonly Overload[] = [
  method(
    'path',
    [AUTHORIZER, STRING],
    PATH_CHECK,
    (authorizer: AuthorizerValue, path: string) => new PathCheck(authorizer, path),
  ),
  method(
    'group',
    [AUTHORIZER, STRING],
    GROUP_CHECK,
    (authorizer: AuthorizerValue, group: string) => new GroupCheck(authorizer, group),
  ),
  method(
    'serviceAccount',
    [AUTHORIZER, STRING, STRING],
    AUTHORIZER,
    (authorizer: AuthorizerValue, namespace: string, name: string) =>
      authorizer.as(withAuthenticatedGroup(serviceAccountUser(namespace, name, undefined))),
  ),
  method(
    'check',
    [PATH_CHECK, STRING],
    DECISION,
    ({ authorizer, path }: PathCheck, verb: string) =>
      authorizer.ask({ ...NO_RESOURCE, isResource: false, path, verb }),
    expensive,
  ),
  method(
    'resource',
    [GROUP_CHECK, STRING],
    RESOURCE_CHECK,
    ({ authorizer, group }: GroupCheck, resource: string) =>
      new ResourceCheck(authorizer, { ...NO_RESOURCE, apiGroup: group, resource }),
  ),
  method('subresource', [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, subresource: string) =>
    check.with({ subresource }),
  ),
  method('namespace', [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, namespace: string) =>
    check.with({ namespace }),
  ),
  method('name', [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, name: string) =>
    check.with({ name }),
  ),
  method('fieldSelector', [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, fieldSelector: string) =>
    check.with({ fieldSelector }),
  ),
  method('labelSelector', [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, labelSelector: string) =>
    check.with({ labelSelector }),
  ),
  method(
    'check',
    [RESOURCE_CHECK, STRING],
    DECISION,
    ({ authorizer, question: { fieldSelector = '', labelSelector = '', ...place } }: ResourceCheck, verb: string) =>
      authorizer.ask({ ...place, ...selectorsAsked(fieldSelector, labelSelector), isResource: true, path: '', verb }),
    expensive,
  ),
  method(
    'allowed',
    [DECISION],
    BOOL,
    ({ decision }: DecisionValue) => !(decision instanceof Error) && decision.decision === 'allow',
  ),
  method('reason', [DECISION], STRING, ({ decision }: DecisionValue) =>
    decision instanceof Error ? '' : decision.reason,
  ),
  method('errored', [DECISION], BOOL, ({ decision }: DecisionValue) => decision instanceof Error),
  method('error', [DECISION], STRING, ({ decision }: DecisionValue) =>
    decision instanceof Error ? decision.message : '',
  ),
];
