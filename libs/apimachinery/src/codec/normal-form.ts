import type { MessagePlan, PropertyPlan } from './message-plan.ts';

type Message = Record<string, unknown>;

/**
 * Slots (by property, undefined where absent) → the message as Kubernetes prints it: properties in declared order,
 * zero values present or left out as Go's encoder would. `kind` and `apiVersion` come first where given.
 */
export function buildMessage(
  plan: MessagePlan,
  slots: readonly unknown[],
  kind?: unknown,
  apiVersion?: unknown,
): Message {
  const message: Message = {};
  if (kind !== undefined) message.kind = kind;
  if (apiVersion !== undefined) message.apiVersion = apiVersion;
  for (const property of plan.properties) {
    const value = slots[property.slot];
    if (value === undefined || value === null) {
      const absent = property.emptyMessage ? buildMessage(property.emptyMessage(), []) : property.absent;
      if (absent !== undefined) message[property.name] = absent;
    } else if (!property.omitsZero || !isDropped(property, value)) {
      message[property.name] = value;
    }
  }
  return message;
}

/** `omitempty`: a zero scalar, an empty list or map. Messages and the special structs are never empty to Go. */
function isDropped({ value: plan }: PropertyPlan, value: unknown): boolean {
  switch (plan.kind) {
    case 'scalar':
      return !plan.codec.zeroIsPrinted && plan.codec.isZero(value);
    case 'list':
      return (value as unknown[]).length === 0;
    case 'map':
      for (const _ in value as Message) return false;
      return true;
    case 'message':
      return false;
  }
}
