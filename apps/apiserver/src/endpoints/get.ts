import { acceptObject, respondObject } from './respond-object.ts';
import type { Endpoint } from './target.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#get-list-and-watch */
export const get: Endpoint = async (request, { resource, served, key }) => {
  const accepted = acceptObject(request, served);
  const stored = await resource.registry.get(key, request.query.get('resourceVersion') ?? '');
  await respondObject(request, 200, served, stored, accepted);
};
