/* The frame around every view: where one can go, what is lost, what keys do. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { learnSession, loginNeeded } from './api/client';
import { keepWatching } from './api/live';
import { listenToKeys, wall } from './base/keys';
import { followLinks, place } from './base/route';
import type { ViewName } from './base/route';
import { Banner } from './parts/banner';
import { Header } from './parts/header';
import { Help } from './parts/help';
import { Loading } from './parts/states';
import { AccountView } from './views/account';
import { Alerts } from './views/alerts';
import { Call } from './views/call';
import { Calls } from './views/calls';
import { Findings } from './views/findings';
import { Login } from './views/login';
import { Overview } from './views/overview';
import { Probe } from './views/probe';
import { Security } from './views/security';
import { Trunks } from './views/trunks';

const VIEWS: Record<ViewName, { title: string; show: () => JSX.Element }> = {
  overview: { title: 'Overview', show: () => <Overview /> },
  calls: { title: 'Calls', show: () => <Calls /> },
  call: { title: 'Call', show: () => <Call id={place.value.rest} key={place.value.rest} /> },
  trunks: { title: 'Trunks', show: () => <Trunks /> },
  security: { title: 'Registrations and security', show: () => <Security /> },
  alerts: { title: 'Alerts', show: () => <Alerts /> },
  findings: { title: 'Findings', show: () => <Findings /> },
  probe: { title: 'Probe', show: () => <Probe /> },
  account: { title: 'Accounts', show: () => <AccountView /> },
};

export function App(): JSX.Element {
  const view = VIEWS[place.value.view];
  useEffect(() => listenToKeys(), []);
  /* Who we are is asked first: a stranger's page asks for nothing else. */
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    learnSession()
      .catch(() => undefined) // whatever else is wrong, the view says it
      .finally(() => setAsked(true));
  }, []);
  useEffect(() => (asked ? keepWatching() : undefined), [asked]);
  useEffect(() => {
    document.title = `${view.title} – Earshot`;
  }, [view.title]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) document.getElementById('main')?.focus({ preventScroll: true });
    first.current = false;
  }, [place.value.view, place.value.rest]);
  useEffect(() => {
    document.documentElement.classList.toggle('wall', wall.value);
  }, [wall.value]);
  if (loginNeeded.value)
    return (
      <div class="app">
        <Banner />
        <Login />
      </div>
    );
  return (
    <div class="app" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <Banner />
      <main id="main" tabIndex={-1}>
        {asked ? view.show() : <Loading what="the page" />}
      </main>
      <Help />
    </div>
  );
}
