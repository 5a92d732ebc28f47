/* One key, one deed. Views add their own while they are shown; `?` lists all of them. */
import { computed, signal } from '@preact/signals';
import { nextTheme, zone } from './settings';
import { go, link, place, set } from './route';
import type { ViewName } from './route';

export interface Key {
  keys: string;
  does: string;
}

export const helpShown = signal(false);
/** Large, for a wall; in the URL, as a screen there is set up by one. */
export const wall = computed(() => place.value.parameters.get('wall') === '1');

/* Keys of the view that is shown. */
const handlers = new Set<(event: KeyboardEvent) => boolean>();

const PLACES: Record<string, ViewName> = {
  o: 'overview',
  c: 'calls',
  t: 'trunks',
  s: 'security',
  a: 'alerts',
  p: 'probe',
};

export const EVERYWHERE: Key[] = [
  { keys: '?', does: 'this list' },
  { keys: 'g o', does: 'overview' },
  { keys: 'g c', does: 'calls' },
  { keys: 'g t', does: 'trunks' },
  { keys: 'g s', does: 'registrations and security' },
  { keys: 'g a', does: 'alerts' },
  { keys: 'g p', does: 'probe' },
  { keys: 'n', does: 'find a number' },
  { keys: 'd', does: 'light, dark or as the system' },
  { keys: 'z', does: 'times of this place or UTC' },
  { keys: 'w', does: 'large, for a wall' },
  { keys: 'Esc', does: 'closes what is open' },
];

/** For an effect: returns what takes the handler away again. */
export function onKeys(handle: (event: KeyboardEvent) => boolean): () => void {
  handlers.add(handle);
  return () => handlers.delete(handle);
}

function isTyping(event: KeyboardEvent): boolean {
  const to = event.target;
  return to instanceof HTMLElement && (to.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(to.tagName));
}

export function focusOn(id: string): void {
  const element = document.getElementById(id);
  element?.focus();
  if (element instanceof HTMLInputElement) element.select();
}

let leader = 0; // when g was pressed, ms

function everywhere(event: KeyboardEvent): boolean {
  const to = PLACES[event.key];
  if (event.timeStamp - leader < 1500 && to) {
    leader = 0;
    go(link(to));
    return true;
  }
  leader = event.key === 'g' ? event.timeStamp : 0;
  if (event.key === '?') helpShown.value = !helpShown.value;
  else if (event.key === 'd') nextTheme();
  else if (event.key === 'z') zone.value = zone.value === 'UTC' ? 'local' : 'UTC';
  else if (event.key === 'w') set({ wall: wall.value ? null : '1' }, true);
  else if (event.key === 'n') focusOn('find-number');
  else return false;
  return true;
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    if (helpShown.value) helpShown.value = false;
    else if (isTyping(event)) (event.target as HTMLElement).blur();
  }
  if (isTyping(event)) return;
  for (const handle of handlers) {
    if (handle(event)) {
      event.preventDefault();
      return;
    }
  }
  if (everywhere(event)) event.preventDefault();
}

export function listenToKeys(): () => void {
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}
