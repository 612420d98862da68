const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX = /^[0-9a-f]{32}$/i;
const URN = 'urn:uuid:';
const NORMAL_FORM =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';

/** What keeps a text from being a UUID as it is usually written. Upstream reads more forms than it accepts. */
export function uuidProblem(text: string): string | undefined {
  const problem = parseProblem(text);
  if (problem !== undefined) return `error validating uid: ${problem}`;
  return UUID.test(text) ? undefined : NORMAL_FORM;
}

/** Of the forms that github.com/google/uuid reads. */
function parseProblem(text: string): string | undefined {
  switch (text.length) {
    case 32:
      return HEX.test(text) ? undefined : 'invalid UUID format';
    case 36:
      return plainProblem(text);
    case 38:
      return text.startsWith('{') && text.endsWith('}')
        ? plainProblem(text.slice(1, -1))
        : 'invalid bracketed UUID format';
    case 45: {
      const prefix = text.slice(0, URN.length);
      return prefix.toLowerCase() === URN
        ? plainProblem(text.slice(URN.length))
        : `invalid urn prefix: ${JSON.stringify(prefix)}`;
    }
    default:
      return `invalid UUID length: ${text.length}`;
  }
}

const plainProblem = (text: string): string | undefined =>
  UUID.test(text.toLowerCase()) ? undefined : 'invalid UUID format';
