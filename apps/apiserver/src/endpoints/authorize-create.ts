import { forbidden } from '@pilothouse/apimachinery';
import { attributesOf } from '../filters/authorize.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteServices } from './write-services.ts';

/**
 * Who creates by a PUT or by an apply must also be allowed to create; the handler chain has asked only about the verb
 * of the request. Throws 403. Upstream: withAuthorization of endpoints/handlers.
 */
export async function authorizeCreate({ authorizer }: WriteServices, request: ApiRequest): Promise<void> {
  const attributes = { ...attributesOf(request), verb: 'create' };
  const { decision, reason } = await authorizer.authorize(attributes);
  if (decision === 'allow') return;
  const { apiGroup: group, resource, name } = attributes;
  throw forbidden({ group, resource }, name, reason);
}
