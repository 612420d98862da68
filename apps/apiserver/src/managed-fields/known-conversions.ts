import type { ConversionPending, KubeObject } from '@pilothouse/apimachinery';
import type { ServedResource } from '../registry/resources.ts';

/** What a webhook has answered during one request, by what it was asked. */
export class KnownConversions {
  readonly #resource: ServedResource;
  readonly #answers = new Map<string, KubeObject>();

  constructor(resource: ServedResource) {
    this.#resource = resource;
  }

  get(object: KubeObject, apiVersion: string): KubeObject | undefined {
    return this.#answers.get(keyOf(object, apiVersion));
  }

  /** Rejects when the webhook fails. */
  async ask({ object, apiVersion }: ConversionPending): Promise<void> {
    const target = [...this.#resource.versions.values()].find((each) => each.apiVersion === apiVersion)!;
    const [converted] = await target.version.remote!([object]);
    this.#answers.set(keyOf(object, apiVersion), converted!);
  }
}

const keyOf = (object: KubeObject, apiVersion: string): string => `${apiVersion} ${JSON.stringify(object)}`;
