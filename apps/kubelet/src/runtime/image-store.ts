import { createHash } from 'node:crypto';
import { knownImage } from './known-images.ts';
import { formatImageReference, parseImageReference } from './image-reference.ts';

export interface StoredImage {
  /** `docker.io/library/nginx:latest`. */
  readonly reference: string;
  /** `docker.io/library/nginx@sha256:…`: what `imageID` shows. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** Which images each simulated node has pulled. */
export class ImageStore {
  readonly #byNode = new Map<string, Map<string, StoredImage>>();

  has(nodeName: string, image: string): boolean {
    const stored = describeImage(image);
    return stored !== undefined && (this.#byNode.get(nodeName)?.has(stored.reference) ?? false);
  }

  add(nodeName: string, image: StoredImage): void {
    let images = this.#byNode.get(nodeName);
    if (!images) this.#byNode.set(nodeName, (images = new Map()));
    images.set(image.reference, image);
  }

  list(nodeName: string): readonly StoredImage[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])];
  }
}

const DESCRIPTIONS = new Map<string, StoredImage>();

/** The same name always has the same digest and size, on every node and in every run. */
export function describeImage(image: string): StoredImage | undefined {
  const known = DESCRIPTIONS.get(image);
  if (known) return known;
  const parsed = parseImageReference(image);
  if (!parsed) return undefined;
  const reference = formatImageReference(parsed);
  const hash = createHash('sha256').update(reference);
  const digest = parsed.digest ?? `sha256:${hash.copy().digest('hex')}`;
  const sizeBytes = knownImage(parsed)?.sizeBytes ?? 5_000_000 + (hash.digest().readUInt32BE(0) % 195_000_000);
  const described = { reference, id: `${parsed.registry}/${parsed.repository}@${digest}`, sizeBytes };
  DESCRIPTIONS.set(image, described);
  return described;
}
