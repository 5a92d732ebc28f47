/* Who takes part, in the order a ladder shows them: from the caller's end to the callee's. */
import type { Leg, Message } from '../api/calltypes';

export interface Party {
  host: string;
  name: string; // what the leg says it is: a trunk's name, else the address
}

export function host(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/* Legs by time go from left to right; a host stays where it was first seen. */
export function partiesOf(legs: Leg[], messages: Message[]): Party[] {
  const order: string[] = [];
  const place = (one: string, after: string | null): void => {
    if (order.includes(one)) return;
    const index = after === null ? -1 : order.indexOf(after);
    if (index >= 0) order.splice(index + 1, 0, one);
    else order.push(one);
  };
  const names = new Map<string, string>();
  const byStart = [...legs].sort((a, b) => (a.start ?? '').localeCompare(b.start ?? ''));
  for (const leg of byStart) {
    const src = leg.src ? host(leg.src) : null;
    const dst = leg.dst ? host(leg.dst) : null;
    if (src) place(src, null);
    if (dst) place(dst, src);
    if (src && leg.trunk_src) names.set(src, leg.trunk_src);
    if (dst && leg.trunk_dst) names.set(dst, leg.trunk_dst);
  }
  for (const message of messages) {
    place(host(message.src), null);
    place(host(message.dst), host(message.src));
  }
  return order.map((one) => ({ host: one, name: names.get(one) ?? one }));
}

/** What a message is, for its colour. */
export function kindOf(summary: string): 'request' | 'provisional' | 'success' | 'redirect' | 'failure' {
  const code = /^(\d)\d\d\b/.exec(summary)?.[1];
  if (!code) return 'request';
  if (code === '1') return 'provisional';
  if (code === '2') return 'success';
  return code === '3' ? 'redirect' : 'failure';
}
