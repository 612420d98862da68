import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** What `proto/` says, as plain data. */
export interface ProtoModel {
  readonly packages: readonly ProtoPackage[];
}

export interface ProtoPackage {
  /** `k8s.io.api.apps.v1` */
  readonly name: string;
  /** `apps/v1`; absent for shared types. */
  readonly groupVersion: string | undefined;
  /** `apps-v1`: names the generated file. */
  readonly slug: string;
  readonly messages: readonly ProtoMessage[];
}

export interface ProtoMessage {
  readonly name: string;
  readonly isKind: boolean;
  readonly resource: string | undefined;
  /** What the comment above says; empty where there is none. */
  readonly description: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoField {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly rule: 'optional' | 'repeated' | 'map';
  readonly attributes: string;
  /** What the comment above says; empty where there is none. */
  readonly description: string;
}

export function parseProtos(folder: string): ProtoModel {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto') && path !== 'options.proto')
    .sort();
  return { packages: paths.map((path) => parsePackage(folder, path)) };
}

function parsePackage(folder: string, path: string): ProtoPackage {
  const text = readFileSync(join(folder, path), 'utf8');
  const { root, package: name } = protobuf.parse(text, new protobuf.Root(), {
    keepCase: true,
    alternateCommentMode: true,
  });
  const namespace = root.lookup(name!) as protobuf.Namespace;
  // protobufjs keeps file options on the root of this file's tree, or on its package.
  const groupVersion = /\(pilothouse\.group_version\) = "([^"]+)"/.exec(text)?.[1];
  return {
    name: name!,
    groupVersion,
    slug: path.replace(/\.proto$/, '').replace('/', '-'),
    messages: namespace.nestedArray.filter((each): each is protobuf.Type => each instanceof protobuf.Type).map(message),
  };
}

function message(type: protobuf.Type): ProtoMessage {
  return {
    name: type.name,
    isKind: type.options?.['(pilothouse.kind)'] === true || type.options?.['(pilothouse.resource)'] !== undefined,
    resource: type.options?.['(pilothouse.resource)'] as string | undefined,
    description: textOf(type),
    fields: type.fieldsArray.map((field) => ({
      number: field.id,
      name: field.name,
      type: field.type,
      rule: field instanceof protobuf.MapField ? 'map' : field.repeated ? 'repeated' : 'optional',
      attributes: (field.options?.['(pilothouse.field)'] as string | undefined) ?? '',
      description: textOf(field),
    })),
  };
}

const textOf = ({ comment }: protobuf.ReflectionObject): string => (comment ?? '').replaceAll('\n', ' ');
