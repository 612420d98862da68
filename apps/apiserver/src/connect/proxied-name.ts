import { badRequest } from '@pilothouse/apimachinery';

/** `https:web:443` taken apart. */
export interface ProxiedName {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

/** Upstream: apimachinery net.SplitSchemeNamePort. `what` is said of a name that is none. */
export function splitProxiedName(text: string, what: 'node' | 'pod' | 'service'): ProxiedName {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || (scheme !== 'http' && scheme !== 'https' && scheme !== ''))
    throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}
