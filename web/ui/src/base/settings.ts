/* What this browser remembers for this person: colours and the time zone of what is shown. */
import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
export type Zone = 'local' | 'UTC';

function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // forbidden by the browser: nothing is remembered
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // as above
  }
}

const themeBefore = recall('theme');
export const theme = signal<Theme>(themeBefore === 'light' || themeBefore === 'dark' ? themeBefore : 'auto');
export const zone = signal<Zone>(recall('zone') === 'UTC' ? 'UTC' : 'local');
export const columnsBefore = recall('columns');

const system = matchMedia('(prefers-color-scheme: dark)');
export const dark = signal(false);

/** On paper: light, and nothing folded away. */
export const printing = signal(false);

function apply(): void {
  dark.value = !printing.value && (theme.value === 'dark' || (theme.value === 'auto' && system.matches));
  document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
}

effect(() => {
  remember('theme', theme.value);
  apply();
});
effect(() => remember('zone', zone.value));
system.addEventListener('change', apply);

const DRAWN_MS = 300; // what was asked for anew is drawn by then

/** Prints the page; drawings are made again first, in colours for paper. */
export function printPage(): void {
  printing.value = true;
  window.setTimeout(() => window.print(), DRAWN_MS);
}

window.addEventListener('beforeprint', () => (printing.value = true));
window.addEventListener('afterprint', () => (printing.value = false));

export function nextTheme(): void {
  theme.value =
    theme.value === 'auto' ? (dark.value ? 'light' : 'dark') : theme.value === 'dark' ? 'light' : 'auto';
}
