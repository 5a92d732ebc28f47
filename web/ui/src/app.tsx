/* The frame around every view: where one can go, what is lost, what keys do. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { followLinks, place } from './base/route';
import type { ViewName } from './base/route';
import { listenToKeys, wall } from './base/keys';
import { Banner } from './parts/banner';
import { Header } from './parts/header';
import { Help } from './parts/help';
import { Call } from './views/call';
import { Calls } from './views/calls';

const VIEWS: Record<ViewName, { title: string; show: () => JSX.Element }> = {
  overview: { title: 'Calls', show: () => <Calls /> },
  calls: { title: 'Calls', show: () => <Calls /> },
  call: { title: 'Call', show: () => <Call id={place.value.rest} key={place.value.rest} /> },
  trunks: { title: 'Calls', show: () => <Calls /> },
  security: { title: 'Calls', show: () => <Calls /> },
  alerts: { title: 'Calls', show: () => <Calls /> },
  probe: { title: 'Calls', show: () => <Calls /> },
};

export function App(): JSX.Element {
  const view = VIEWS[place.value.view];
  useEffect(() => listenToKeys(), []);
  useEffect(() => {
    document.documentElement.classList.toggle('wall', wall.value);
  }, [wall.value]);
  useEffect(() => {
    document.title = `${view.title} – Earshot`;
  }, [view.title]);
  return (
    <div class="app" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <Banner />
      <main id="main" tabIndex={-1}>
        {view.show()}
      </main>
      <Help />
    </div>
  );
}

