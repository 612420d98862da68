import { readFileSync } from 'node:fs';
import { CONFIG_VERSIONS, parseConfigFile, refuseConfigFile } from '../../config-files/parse-config-file.ts';
import type { AuthenticationConfiguration } from './authentication-configuration.ts';
import { validateAuthentication } from './validate-authentication.ts';

const FORM = {
  kind: 'AuthenticationConfiguration',
  apiVersions: CONFIG_VERSIONS,
  fields: new Set(['apiVersion', 'kind', 'jwt', 'anonymous']),
};

/** Throws when the file is not what it should be. `ownIssuers` are those of this cluster's own tokens. */
export function readAuthenticationConfiguration(
  file: string,
  ownIssuers: readonly string[],
): AuthenticationConfiguration {
  const configuration = parseConfigFile<AuthenticationConfiguration>(file, readFileSync(file, 'utf8'), FORM);
  refuseConfigFile(file, validateAuthentication(configuration, ownIssuers));
  return configuration;
}
