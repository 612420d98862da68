import type { ProtoMessage, ProtoModel } from './parse-proto.ts';

/** Fields that mean the same in every kind; a comment of the kind's own comes first. */
const OF_EVERY_KIND: Readonly<Record<string, string>> = {
  metadata: "Standard object's metadata.",
  spec: 'What is wanted.',
  status: 'What was last observed. Written by controllers.',
  items: 'The objects of the list.',
};

/**
 * The comments in `proto/`, by message: its own, and those of its fields by their names in JSON. Apart from the schema,
 * since only the published OpenAPI documents need them.
 */
export function descriptionsJson(model: ProtoModel): string {
  const messages = new Map<string, ProtoMessage>();
  for (const { name, messages: own } of model.packages)
    for (const each of own) messages.set(`${name}.${each.name}`, each);
  const lines: string[] = [];
  for (const [name, message] of messages) {
    const fields = fieldTexts(message, messages);
    if (message.description === '' && Object.keys(fields).length === 0) continue;
    lines.push(`${JSON.stringify(name)}: ${JSON.stringify([message.description, fields])}`);
  }
  return `{\n${lines.join(',\n')}\n}\n`;
}

function fieldTexts(message: ProtoMessage, messages: ReadonlyMap<string, ProtoMessage>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, type, attributes, description } of message.fields) {
    const words = attributes.split(' ');
    const inlined = words.includes('inline') ? messages.get(type) : undefined;
    if (inlined) Object.assign(texts, fieldTexts(inlined, messages));
    const json = words.find((each) => each.startsWith('json='))?.slice('json='.length) ?? name;
    const text = description || (message.isKind ? OF_EVERY_KIND[name] : undefined);
    if (text && !inlined) texts[json] = text;
  }
  return texts;
}
