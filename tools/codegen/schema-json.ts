import type { ProtoModel } from './parse-proto.ts';

/**
 * The runtime schema: message name → its fields, as compact as is still readable. libs/api turns it into `Schema`
 * trees, message by message as they are asked for.
 */
export function schemaJson(model: ProtoModel): string {
  const messages: Record<string, unknown> = {};
  const groupVersions: Record<string, string> = {};
  const resources: string[][] = [];
  for (const each of model.packages) {
    if (each.groupVersion) groupVersions[each.groupVersion] = each.name;
    for (const message of each.messages) {
      messages[`${each.name}.${message.name}`] = {
        ...(message.isKind ? { kind: true } : {}),
        fields: message.fields.map((field) => [field.number, field.name, field.rule, field.type, field.attributes]),
      };
      if (message.resource) resources.push([each.groupVersion!, message.name, message.resource]);
    }
  }
  const lines = (value: Record<string, unknown>) =>
    Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${JSON.stringify(each)}`)
      .join(',\n');
  return `{\n"groupVersions": ${JSON.stringify(groupVersions)},\n"resources": [\n${resources
    .map((row) => JSON.stringify(row))
    .join(',\n')}\n],\n"messages": {\n${lines(messages)}\n}\n}\n`;
}
