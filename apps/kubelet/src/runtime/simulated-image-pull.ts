import type { Pod } from '@pilothouse/api';
import type { PlayedSubject } from '../stages/stage-player.ts';
import { fillIn } from '../stages/select-stage.ts';
import type { StageNext } from '../stages/stage.ts';
import type { ContainerKind, ImagePullState } from './container-runtime.ts';
import { imageProblem, manifestUrl, parseImageReference } from './image-reference.ts';
import { describeImage } from './image-store.ts';
import { podFact } from './pod-facts.ts';
import type { Simulation } from './simulation.ts';

/** A first pull on a node fetches the layers; a later one only asks the registry for the digest. */
const FIRST_PULL = '30ms';
const LATER_PULL = '8ms';

export class SimulatedImagePull implements PlayedSubject, ImagePullState {
  readonly subjectKind = 'image';
  readonly key: string;
  readonly image: string;
  readonly startedAtMs: number;
  readonly sizeBytes: number;
  state: ImagePullState['state'] = 'pulling';
  enteredAtMs: number;
  finishedAtMs?: number;
  message?: string;
  pod: Pod;
  readonly #container: { name: string; kind: ContainerKind };
  readonly #simulation: Simulation;

  constructor(pod: Pod, container: { name: string; image: string; kind: ContainerKind }, simulation: Simulation) {
    this.pod = pod;
    this.#container = container;
    this.#simulation = simulation;
    this.image = container.image;
    this.key = `image/${pod.metadata.uid}/${container.name}`;
    this.sizeBytes = describeImage(container.image)?.sizeBytes ?? 0;
    this.startedAtMs = this.enteredAtMs = simulation.clock.monotonicMs();
  }

  get labels(): Readonly<Record<string, string>> {
    return this.pod.metadata.labels ?? {};
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.pod.metadata.annotations ?? {};
  }

  readonly fact = (name: string): string | undefined => {
    if (!name.startsWith('image.')) return podFact(this.pod, this.#container, name);
    const reference = parseImageReference(this.image);
    switch (name) {
      case 'image.name':
        return this.image;
      case 'image.reference':
        return describeImage(this.image)?.reference;
      case 'image.registry':
        return reference?.registry;
      case 'image.manifestUrl':
        return reference && manifestUrl(reference);
      case 'image.problem':
        return reference && imageProblem(reference);
      case 'image.pullTime': {
        const present = this.#simulation.images.has(this.pod.spec.nodeName ?? '', this.image);
        return this.fact('annotation.pull-duration') ?? (present ? LATER_PULL : FIRST_PULL);
      }
      default:
        return undefined;
    }
  };

  enter({ state, message }: StageNext): void {
    const { clock, images, changed } = this.#simulation;
    this.state = state as ImagePullState['state'];
    this.finishedAtMs = this.enteredAtMs = clock.monotonicMs();
    if (message !== undefined) this.message = fillIn(message, this.fact);
    const described = describeImage(this.image);
    if (state === 'pulled' && described) images.add(this.pod.spec.nodeName ?? '', described);
    changed(this.pod.metadata.uid ?? '');
  }
}
