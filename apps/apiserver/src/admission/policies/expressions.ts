import {
  CompileError,
  DYN,
  Environment,
  type ObjectType,
  type Overload,
  type Program,
  type Type,
} from '@pilothouse/cel';
import type { Variable } from '@pilothouse/api';
import { AUTHORIZER } from './authorizer-values.ts';
import { authorizerLibrary } from './authorizer-library.ts';
import { NAMESPACE, REQUEST } from './request-type.ts';

/** What an expression compiled to; one that does not compile fails whenever it is asked. */
export type Compiled =
  | { readonly source: string; readonly program: Program }
  | { readonly source: string; readonly error: string };

export interface CompiledVariable {
  readonly name: string;
  readonly compiled: Compiled;
}

export interface ExpressionsOptions {
  readonly hasParams?: boolean;
  /** Whether there is a `variables` to ask at all. */
  readonly hasVariables?: boolean;
  readonly variables?: readonly Variable[];
  /** Beside those that all admission expressions have. */
  readonly functions?: readonly Overload[];
}

/** Compiles the expressions of one policy or webhook; they share the variables that the policy declares. */
export class Expressions {
  readonly #variables: CompiledVariable[] = [];
  readonly #base: Readonly<Record<string, Type>>;
  readonly #hasVariables: boolean;
  readonly #functions: readonly Overload[];
  readonly #environments = new Map<string, Environment>();

  constructor({ hasParams = false, hasVariables = true, variables = [], functions = [] }: ExpressionsOptions = {}) {
    this.#base = {
      object: DYN,
      oldObject: DYN,
      request: REQUEST,
      namespaceObject: NAMESPACE,
      authorizer: AUTHORIZER,
      ...(hasParams ? { params: DYN } : {}),
    };
    this.#hasVariables = hasVariables;
    this.#functions = [...authorizerLibrary, ...functions];
    for (const variable of variables) this.declare(variable);
  }

  get variables(): readonly CompiledVariable[] {
    return this.#variables;
  }

  /** Each variable sees those before it. */
  declare({ name, expression }: Variable): Compiled {
    const compiled = this.compile(expression);
    this.#variables.push({ name, compiled });
    this.#environments.clear();
    return compiled;
  }

  compile(source: string): Compiled {
    return compile(this.#environment('all'), source);
  }

  /** Conditions are looked at before anything else of the policy is, its variables included. */
  compileCondition(source: string): Compiled {
    return compile(this.#environment('condition'), source);
  }

  /** What is said of a denial may not depend on further questions to the authorizer. */
  compileMessage(source: string): Compiled {
    return compile(this.#environment('message'), source);
  }

  #environment(use: 'all' | 'condition' | 'message'): Environment {
    let environment = this.#environments.get(use);
    if (environment === undefined) {
      const { authorizer: _authorizer, ...others } = this.#base;
      const types = use === 'message' ? others : this.#base;
      const variables = use !== 'condition' && this.#hasVariables ? { variables: variablesType(this.#variables) } : {};
      environment = new Environment({ ...types, ...variables } as Record<string, Type>, this.#functions);
      this.#environments.set(use, environment);
    }
    return environment;
  }
}

function variablesType(compiled: readonly CompiledVariable[]): ObjectType {
  const fields = compiled.map(
    ({ name, compiled: each }) =>
      [name, { type: 'program' in each ? each.program.type : DYN, jsonName: name }] as const,
  );
  return { kind: 'object', name: 'kubernetes.variables', fields: new Map(fields) };
}

function compile(environment: Environment, source: string): Compiled {
  try {
    return { source, program: environment.compile(source) };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return { source, error: `compilation error: compilation failed: ${error.message}` };
  }
}
