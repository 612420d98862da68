import type { Schema, SpecialSchema } from '../schema/schema.ts';
import { normalizeMessage } from './json.ts';
import { JsonTypeError } from './json-type-error.ts';
import { messagePlanOf } from './message-plan.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import type { ProtobufReader } from './reader.ts';
import type { ScalarCodec } from './scalar-codecs.ts';
import type { BackwardWriter } from './writer.ts';

/**
 * The three unions of a CRD's own schema (JSONSchemaPropsOrBool, …OrArray, …OrStringArray): in JSON the value of one
 * of the arms, in Protobuf a message with a field for each arm. They refer back to JSONSchemaProps.
 */
interface Arm {
  readonly accepts: (value: unknown) => boolean;
  readonly normalize?: (value: unknown) => unknown;
  readonly write: (writer: BackwardWriter, value: unknown) => void;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function union(
  schema: SpecialSchema,
  goType: string,
  arms: readonly Arm[],
  read: (reader: ProtobufReader) => unknown,
): ScalarCodec {
  const armOf = (value: unknown): Arm => {
    const arm = arms.find((each) => each.accepts(value));
    if (arm === undefined) throw new JsonTypeError(goType);
    return arm;
  };
  return {
    wireType: 2,
    zero: undefined,
    zeroIsPrinted: false,
    isZero: () => false,
    normalize(value) {
      const arm = armOf(value);
      return arm.normalize ? arm.normalize(value) : value;
    },
    read(reader) {
      const outer = reader.enter();
      const value = read(reader);
      reader.leave(outer);
      return value;
    },
    write(writer, value) {
      const start = writer.mark;
      armOf(value).write(writer, value);
      writer.varint(writer.mark - start);
    },
  };
}

function schemaArm(schema: SpecialSchema, number: number): Arm {
  const plan = () => messagePlanOf(schema.jsonSchemaProps!);
  return {
    accepts: isObject,
    normalize: (value) => normalizeMessage(plan(), value as Record<string, unknown>),
    write(writer, value) {
      const start = writer.mark;
      writeMessage(writer, plan(), value as Record<string, unknown>);
      writer.varint(writer.mark - start);
      writer.varint(number * 8 + 2);
    },
  };
}

function readSchema(schema: SpecialSchema, reader: ProtobufReader): Record<string, unknown> {
  const outer = reader.enter();
  const value = readMessage(reader, messagePlanOf(schema.jsonSchemaProps!));
  reader.leave(outer);
  return value;
}

/** Undefined for anything that is not one of the three unions. */
export function unionCodecOf(schema: Schema): ScalarCodec | undefined {
  switch (schema.type) {
    case 'jsonSchemaOrBool':
      return orBool(schema);
    case 'jsonSchemaOrArray':
      return orArray(schema);
    case 'jsonSchemaOrStringArray':
      return orStringArray(schema);
    default:
      return undefined;
  }
}

function orBool(schema: SpecialSchema): ScalarCodec {
  const bySchema = schemaArm(schema, 2);
  const writeAllows = (writer: BackwardWriter, allows: boolean) => {
    writer.varint(allows ? 1 : 0);
    writer.varint(0x08);
  };
  const arms: Arm[] = [
    { accepts: (value) => typeof value === 'boolean', write: (writer, value) => writeAllows(writer, value as boolean) },
    {
      ...bySchema,
      write(writer, value) {
        bySchema.write(writer, value);
        writeAllows(writer, true);
      },
    },
  ];
  return union(schema, 'apiextensions.JSONSchemaPropsOrBool', arms, (reader) => {
    let value: unknown = false;
    let props: unknown;
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x08) value = reader.varint() !== 0;
      else if (tag === 0x12) props = readSchema(schema, reader);
      else reader.skip(tag & 7);
    }
    return props ?? value;
  });
}

function orArray(schema: SpecialSchema): ScalarCodec {
  const item = schemaArm(schema, 2);
  const arms: Arm[] = [
    schemaArm(schema, 1),
    {
      accepts: (value) => Array.isArray(value) && value.every(isObject),
      normalize: (value) => (value as unknown[]).map((each) => item.normalize!(each)),
      write(writer, value) {
        for (const each of (value as unknown[]).toReversed()) item.write(writer, each);
      },
    },
  ];
  return union(schema, 'apiextensions.JSONSchemaPropsOrArray', arms, (reader) => {
    let props: unknown;
    const items: unknown[] = [];
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x0a) props = readSchema(schema, reader);
      else if (tag === 0x12) items.push(readSchema(schema, reader));
      else reader.skip(tag & 7);
    }
    return items.length > 0 ? items : (props ?? null);
  });
}

function orStringArray(schema: SpecialSchema): ScalarCodec {
  const arms: Arm[] = [
    schemaArm(schema, 1),
    {
      accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
      write(writer, value) {
        for (const each of (value as string[]).toReversed()) {
          writer.string(each);
          writer.varint(0x12);
        }
      },
    },
  ];
  return union(schema, 'apiextensions.JSONSchemaPropsOrStringArray', arms, (reader) => {
    let props: unknown;
    const names: string[] = [];
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x0a) props = readSchema(schema, reader);
      else if (tag === 0x12) names.push(reader.string());
      else reader.skip(tag & 7);
    }
    return names.length > 0 ? names : (props ?? null);
  });
}
