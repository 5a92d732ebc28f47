/* Numbers and times as people read them. What is not known is a dash, never 0. */
import type { Band } from '../api/calltypes';
import { zone } from './settings';

export const UNKNOWN = '–';
type Maybe<T> = T | null | undefined;

export function number(value: Maybe<number>, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return value.toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function mos(value: Maybe<number>): string {
  return number(value, 2);
}

export function percent(value: Maybe<number>, decimals = 2): string {
  const text = number(value, decimals);
  return text === UNKNOWN ? text : `${text} %`;
}

/** ms, from a second on s. */
export function ms(value: Maybe<number>): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (Math.abs(value) >= 1000) return `${number(value / 1000, Math.abs(value) < 10000 ? 2 : 1)} s`;
  const decimals = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${number(value, decimals)} ms`;
}

/** Seconds as 4.2 s, 1:05 or 2:03:04. */
export function duration(value: Maybe<number>): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value < 60) return `${number(value, value < 10 ? 1 : 0)} s`;
  const whole = Math.round(value);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function bytes(value: Maybe<number>): string {
  if (value === null || value === undefined) return UNKNOWN;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let i = 0;
  let rest = value;
  for (; rest >= 1024 && i < units.length - 1; i++) rest /= 1024;
  return `${number(rest, i ? 1 : 0)} ${units[i]}`;
}

/* What is written in capitals, or with a hyphen, by everybody else. */
const SHORT = /\b(acd|alg|asr|cpu|dscp|dtmf|id|ice|ip|mos|nat|ner|nb|pdd|pdv|q850|rtcp|rtp|sdp|sip|sdes|srd|srtp|tls|udp|tcp|uri|vlan|wb|fb)\b/g;

/** snake_case names of the records, as words. */
export function words(name: Maybe<string>): string {
  if (!name) return UNKNOWN;
  return name
    .replaceAll('_', ' ')
    .replace(SHORT, (one) => one.toUpperCase())
    .replace(/\bone way\b/g, 'one-way')
    .replace(/\bwi fi\b|\bwifi\b/g, 'Wi-Fi');
}

/** Whose doing something is, as findings say it (docs/figures.md). */
export function placeOf(place: Maybe<string>): string {
  if (!place) return UNKNOWN;
  if (place === 'between') return 'the path between';
  return `the ${words(place).replace(/ side$/, "'s side")}`;
}

/* --- quality ---------------------------------------------------------------------------- */

export type Rating = 'good' | 'fair' | 'poor' | 'bad' | 'none';

/* R of 80, 70 and 60 on the scale of each band (ITU-T G.109), as MOS. */
const FAIR_BELOW = 4.03;
const POOR_BELOW = 3.6;
const BAD_BELOW = 3.1;

export function rating(value: Maybe<number>): Rating {
  if (value === null || value === undefined || !Number.isFinite(value)) return 'none';
  if (value < BAD_BELOW) return 'bad';
  if (value < POOR_BELOW) return 'poor';
  return value < FAIR_BELOW ? 'fair' : 'good';
}

/** What stands beside the colour, for those who do not see it. */
export const MARKS: Record<Rating, string> = { good: '●', fair: '◆', poor: '▲', bad: '■', none: '○' };

export const BANDS: Record<Band, string> = {
  nb: 'narrowband',
  wb: 'wideband',
  fb: 'fullband',
};

/* --- times ------------------------------------------------------------------------------ */

function parts(at: Date): { date: string; time: string } {
  const options: Intl.DateTimeFormatOptions = {
    timeZone: zone.value === 'UTC' ? 'UTC' : undefined,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  };
  const found: Record<string, string> = {};
  for (const part of new Intl.DateTimeFormat('en-GB', options).formatToParts(at))
    found[part.type] = part.value;
  return {
    date: `${found['year']}-${found['month']}-${found['day']}`,
    time: `${found['hour']}:${found['minute']}:${found['second']}`,
  };
}

export function zoneName(): string {
  if (zone.value === 'UTC') return 'UTC';
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Microseconds since 1970 of an RFC 3339 time; a Date has only ms. */
export function micros(time: Maybe<string>): number | null {
  if (!time) return null;
  const whole = Date.parse(time);
  if (!Number.isFinite(whole)) return null;
  const digits = /\.(\d+)/.exec(time)?.[1] ?? '';
  return Math.floor(whole / 1000) * 1e6 + Number(digits.padEnd(6, '0').slice(0, 6) || 0);
}

export function clock(time: Maybe<string | number>, decimals = 0): string {
  if (time === null || time === undefined || time === '') return UNKNOWN;
  const at = new Date(time);
  if (!Number.isFinite(at.getTime())) return UNKNOWN;
  const fraction = decimals ? `.${String(at.getUTCMilliseconds()).padStart(3, '0').slice(0, decimals)}` : '';
  return parts(at).time + fraction;
}

export function day(time: Maybe<string | number>): string {
  if (time === null || time === undefined || time === '') return UNKNOWN;
  const at = new Date(time);
  return Number.isFinite(at.getTime()) ? parts(at).date : UNKNOWN;
}

/** Month and day, with the year unless it is this one. */
export function shortDay(time: Maybe<string | number>): string {
  const whole = day(time);
  return whole.startsWith(day(Date.now()).slice(0, 5)) ? whole.slice(5) : whole;
}

/** Day, time and zone. */
export function moment(time: Maybe<string | number>, decimals = 0): string {
  if (time === null || time === undefined || time === '') return UNKNOWN;
  return `${day(time)} ${clock(time, decimals)} ${zoneName()}`;
}

/* --- parties ---------------------------------------------------------------------------- */

/** Of a SIP URI what tells people apart: user@host without scheme and parameters. */
export function party(uri: Maybe<string>): string {
  if (!uri) return UNKNOWN;
  return uri
    .replace(/^sips?:/i, '')
    .replace(/[;?].*$/, '')
    .replace(/:5060$/, '');
}

export function user(uri: Maybe<string>): string {
  const whole = party(uri);
  const at = whole.lastIndexOf('@');
  return at > 0 ? whole.slice(0, at) : whole;
}
