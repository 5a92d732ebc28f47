/* Pieces of the filter language (docs/filter.md), written so that any value stays a value. */

const WORD = /^[A-Za-z][A-Za-z0-9_-]*$/;
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'null', 'true', 'false', 'now']);

export function quoted(value: string): string {
  if (WORD.test(value) && !KEYWORDS.has(value.toLowerCase())) return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function equal(field: string, value: string | number): string {
  return `${field} = ${typeof value === 'number' ? value : quoted(value)}`;
}

/** Text within a regular expression that means itself. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Adds a condition to what was typed; one that is there already is not added again. */
export function both(filter: string, more: string): string {
  const before = filter.trim();
  if (!before) return more;
  if (before === more || before.split(' and ').includes(more)) return before;
  const safe = /\bor\b|\|\|/.test(before) && !/^\([^()]*\)$/.test(before) ? `(${before})` : before;
  return `${safe} and ${more}`;
}

/*
 * A number however it is written, or the end of one. Else a name, an address of record or a
 * Call-ID.
 */
export function numberFilter(text: string): string {
  const wanted = text.trim();
  if (!wanted) return '';
  const digits = wanted.replace(/[\s()./-]/g, '');
  const number = /^\+?\d{2,}$/.test(digits);
  if (number) return `number = ${quoted(digits)}`;
  if (/^[0-9a-f]{16}$/i.test(wanted)) return equal('id', wanted.toLowerCase());
  const anywhere = quoted(`(?i)${literal(wanted)}`);
  return `(party ~ ${anywhere} or sip_call_id = ${quoted(wanted)})`;
}
