/* Where we are: view, path and parameters, all of it in the URL, so that it can be sent. */
import { computed, signal } from '@preact/signals';

export type ViewName =
  'overview' | 'calls' | 'call' | 'trunks' | 'security' | 'alerts' | 'probe' | 'findings' | 'account';

const VIEWS: readonly string[] = [
  'overview',
  'calls',
  'call',
  'trunks',
  'security',
  'alerts',
  'probe',
  'findings',
  'account',
];

export interface Place {
  view: ViewName;
  rest: string; // what stands behind the view in the path, decoded
  parameters: URLSearchParams;
}

function read(): Place {
  const parts = location.pathname.split('/').filter(Boolean);
  const name = parts[0] ?? 'overview';
  let rest = '';
  try {
    rest = decodeURIComponent(parts.slice(1).join('/'));
  } catch {
    rest = '';
  }
  let view = (VIEWS.includes(name) ? name : 'overview') as ViewName;
  if (view === 'calls' && rest) view = 'call';
  return { view, rest, parameters: new URLSearchParams(location.search) };
}

export const place = signal<Place>(read());

window.addEventListener('popstate', () => {
  place.value = read();
});

export type Changes = Record<string, string | null>;

/** A path within the pages. Parts and values are encoded here and nowhere else. */
export function link(view: ViewName, rest = '', parameters: Changes = {}): string {
  const path =
    view === 'overview' ? '/' : view === 'call' ? `/calls/${encodeURIComponent(rest)}` : `/${view}`;
  const tail = rest && view !== 'call' ? `/${encodeURIComponent(rest)}` : '';
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  const text = query.toString();
  return path + tail + (text ? `?${text}` : '');
}

export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const before = place.value.view;
  place.value = read();
  if (!replace && before !== place.value.view) window.scrollTo(0, 0);
}

/* Which list it is that `row` is a place in. */
const QUESTION = ['filter', 'from', 'to', 'sort', 'tab'];

/** Tells one list from another. */
export function question(): string {
  return QUESTION.map((name) => place.value.parameters.get(name) ?? '').join('\n');
}

/** Changes some parameters of where we are; null takes one away. */
export function set(changes: Changes, replace = false): void {
  const query = new URLSearchParams(location.search);
  if (QUESTION.some((name) => name in changes)) query.delete('row');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ''), replace);
}

export function parameter(name: string): string {
  return place.value.parameters.get(name) ?? '';
}

export const filter = computed(() => parameter('filter'));

function isView(path: string): boolean {
  return path === '/' || VIEWS.includes(path.split('/')[1] ?? '');
}

/** Plain clicks on links of ours do not load the page anew. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = (event.target as Element | null)?.closest('a');
  if (!anchor || anchor.target || anchor.hash || anchor.hasAttribute('download')) return;
  if (anchor.origin !== location.origin || !isView(anchor.pathname)) return;
  event.preventDefault();
  go(anchor.pathname + anchor.search);
}
