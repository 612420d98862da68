import {
  badRequest,
  fieldPath,
  invalid,
  invalidValue,
  type FieldError,
  type KubeObject,
} from '@pilothouse/apimachinery';
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from '@pilothouse/api';
import type { AuthorizationAttributes } from '../authorization/authorizer.ts';
import type { UserInfo } from '../authentication/user-info.ts';
import type { Endpoint } from '../endpoints/target.ts';
import { review } from './read-review.ts';
import type { ReviewServices } from './review-services.ts';

type Spec = NonNullable<SubjectAccessReview['spec']>;
type OwnSpec = NonNullable<SelfSubjectAccessReview['spec']>;

/** May this user do that? https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
export const reviewAccess = (services: ReviewServices): Endpoint =>
  review<SubjectAccessReview>(async (asked) => {
    validate('SubjectAccessReview', asked, asked.spec);
    return answered(services, asked, userOf(asked.spec!), asked.spec!);
  });

/** The same, within one namespace. */
export const reviewLocalAccess = (services: ReviewServices): Endpoint =>
  review<LocalSubjectAccessReview>(async (asked, _request, { key }) => {
    validate('LocalSubjectAccessReview', asked, asked.spec);
    if (asked.metadata?.namespace && asked.metadata.namespace !== key.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    const namespace = asked.spec?.resourceAttributes?.namespace;
    if (namespace !== key.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${key.namespace}`);
    }
    return answered(services, asked, userOf(asked.spec!), asked.spec!);
  });

/** May I do that? `kubectl auth can-i`. */
export const reviewOwnAccess = (services: ReviewServices): Endpoint =>
  review<SelfSubjectAccessReview>(async (asked, { user }) => {
    validateAttributes('SelfSubjectAccessReview', asked, asked.spec);
    return answered(services, asked, user, asked.spec!);
  });

function userOf({ user, uid, groups, extra }: Spec): UserInfo {
  return {
    name: user ?? '',
    groups: groups ?? [],
    ...(uid ? { uid } : {}),
    ...(extra ? { extra: extra as Record<string, string[]> } : {}),
  };
}

async function answered<T extends KubeObject>(
  { authorizer }: ReviewServices,
  asked: T,
  user: UserInfo,
  spec: OwnSpec,
): Promise<T> {
  const { decision, reason } = await authorizer.authorize(attributesOf(user, spec));
  const status = {
    allowed: decision === 'allow',
    ...(decision === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
  };
  return { ...asked, status };
}

function attributesOf(user: UserInfo, { resourceAttributes, nonResourceAttributes }: OwnSpec): AuthorizationAttributes {
  const of = resourceAttributes;
  return {
    user,
    isResource: of !== undefined,
    verb: of?.verb ?? nonResourceAttributes?.verb ?? '',
    path: nonResourceAttributes?.path ?? '',
    apiGroup: of?.group ?? '',
    apiVersion: of?.version ?? '*',
    namespace: of?.namespace ?? '',
    resource: of?.resource ?? '',
    subresource: of?.subresource ?? '',
    name: of?.name ?? '',
  };
}

function validate(kind: string, asked: KubeObject, spec: Spec | undefined): void {
  const extra: FieldError[] = [];
  if (!spec?.user && !spec?.groups?.length) {
    extra.push(
      invalidValue(fieldPath('spec', 'user'), spec?.user ?? '', 'at least one of user or group must be specified'),
    );
  }
  validateAttributes(kind, asked, spec, extra);
}

function validateAttributes(
  kind: string,
  asked: KubeObject,
  spec: OwnSpec | undefined,
  errors: FieldError[] = [],
): void {
  const path = fieldPath('spec', 'resourceAttributes');
  if (spec?.resourceAttributes && spec.nonResourceAttributes) {
    errors.push(
      invalidValue(
        fieldPath('spec', 'nonResourceAttributes'),
        spec.nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    );
  }
  if (!spec?.resourceAttributes && !spec?.nonResourceAttributes) {
    errors.push(
      invalidValue(
        path,
        spec?.resourceAttributes,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  }
  if (errors.length > 0) throw invalid('authorization.k8s.io', kind, asked.metadata?.name ?? '', errors);
}
