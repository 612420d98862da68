import {
  CostLimitExceeded,
  EvaluationError,
  jsonValue,
  type CostMeter,
  type MapValue,
  type Value,
} from '@pilothouse/cel';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { Namespace } from '@pilothouse/api';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { admissionRequest } from '../webhooks/admission-review.ts';
import type { Invocation } from '../webhooks/invocation.ts';
import { AuthorizerValue } from './authorizer-values.ts';
import { Decisions } from './decisions.ts';
import type { Compiled, CompiledVariable } from './expressions.ts';
import { NAMESPACE, REQUEST } from './request-type.ts';

/** One evaluation may cost this much, all of a policy's together ten times as much. Upstream: cel/config.go. */
const CALL_COST_LIMIT = 1_000_000;
const TOTAL_COST_LIMIT = 10_000_000;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export type Outcome = { readonly value: Value } | { readonly error: string };

export interface ScopeObjects {
  readonly object?: KubeObject | undefined;
  readonly oldObject?: KubeObject | undefined;
  readonly params?: KubeObject | undefined;
  readonly namespace?: Namespace | undefined;
}

/** What the expressions of one policy see of one request. Variables are evaluated when they are first asked for, once. */
export class Scope {
  readonly #decisions: Decisions;
  readonly #bindings: Readonly<Record<string, Value>>;
  readonly #meter: CostMeter = { cost: 0 };

  constructor(
    attributes: AdmissionAttributes,
    invocation: Invocation,
    objects: ScopeObjects,
    authorizer: Authorizer,
    variables: readonly CompiledVariable[] = [],
  ) {
    this.#decisions = new Decisions(authorizer);
    const { definition, version, subresource, namespace, requestName: name, user } = attributes;
    const asked = {
      apiGroup: definition.group,
      apiVersion: version,
      resource: definition.resource,
      subresource,
      namespace,
      name,
    };
    const {
      uid: _uid,
      object: _object,
      oldObject: _oldObject,
      ...request
    } = admissionRequest('', attributes, invocation, {});
    this.#bindings = {
      object: jsonValue(plain(objects.object)),
      oldObject: jsonValue(plain(objects.oldObject)),
      request: jsonValue({ name: '', namespace: '', subResource: '', requestSubResource: '', ...request }, REQUEST),
      namespaceObject: objects.namespace ? jsonValue(objects.namespace, NAMESPACE) : null,
      params: jsonValue(plain(objects.params)),
      authorizer: new AuthorizerValue(user, this.#decisions, asked),
      variables: new LazyVariables(variables, (compiled) => this.#run(compiled)),
    };
  }

  async evaluate(compiled: Compiled): Promise<Outcome> {
    try {
      return { value: await this.#decisions.evaluate(() => this.#run(compiled)) };
    } catch (error) {
      if (error instanceof CostLimitExceeded) return { error: OUT_OF_BUDGET };
      if (!(error instanceof EvaluationError)) throw error;
      if ('error' in compiled) return { error: error.message };
      return { error: `expression '${compiled.source}' resulted in error: ${error.message}` };
    }
  }

  #run(compiled: Compiled): Value {
    if ('error' in compiled) throw new EvaluationError(compiled.error);
    const left = TOTAL_COST_LIMIT - this.#meter.cost;
    return compiled.program.evaluate(this.#bindings, Math.min(CALL_COST_LIMIT, left), this.#meter);
  }
}

/** Objects that admission still works on may have properties without a value, which expressions must not see. */
function plain(object: KubeObject | undefined): unknown {
  return object === undefined ? null : JSON.parse(JSON.stringify(object));
}

class LazyVariables implements MapValue {
  readonly isMap = true;
  readonly typeName = 'kubernetes.variables';
  readonly #compiled: ReadonlyMap<string, Compiled>;
  readonly #known = new Map<string, Value>();
  readonly #run: (compiled: Compiled) => Value;

  constructor(variables: readonly CompiledVariable[], run: (compiled: Compiled) => Value) {
    this.#compiled = new Map(variables.map(({ name, compiled }) => [name, compiled]));
    this.#run = run;
  }

  get size(): number {
    return this.#compiled.size;
  }

  get(key: Value): Value | undefined {
    const name = key as string;
    const compiled = this.#compiled.get(name);
    if (compiled === undefined) return undefined;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = this.#evaluate(name, compiled);
    this.#known.set(name, value);
    return value;
  }

  #evaluate(name: string, compiled: Compiled): Value {
    try {
      return this.#run(compiled);
    } catch (error) {
      if (error instanceof EvaluationError)
        throw new EvaluationError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${error.message}`);
      throw error;
    }
  }

  has(key: Value): boolean {
    return this.#compiled.has(key as string);
  }

  keys(): Iterable<Value> {
    return this.#compiled.keys();
  }
}
