import { type FieldError, type FieldPath, invalidValue, isDNS1123Subdomain } from '@pilothouse/apimachinery';
import type { PodSpec, WindowsSecurityContextOptions } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { visitContainers } from './visit-containers.ts';

const MAX_CREDENTIAL_SPEC_KIB = 64;
const MAX_DOMAIN_LENGTH = 256;
const MAX_USER_LENGTH = 104;
const NETBIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_DOMAIN = new RegExp(`^${DNS_DOMAIN_LABEL}(?:\\.${DNS_DOMAIN_LABEL})*$`);
const CONTROL_CHARACTERS = /\p{Cc}/u;
const DOTS_AND_SPACES = /^[. ]+$/;
const BAD_USER_CHARACTERS = /["/\\:;|=,+*?<>@[\]]/;

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    const messages = isDNS1123Subdomain(gmsaCredentialSpecName);
    pushInvalid(errors, path.child('gmsaCredentialSpecName'), gmsaCredentialSpecName, messages);
  }
  if (gmsaCredentialSpec !== undefined) {
    const at = path.child('gmsaCredentialSpec');
    if (gmsaCredentialSpec === '') {
      errors.push(invalidValue(at, gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string'));
    } else if (Buffer.byteLength(gmsaCredentialSpec) > MAX_CREDENTIAL_SPEC_KIB * 1024) {
      const detail = `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_SPEC_KIB} KiB`;
      errors.push(invalidValue(at, gmsaCredentialSpec, detail));
    }
  }
  if (runAsUserName !== undefined) {
    pushInvalid(errors, path.child('runAsUserName'), runAsUserName, userNameProblems(runAsUserName));
  }
}

/** `DOMAIN\user`, the domain being optional. */
function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL_CHARACTERS.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (domain !== undefined) {
    if (domain.length >= MAX_DOMAIN_LENGTH) {
      problems.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN_LENGTH} characters`);
    }
    if (!NETBIOS_DOMAIN.test(domain) && !DNS_DOMAIN.test(domain)) {
      problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (user.length > MAX_USER_LENGTH) {
    problems.push(`runAsUserName's User length must not be longer than ${MAX_USER_LENGTH} characters`);
  }
  if (DOTS_AND_SPACES.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (BAD_USER_CHARACTERS.test(user)) {
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return problems;
}

/** Containers that are processes of a Windows host: all of a pod's or none, and on the host's network. */
export function validateHostProcess(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  visitContainers(spec, path, (container, at) => {
    containers += 1;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (own !== undefined && ofPod !== undefined && own !== ofPod) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidValue(at.child('securityContext', 'windowsOptions', 'hostProcess'), own, detail));
    }
    if (own ?? ofPod) hostProcesses += 1;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalidValue(path, '', detail));
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalidValue(path.child('hostNetwork'), false, detail));
  }
}
