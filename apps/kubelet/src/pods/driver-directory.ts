import type { CSIDriver } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';

/** The CSI drivers whose volumes are attached to a node before they are mounted. */
export class DriverDirectory {
  readonly #attaching = new Set<string>();
  #markKnown: () => void = () => undefined;
  /** Resolves when all are known that there were when the process began. */
  readonly known = new Promise<void>((resolve) => (this.#markKnown = resolve));
  #isKnown = false;

  follow(informer: SharedInformer<CSIDriver>): void {
    const observe = ({ metadata, spec }: CSIDriver): void => {
      if (spec.attachRequired === false) this.#attaching.delete(metadata.name ?? '');
      else this.#attaching.add(metadata.name ?? '');
    };
    informer.addHandler({
      onAdd: observe,
      onUpdate: (_, driver) => observe(driver),
      onDelete: ({ metadata }) => this.#attaching.delete(metadata.name ?? ''),
    });
  }

  markKnown(): void {
    this.#isKnown = true;
    this.#markKnown();
  }

  /** Nothing is ever attached in most clusters, and then claims need no look. */
  get isEmpty(): boolean {
    return this.#isKnown && this.#attaching.size === 0;
  }

  attaches(driver: string): boolean {
    return this.#attaching.has(driver);
  }
}
