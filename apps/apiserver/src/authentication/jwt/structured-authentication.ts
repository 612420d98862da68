import { unwatchFile, watchFile } from 'node:fs';
import type { Clock, Logger, MetricsRegistry } from '@pilothouse/component';
import { unauthorized } from '@pilothouse/apimachinery';
import type { TokenAuthenticator } from '../bearer-token.ts';
import type { UserInfo } from '../user-info.ts';
import type { AnonymousConfiguration, AuthenticationConfiguration } from './authentication-configuration.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import { readAuthenticationConfiguration } from './read-authentication-configuration.ts';

const RELOAD_CHECK_MS = 1_000;

export interface StructuredAuthenticationOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The issuers of a configuration, one after the other. */
export class StructuredAuthentication implements TokenAuthenticator {
  readonly #options: StructuredAuthenticationOptions;
  #issuers: readonly JwtAuthenticator[] = [];
  #anonymous: AnonymousConfiguration | undefined;
  #stopWatching: () => void = () => {};

  constructor(configuration: AuthenticationConfiguration, options: StructuredAuthenticationOptions) {
    this.#options = options;
    this.#use(configuration);
  }

  /** `--authentication-config`: followed when it changes; what is wrong by then leaves the one before in force. */
  static fromFile(
    file: string,
    ownIssuers: readonly string[],
    options: StructuredAuthenticationOptions,
  ): StructuredAuthentication {
    const authentication = new StructuredAuthentication(readAuthenticationConfiguration(file, ownIssuers), options);
    authentication.#follow(file, ownIssuers);
    return authentication;
  }

  async authenticateToken(token: string): Promise<UserInfo | undefined> {
    let failed = false;
    for (const issuer of this.#issuers) {
      try {
        const user = await issuer.authenticateToken(token);
        if (user) return user;
      } catch {
        failed = true;
      }
    }
    if (failed) throw unauthorized();
    return undefined;
  }

  /** Undefined when the configuration does not say. */
  allowsAnonymous(path: string): boolean | undefined {
    if (this.#anonymous === undefined) return undefined;
    const { enabled = false, conditions = [] } = this.#anonymous;
    return enabled && (conditions.length === 0 || conditions.some((each) => each.path === path));
  }

  close(): void {
    this.#stopWatching();
  }

  #use({ jwt = [], anonymous }: AuthenticationConfiguration): void {
    const { clock, logger } = this.#options;
    this.#issuers = jwt.map((each) => new JwtAuthenticator(each, clock, logger));
    this.#anonymous = anonymous;
  }

  #follow(file: string, ownIssuers: readonly string[]): void {
    const { logger, metrics } = this.#options;
    const reloads = metrics.counter({
      name: 'apiserver_authentication_config_controller_automatic_reloads_total',
      help: 'Total number of automatic reloads of authentication configuration split by status and apiserver identity.',
      labels: ['status'],
    });
    const onChange = (): void => {
      try {
        this.#use(readAuthenticationConfiguration(file, ownIssuers));
        reloads.with('success').inc();
        logger.info({ file }, 'Loaded new authentication configuration');
      } catch (error) {
        reloads.with('failure').inc();
        logger.error({ err: error, file }, 'Authentication configuration is not usable, the one before stays in force');
      }
    };
    watchFile(file, { interval: RELOAD_CHECK_MS, persistent: false }, onChange);
    this.#stopWatching = () => unwatchFile(file, onChange);
  }
}
