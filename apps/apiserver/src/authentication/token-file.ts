import { readFileSync } from 'node:fs';
import { timingSafeEqual, createHash } from 'node:crypto';
import type { TokenAuthenticator } from './bearer-token.ts';
import type { UserInfo } from './user-info.ts';

/**
 * `--token-auth-file`: lines of `token,user,uid,"group1,group2"`. Read once, as upstream does.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
export function tokenFile(path: string): TokenAuthenticator {
  return staticTokens(parseTokenFile(readFileSync(path, 'utf8'), path));
}

/** Tokens are compared by hash, so that how long it takes says nothing about them. */
export function staticTokens(users: ReadonlyMap<string, UserInfo>): TokenAuthenticator {
  const known = [...users].map(([token, user]) => ({ hash: sha256(token), user }));
  return {
    async authenticateToken(token) {
      const hash = sha256(token);
      return known.find((each) => timingSafeEqual(each.hash, hash))?.user;
    },
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export function parseTokenFile(text: string, path: string): Map<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [token, name, uid, groups = ''] = splitCsv(line);
    if (!token || !name || uid === undefined) {
      throw new Error(`${path}:${index + 1}: expected at least token,user,uid`);
    }
    users.set(token, { name, uid, groups: groups.split(',').filter((group) => group !== '') });
  });
  return users;
}

function splitCsv(line: string): string[] {
  const cells: string[] = [];
  for (const match of line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    if (match[0] === '') break;
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return cells;
}
