import type { Endpoint } from '../endpoints/target.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import { bindPod } from '../subresources/pod-binding.ts';
import type { Resources } from '../registry/resources.ts';
import { reviewAccess, reviewLocalAccess, reviewOwnAccess } from './access-reviews.ts';
import { reviewOwnRules } from './self-subject-rules.ts';
import { reviewSelf } from './self-subject-review.ts';
import { reviewToken } from './token-review.ts';
import type { ReviewServices } from './review-services.ts';

/** Resources that are asked but not stored, by `group/resource`: what a POST to each answers. */
export function virtualResources(
  services: WriteServices,
  resources: Resources,
  reviews: ReviewServices,
): ReadonlyMap<string, Endpoint> {
  return new Map([
    ['/bindings', bindPod(services, resources)],
    ['authentication.k8s.io/tokenreviews', reviewToken(reviews)],
    ['authentication.k8s.io/selfsubjectreviews', reviewSelf],
    ['authorization.k8s.io/subjectaccessreviews', reviewAccess(reviews)],
    ['authorization.k8s.io/localsubjectaccessreviews', reviewLocalAccess(reviews)],
    ['authorization.k8s.io/selfsubjectaccessreviews', reviewOwnAccess(reviews)],
    ['authorization.k8s.io/selfsubjectrulesreviews', reviewOwnRules(reviews)],
  ]);
}
