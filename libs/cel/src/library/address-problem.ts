/** What Go's net/netip says about a text that is no address: ParseAddr, in its words. Undefined for one that is. */
export function addressProblem(text: string): string | undefined {
  const found = problemOf(text);
  if (found === undefined) return undefined;
  const { why, at } = found;
  return `ParseAddr(${JSON.stringify(text)}): ${why}${at === undefined ? '' : ` (at ${JSON.stringify(at)})`}`;
}

/** And about a text that is no prefix: ParsePrefix. */
export function prefixProblem(text: string): string | undefined {
  const why = prefixReason(text);
  return why === undefined ? undefined : `netip.ParsePrefix(${JSON.stringify(text)}): ${why}`;
}

interface Problem {
  readonly why: string;
  readonly at?: string;
}

function problemOf(text: string): Problem | undefined {
  switch (/[.:%]/.exec(text)?.[0]) {
    case '.':
      return ipv4Problem(text);
    case ':':
      return ipv6Problem(text);
    case '%':
      return { why: 'missing IPv6 address' };
    default:
      return { why: 'unable to parse IP' };
  }
}

function ipv4Problem(text: string): Problem | undefined {
  let octets = 0;
  let octet = '';
  for (let i = 0; i < text.length; i++) {
    const at = text.slice(i);
    if (/^\d/.test(at)) {
      if (octet === '0') return { why: 'IPv4 field has octet with leading zero' };
      octet += text[i];
      if (Number(octet) > 255) return { why: 'IPv4 field has value >255' };
    } else if (text[i] === '.') {
      if (octet === '' || at === '.') return { why: 'IPv4 field must have at least one digit', at };
      if (octets === 3) return { why: 'IPv4 address too long' };
      octets++;
      octet = '';
    } else return { why: 'unexpected character', at };
  }
  return octets < 3 ? { why: 'IPv4 address too short' } : undefined;
}

const GROUPS = 8;

function ipv6Problem(text: string): Problem | undefined {
  const percent = text.indexOf('%');
  if (percent === text.length - 1 && percent >= 0) return { why: 'zone must be a non-empty string' };
  let rest = percent < 0 ? text : text.slice(0, percent);
  let ellipsis = rest.startsWith('::');
  if (ellipsis) rest = rest.slice(2);
  if (ellipsis && rest === '') return undefined;
  let groups = 0;
  while (groups < GROUPS) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (digits.length > 4) return { why: 'each group must have 4 or less digits', at: rest };
    if (digits === '') return { why: 'each colon-separated field must have at least one digit', at: rest };
    if (rest[digits.length] === '.') {
      const problem = embeddedProblem(rest, groups, ellipsis);
      if (problem) return problem;
      groups += 2;
      rest = '';
      break;
    }
    groups++;
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return { why: 'unexpected character, want colon', at: rest };
    if (rest === ':') return { why: 'colon must be followed by more characters', at: rest };
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (ellipsis) return { why: 'multiple :: in address', at: rest };
    ellipsis = true;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') return { why: 'trailing garbage after address', at: rest };
  if (groups < GROUPS) return ellipsis ? undefined : { why: 'address string too short' };
  return ellipsis ? { why: 'the :: must expand to at least one field of zeros' } : undefined;
}

/** An IPv4 address may stand for the last two groups. */
function embeddedProblem(rest: string, groups: number, ellipsis: boolean): Problem | undefined {
  if (!ellipsis && groups !== GROUPS - 2) {
    return { why: 'embedded IPv4 address must replace the final 2 fields of the address', at: rest };
  }
  if (groups > GROUPS - 2) {
    return { why: 'too many hex fields to fit an embedded IPv4 at the end of the address', at: rest };
  }
  return ipv4Problem(rest);
}

function prefixReason(text: string): string | undefined {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return "no '/'";
  const address = text.slice(0, slash);
  const problem = addressProblem(address);
  if (problem) return problem;
  if (address.includes('%')) return 'IPv6 zones cannot be present in a prefix';
  const bits = text.slice(slash + 1);
  if (!/^(\d|[1-9]\d+)$/.test(bits)) return `bad bits after slash: ${JSON.stringify(bits)}`;
  return Number(bits) > (address.includes(':') ? 128 : 32) ? 'prefix length out of range' : undefined;
}
