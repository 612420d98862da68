/** https://data.iana.org/time-zones/theory.html#naming; digits and signs are in names of old. */
const PART = /^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$/;

/** Whether a text has the form of a name in the time zone database. */
export function isZoneName(text: string): boolean {
  return text.split('/').every((part) => part !== '.' && part !== '..' && PART.test(part));
}

export function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
