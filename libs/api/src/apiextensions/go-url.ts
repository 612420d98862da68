/** A URL as Go's net/url splits it, which lets pass and refuses other texts than the web's URL does. */
export interface GoUrl {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** The parts, or what Go says is wrong. Upstream: net/url, Parse. */
export function parseGoUrl(text: string): GoUrl | { readonly error: string } {
  const fail = (why: string): { error: string } => ({ error: `parse ${JSON.stringify(text)}: ${why}` });
  if (/[\x00-\x1f\x7f]/.test(text)) return fail('net/url: invalid control character in URL');
  const [beforeFragment = '', ...fragment] = text.split('#');
  if (beforeFragment.startsWith(':')) return fail('missing protocol scheme');
  const scheme = SCHEME.exec(beforeFragment)?.[0] ?? '';
  const afterScheme = beforeFragment.slice(scheme.length);
  const question = afterScheme.indexOf('?');
  const query = question < 0 ? '' : afterScheme.slice(question + 1);
  const rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  const parts = {
    scheme: scheme.slice(0, -1).toLowerCase(),
    user: undefined,
    host: '',
    query,
    fragment: fragment.join('#'),
  };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return parts;
    if (rest.split('/')[0]!.includes(':')) return fail('first path segment in URL cannot contain colon');
  }
  const hasAuthority = rest.startsWith('//') && !(scheme === '' && rest.startsWith('///'));
  const authority = hasAuthority ? rest.slice(2).split('/')[0]! : '';
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? undefined : authority.slice(0, at);
  const host = authority.slice(at + 1);
  const wrong = (user === undefined ? undefined : userError(user)) ?? hostError(host) ?? escapeError(rest);
  return wrong === undefined ? { ...parts, user, host } : fail(wrong);
}

function userError(user: string): string | undefined {
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) ? undefined : 'net/url: invalid userinfo';
}

function hostError(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    return portError(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  const wrongPort = colon < 0 ? undefined : portError(host.slice(colon));
  if (wrongPort !== undefined) return wrongPort;
  const invalid = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host)?.[0];
  return invalid === undefined ? undefined : `invalid character ${JSON.stringify(invalid)} in host name`;
}

function portError(port: string): string | undefined {
  return port === '' || /^:\d*$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
}

function escapeError(text: string): string | undefined {
  const invalid = /%(?![0-9A-Fa-f]{2})/.exec(text);
  return invalid ? `invalid URL escape ${JSON.stringify(text.slice(invalid.index, invalid.index + 3))}` : undefined;
}
