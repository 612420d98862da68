import { deepEqual, isNotFound, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { APIService } from '@pilothouse/api';
import type { Clock, Logger } from '@pilothouse/component';
import { SYSTEM_USER } from '../authentication/user-info.ts';
import { systemContext } from '../bootstrap/system-context.ts';
import type { BackendTls } from '../connect/backend.ts';
import { proxyRequest } from '../connect/proxy-request.ts';
import type { ServedGroup } from '../discovery/groups.ts';
import { LiveObjects } from '../registry/live-objects.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import type { ApiRequest } from '../request.ts';
import { findingOf, isAvailable, PASSED, withAvailability, type Finding } from './availability.ts';
import { ExtensionServer } from './extension-server.ts';
import { respondUnavailable } from './respond-unavailable.ts';
import { identityHeaders, removeIdentityHeaders } from './identity-headers.ts';
import { apiServiceName, ensureLocalApiServices } from './local-api-services.ts';
import { readRemoteOpenApi, type RemoteOpenApi } from './remote-open-api.ts';
import { readRemoteResources, remoteGroups } from './remote-discovery.ts';

const CHECK_INTERVAL_MS = 5_000;
const OPEN_API_INTERVAL_MS = 60_000;
const ENSURE_DELAY_MS = 200;

export interface AggregatorOptions {
  readonly resources: Resources;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The client certificate by which extension servers know us. */
  readonly frontProxy: Pick<BackendTls, 'cert' | 'key'>;
  /** What this server serves itself. */
  readonly ownGroups: () => readonly ServedGroup[];
  /** Called when what extension servers serve has changed. */
  readonly onChange: () => void;
}

/** A group version that an extension server answers for. */
interface Extension {
  readonly server: ExtensionServer;
  resources: readonly ResourceDefinition[];
  openApi: RemoteOpenApi;
  /** When its documents were last read; they change with its releases. */
  openApiReadAtMs: number;
}

/**
 * Group versions that other servers serve: https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
 * Requests are passed on with the user's identity; discovery and availability are looked at every few seconds.
 */
export class Aggregator {
  readonly #options: AggregatorOptions;
  readonly #registry: ObjectRegistry;
  readonly #services: LiveObjects<APIService>;
  readonly #extensions = new Map<string, Extension>();
  #cancel: (() => void) | undefined;
  #cancelEnsure: (() => void) | undefined;
  #stopped = false;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#registry = options.resources.get('apiregistration.k8s.io', 'apiservices').registry;
    this.#services = new LiveObjects<APIService>(this.#registry.store, (before, after) => this.#changed(before, after));
  }

  async start(): Promise<void> {
    await this.#services.ready;
    await this.#ensureLocal();
    this.#options.resources.onChange(() => this.#ensureLocalSoon());
    await this.#check();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancelEnsure?.();
    this.#services.close();
    for (const { server } of this.#extensions.values()) server.close();
  }

  /** Whether another server answers for this group version. */
  owns(group: string, version: string): boolean {
    return this.#extensions.has(apiServiceName(group, version));
  }

  /** Passes the request on. What goes wrong on the way is said in plain text, as upstream's aggregator says it. */
  async serve(request: ApiRequest, group: string, version: string): Promise<void> {
    const name = apiServiceName(group, version);
    const extension = this.#extensions.get(name);
    const current = this.#services.get(`/${name}`);
    if (extension === undefined || current === undefined || !isAvailable(current)) return respondUnavailable(request);
    const { server } = extension;
    try {
      const location = await server.location();
      removeIdentityHeaders(request.headers);
      await proxyRequest(request, server.backend, location, request.http.url, identityHeaders(request.user));
    } catch (error) {
      this.#options.logger.warn({ err: error, apiService: name }, 'Could not reach an extension server');
      await respondUnavailable(request);
    }
  }

  /** What extension servers publish of themselves. */
  get openApi(): RemoteOpenApi[] {
    return [...this.#extensions.values()].map(({ openApi }) => openApi);
  }

  /** For discovery, beside our own. */
  get groups(): ServedGroup[] {
    return remoteGroups(
      [...this.#extensions.values()].map(({ server, resources }) => ({ service: server.service, resources })),
    );
  }

  #ensureLocal(): Promise<void> {
    const { ownGroups, clock } = this.#options;
    return ensureLocalApiServices(this.#registry, ownGroups(), clock.now());
  }

  /** Custom resources come and go by the dozen; their APIServices can wait for the last of them. */
  #ensureLocalSoon(): void {
    this.#cancelEnsure?.();
    this.#cancelEnsure = this.#options.clock.after(ENSURE_DELAY_MS, () => {
      this.#ensureLocal().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'Could not write the APIServices of what is served here');
      });
    });
  }

  #changed(before: APIService | undefined, after: APIService | undefined): void {
    const name = (after ?? before)?.metadata.name ?? '';
    if (before && after && deepEqual(before.spec, after.spec)) return;
    this.#extensions.get(name)?.server.close();
    this.#extensions.delete(name);
    if (after?.spec.service) {
      const { resources, frontProxy } = this.#options;
      const server = new ExtensionServer(after, resources, frontProxy);
      const openApi = { path: `/apis/${after.spec.group}/${after.spec.version}` };
      this.#extensions.set(name, { server, resources: [], openApi, openApiReadAtMs: 0 });
      void this.#checkOne(name);
    }
    this.#options.onChange();
  }

  async #check(): Promise<void> {
    await Promise.all([...this.#extensions.keys()].map((name) => this.#checkOne(name)));
    if (!this.#stopped) this.#cancel = this.#options.clock.after(CHECK_INTERVAL_MS, () => void this.#check());
  }

  async #checkOne(name: string): Promise<void> {
    const extension = this.#extensions.get(name);
    if (extension === undefined) return;
    try {
      await this.#publish(name, await this.#examine(extension));
    } catch (error) {
      this.#options.logger.warn({ err: error, apiService: name }, 'Could not write the availability of an APIService');
    }
  }

  async #examine(extension: Extension): Promise<Finding> {
    try {
      const resources = await readRemoteResources(extension.server, SYSTEM_USER);
      if (!deepEqual(resources, extension.resources)) {
        extension.resources = resources;
        this.#options.onChange();
      }
      await this.#refreshOpenApi(extension);
      return PASSED;
    } catch (error) {
      return findingOf(extension.server.service, error as Error);
    }
  }

  async #refreshOpenApi(extension: Extension): Promise<void> {
    const nowMs = this.#options.clock.now().getTime();
    if (nowMs - extension.openApiReadAtMs < OPEN_API_INTERVAL_MS) return;
    extension.openApiReadAtMs = nowMs;
    const openApi = await readRemoteOpenApi(extension.server);
    if (deepEqual(openApi, extension.openApi)) return;
    extension.openApi = openApi;
    this.#options.onChange();
  }

  async #publish(name: string, finding: Finding): Promise<void> {
    const now = this.#options.clock.now();
    const key = { namespace: '', name };
    try {
      await this.#registry.update(
        key,
        (current) => withAvailability(current!.object as APIService, finding, now),
        systemContext(now),
        {
          subresource: { name: 'status', verbs: ['update'] },
          allowUnconditional: true,
        },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
