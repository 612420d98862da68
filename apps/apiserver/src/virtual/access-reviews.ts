import { badRequest, type KubeObject } from '@pilothouse/apimachinery';
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from '@pilothouse/api';
import type { AuthorizationAttributes } from '../authorization/authorizer.ts';
import type { UserInfo } from '../authentication/user-info.ts';
import type { Endpoint } from '../endpoints/target.ts';
import { review } from './read-review.ts';
import { reviewSelectors } from './review-selectors.ts';
import type { ReviewServices } from './review-services.ts';
import { validateAccessReview, validateLocalAccessReview, validateOwnAccessReview } from './validate-access-review.ts';

type Spec = NonNullable<SubjectAccessReview['spec']>;
type OwnSpec = NonNullable<SelfSubjectAccessReview['spec']>;

/** May this user do that? https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
export const reviewAccess = (services: ReviewServices): Endpoint =>
  review<SubjectAccessReview>(async (asked) => {
    validateAccessReview(asked);
    return answered(services, asked, userOf(asked.spec!), asked.spec!);
  });

/** The same, within one namespace. */
export const reviewLocalAccess = (services: ReviewServices): Endpoint =>
  review<LocalSubjectAccessReview>(async (asked, _request, { key }) => {
    if (asked.metadata?.namespace && asked.metadata.namespace !== key.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    validateLocalAccessReview({ ...asked, metadata: { ...asked.metadata, namespace: key.namespace } });
    const namespace = asked.spec?.resourceAttributes?.namespace;
    if (namespace !== key.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${key.namespace}`);
    }
    return answered(services, asked, userOf(asked.spec!), asked.spec!);
  });

/** May I do that? `kubectl auth can-i`. */
export const reviewOwnAccess = (services: ReviewServices): Endpoint =>
  review<SelfSubjectAccessReview>(async (asked, { user }) => {
    validateOwnAccessReview(asked);
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
  const { selectors, problems } = reviewSelectors(spec.resourceAttributes ?? {});
  const { decision, reason } = await authorizer.authorize({ ...attributesOf(user, spec), ...selectors });
  const status = {
    allowed: decision === 'allow',
    ...(decision === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(problems.length === 0 ? {} : { evaluationError: problems.join('; ') }),
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
    apiVersion: of?.version || '*',
    namespace: of?.namespace ?? '',
    resource: of?.resource ?? '',
    subresource: of?.subresource ?? '',
    name: of?.name ?? '',
  };
}
