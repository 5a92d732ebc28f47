/* Line icons of 20 by 20, drawn in the colour of the text. They say nothing to a reader. */
import type { JSX } from 'preact';

const PATHS = {
  overview: 'M3 10.500 10 4l7 6.500M5 9.500V16h10V9.500',
  calls: 'M3 5h14M3 10h14M3 15h9',
  trunks: 'M4 4v12M16 4v12M4 7h12M4 13h12',
  security: 'M10 3l6 2v5c0 4-3 6-6 7-3-1-6-3-6-7V5z',
  alerts:
    'M10 3.500a4 4 0 0 1 4 4c0 4 1.500 5 1.500 5h-11s1.500-1 1.500-5a4 4 0 0 1 4-4zM8.500 15.500a1.500 1.500 0 0 0 3 0',
  probe: 'M3 10h3l2-5 4 10 2-5h3',
  person: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c0-3 2.500-5 6-5s6 2 6 5',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM13 13l4 4',
  funnel: 'M3 4h14l-5.500 6.500V16l-3-1.500v-4z',
  sun: 'M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.300 4.300l1.400 1.400M14.300 14.300l1.400 1.400M15.700 4.300l-1.400 1.400M5.700 14.300l-1.400 1.400',
  moon: 'M16 11.500A6.500 6.500 0 0 1 8.500 4a6.500 6.500 0 1 0 7.500 7.500z',
  auto: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  help: 'M7.500 7.500a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1 .900-1 1.700v.500M10 15v.200',
  close: 'M5 5l10 10M15 5L5 15',
  columns: 'M4 4h12v12H4zM8 4v12M12 4v12',
  download: 'M10 3v9M6.500 8.500 10 12l3.500-3.500M4 16h12',
  next: 'M8 5l5 5-5 5',
  print: 'M6 7V3h8v4M6 14H4V8h12v6h-2M6 12h8v5H6z',
  wall: 'M3 4h14v9H3zM7 17h6M10 13v4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
