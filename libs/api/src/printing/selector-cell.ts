import { selectorFromLabelSelector } from '@pilothouse/apimachinery';
import type { LabelSelector } from '../generated/types/meta-v1.ts';
import { NONE } from './cells.ts';

/** A label selector as text: `app=web,tier in (a,b)`. */
export function selectorCell(selector: LabelSelector | undefined): string {
  if (!selector) return NONE;
  try {
    return selectorFromLabelSelector(selector).toString() || NONE;
  } catch {
    return '<error>';
  }
}
