import { readFileSync } from 'node:fs';
import { CONFIG_VERSIONS, parseConfigFile, refuseConfigFile } from '../../config-files/parse-config-file.ts';
import type { AuthorizationConfiguration, AuthorizerConfiguration } from './authorization-configuration.ts';
import { validateAuthorization } from './validate-authorization.ts';

const FORM = { kind: 'AuthorizationConfiguration', apiVersions: CONFIG_VERSIONS };

/** Throws when the file is not what it should be. */
export function readAuthorizationConfiguration(file: string): readonly AuthorizerConfiguration[] {
  const configuration = parseConfigFile<AuthorizationConfiguration>(file, readFileSync(file, 'utf8'), FORM);
  refuseConfigFile(file, validateAuthorization(configuration));
  return configuration.authorizers ?? [];
}
