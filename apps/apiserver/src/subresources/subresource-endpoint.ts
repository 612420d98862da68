import type { Endpoint } from '../endpoints/target.ts';

/** What answers the requests on one subresource, by verb. */
export type SubresourceVerbs = Readonly<Partial<Record<'get' | 'create' | 'update' | 'patch' | 'connect', Endpoint>>>;
