/* What the rules found worth waking somebody: what fires now, what did, what is silenced. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { target } from '../api/client';
import { alertsTold } from '../api/live';
import { useQuery } from '../api/query';
import type { Alert } from '../api/alerttypes';
import type { Page } from '../api/types';
import { AlertCard, Severity, alertClass, callsOf, figure } from '../alerts/card';
import { AlertDetail } from '../alerts/detail';
import { Receivers } from '../alerts/receivers';
import { Rules } from '../alerts/rules';
import { Silences } from '../alerts/silences';
import { number, words } from '../base/format';
import { link, place } from '../base/route';
import { FilteredList } from '../parts/filteredlist';
import type { ListColumn } from '../parts/list';
import { Answer, Empty } from '../parts/states';
import { Tabs, chosenTab } from '../parts/tabs';
import { When } from '../parts/when';

const TABS = [
  { name: 'firing', title: 'Firing' },
  { name: 'history', title: 'History' },
  { name: 'silences', title: 'Silences' },
  { name: 'rules', title: 'Rules' },
  { name: 'receivers', title: 'Receivers' },
];

const REFRESH_MS = 5000;
const MOST = 200;
const GRAVEST = ['critical', 'major', 'warning', 'info'];

function rank(alert: Alert): number {
  return GRAVEST.indexOf(alert.severity ?? '') + (alert.acknowledged ? GRAVEST.length : 0);
}

/** What nobody has in hand first, the gravest first. */
function inOrder(alerts: Alert[]): Alert[] {
  return [...alerts].sort((a, b) => rank(a) - rank(b));
}

function AllFiring(): JSX.Element {
  const query = useQuery<Page<Alert>>(
    target('/alerts', { filter: 'state in (firing, clearing)', limit: MOST }),
    REFRESH_MS,
  );
  const told = alertsTold.value;
  useEffect(() => {
    if (told) query.reload();
  }, [told]);
  return (
    <Answer query={query} what="the alerts">
      {(page) =>
        page.items.length === 0 ? (
          <Empty title="No alert fires">What fired before is in the history.</Empty>
        ) : (
          <>
            <ul class="firing">
              {inOrder(page.items).map((alert) => (
                <li key={alert.id} class={alertClass(alert)}>
                  <AlertCard alert={alert} changed={query.reload} />
                </li>
              ))}
            </ul>
            {page.truncated && (
              <p class="dim" role="status">
                Only the latest {MOST} are shown; all of them are in the history.
              </p>
            )}
          </>
        )
      }
    </Answer>
  );
}

const COLUMNS: ListColumn<Alert>[] = [
  { title: 'Severity', cell: (a) => <Severity alert={a} /> },
  {
    title: 'State',
    cell: (a) => (
      <>
        {words(a.state)}
        {a.muted && <small> muted by {a.muted_by ?? 'somebody'}</small>}
      </>
    ),
  },
  { title: 'Rule', cell: (a) => <a href={link('alerts', a.id)}>{a.rule ?? '–'}</a> },
  { title: 'In hand', cell: (a) => a.acknowledged?.by ?? '–' },
  { title: 'About', cell: (a) => a.subject ?? '–' },
  { title: 'Raised', cell: (a) => <When time={a.raised} /> },
  { title: 'Over', cell: (a) => <When time={a.cleared} /> },
  { title: 'Value', right: true, cell: (a) => figure(a.value, a) },
  { title: 'Worst', right: true, cell: (a) => figure(a.worst, a) },
  { title: 'Threshold', right: true, cell: (a) => figure(a.threshold, a) },
  { title: 'Samples', right: true, cell: (a) => number(a.samples) },
  {
    title: 'Calls',
    cell: (a) => {
      const calls = callsOf(a);
      return calls ? <a href={calls}>calls</a> : '–';
    },
  },
];

function History(): JSX.Element {
  return (
    <FilteredList<Alert>
      path="/alerts"
      columns={COLUMNS}
      what="alerts"
      empty="No alert in this time"
      example="severity in (critical, major) and raised > -1d"
    />
  );
}

export function Alerts(): JSX.Element {
  const tab = chosenTab(TABS);
  if (place.value.rest) return <AlertDetail id={place.value.rest} />;
  return (
    <article class="view">
      <h1>Alerts</h1>
      <Tabs tabs={TABS} label="Alerts" />
      {tab === 'firing' && <AllFiring />}
      {tab === 'history' && <History />}
      {tab === 'silences' && <Silences />}
      {tab === 'rules' && <Rules />}
      {tab === 'receivers' && <Receivers />}
    </article>
  );
}
