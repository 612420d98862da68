import { Opaque, opaque, type MapValue, type ObjectType, type Type, type Value } from '@pilothouse/cel';
import type { AuthorizationAttributes, Decision } from '../../authorization/authorizer.ts';
import type { UserInfo } from '../../authentication/user-info.ts';
import type { Decisions } from './decisions.ts';

type OpaqueType = Type & { kind: 'opaque' };
const named = (name: string) => opaque(`kubernetes.authorization.${name}`) as OpaqueType;

export const PATH_CHECK = named('PathCheck');
export const GROUP_CHECK = named('GroupCheck');
export const RESOURCE_CHECK = named('ResourceCheck');
export const DECISION = named('Decision');

/** `authorizer`, whose only field is the check of what the request itself is about. */
export const AUTHORIZER: ObjectType = {
  kind: 'object',
  name: 'kubernetes.authorization.Authorizer',
  fields: new Map([['requestResource', { type: RESOURCE_CHECK, jsonName: 'requestResource' }]]),
};

/** Asks what a user may do, in the name of that user. */
export class AuthorizerValue implements MapValue {
  readonly isMap = true;
  readonly size = 1;
  readonly typeName = AUTHORIZER.name;
  readonly user: UserInfo;
  readonly decisions: Decisions;
  readonly requestResource: ResourceCheck;

  constructor(user: UserInfo, decisions: Decisions, requestResource: ResourceQuestion) {
    this.user = user;
    this.decisions = decisions;
    this.requestResource = new ResourceCheck(this, requestResource);
  }

  as(user: UserInfo): AuthorizerValue {
    return new AuthorizerValue(user, this.decisions, this.requestResource.question);
  }

  get(key: Value): Value | undefined {
    return key === 'requestResource' ? this.requestResource : undefined;
  }

  has(key: Value): boolean {
    return key === 'requestResource';
  }

  keys(): Iterable<Value> {
    return ['requestResource'];
  }

  ask(question: Omit<AuthorizationAttributes, 'user'>): DecisionValue {
    return new DecisionValue(this.decisions.of({ user: this.user, ...question }));
  }
}

export interface ResourceQuestion extends Pick<
  AuthorizationAttributes,
  'apiGroup' | 'apiVersion' | 'resource' | 'subresource' | 'namespace' | 'name'
> {
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

abstract class Check extends Opaque {
  equals(other: Value): boolean {
    return other === this;
  }
}

export class PathCheck extends Check {
  readonly type = PATH_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly path: string;
  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

export class GroupCheck extends Check {
  readonly type = GROUP_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly group: string;
  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

export class ResourceCheck extends Check {
  readonly type = RESOURCE_CHECK;
  readonly authorizer: AuthorizerValue;
  readonly question: ResourceQuestion;
  constructor(authorizer: AuthorizerValue, question: ResourceQuestion) {
    super();
    this.authorizer = authorizer;
    this.question = question;
  }

  with(part: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.question, ...part });
  }
}

export class DecisionValue extends Check {
  readonly type = DECISION;
  readonly decision: Decision | Error;
  constructor(decision: Decision | Error) {
    super();
    this.decision = decision;
  }
}
