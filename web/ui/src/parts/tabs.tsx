/* Parts of a view, one at a time; which is in the URL. */
import type { JSX } from 'preact';
import { link, parameter, place } from '../base/route';

export interface Tab {
  name: string;
  title: string;
}

export function chosenTab(tabs: Tab[]): string {
  const wanted = parameter('tab');
  return tabs.some((tab) => tab.name === wanted) ? wanted : (tabs[0]?.name ?? '');
}

export function Tabs({ tabs, label }: { tabs: Tab[]; label: string }): JSX.Element {
  const chosen = chosenTab(tabs);
  const { view, rest } = place.value;
  const from = parameter('from');
  const to = parameter('to');
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a
          key={tab.name}
          href={link(view, rest, { tab: tab.name, from, to })}
          aria-current={tab.name === chosen ? 'page' : undefined}
        >
          {tab.title}
        </a>
      ))}
    </nav>
  );
}
