/* What the rules found worth waking somebody: what fires now, and what did. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { target } from '../api/client';
import type { Problem } from '../api/client';
import { useQuery } from '../api/query';
import type { Alert, Page } from '../api/types';
import { clock, duration, moment, number, shortDay, words } from '../base/format';
import { focusOn, onKeys } from '../base/keys';
import { link, parameter } from '../base/route';
import { FilterBox } from '../parts/filterbox';
import { List } from '../parts/list';
import type { ListColumn } from '../parts/list';
import { Answer, Empty } from '../parts/states';
import { Tabs, chosenTab } from '../parts/tabs';
import { TimeRange } from '../parts/timerange';

const TABS = [
  { name: 'firing', title: 'Firing' },
  { name: 'history', title: 'History' },
];

const REFRESH_MS = 5000;
const GRAVE: Record<string, string> = { critical: 'bad', major: 'bad', warning: 'warn', info: '' };

function Severity({ alert }: { alert: Alert }): JSX.Element {
  return <span class={`tag ${GRAVE[alert.severity ?? ''] ?? ''}`}>{alert.severity ?? '–'}</span>;
}

/** The calls that the alert is about, by its own filter. */
function callsOf(alert: Alert): string | null {
  return alert.query ? link('calls', '', { filter: alert.query }) : null;
}

function figure(value: number | null): string {
  return number(value, value !== null && Math.abs(value) < 100 && !Number.isInteger(value) ? 2 : 0);
}

function Firing({ alert }: { alert: Alert }): JSX.Element {
  const calls = callsOf(alert);
  const side = alert.condition?.endsWith('below') ? 'below' : 'above';
  return (
    <li class={`card alert ${GRAVE[alert.severity ?? ''] ?? ''}`}>
      <header>
        <div>
          <h3>{alert.summary ?? alert.rule}</h3>
          <p class="dim">
            {alert.subject} · {alert.rule} · {words(alert.state)}
            {alert.muted && ` · muted by ${alert.muted_by ?? 'somebody'}`}
          </p>
        </div>
        <Severity alert={alert} />
      </header>
      <dl class="facts">
        <div>
          <dt>{words(alert.metric)}</dt>
          <dd>
            {figure(alert.value)} <small>worst {figure(alert.worst)}</small>
          </dd>
        </div>
        <div>
          <dt>Threshold</dt>
          <dd>
            {side} {figure(alert.threshold)}
            {alert.expected !== null && <small> usual {figure(alert.expected)}</small>}
          </dd>
        </div>
        <div>
          <dt>Samples</dt>
          <dd>
            {number(alert.samples)} <small>in {duration(alert.window_s)}</small>
          </dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{moment(alert.since)}</dd>
        </div>
      </dl>
      {alert.finding_sentence && <p>{alert.finding_sentence}</p>}
      {alert.unverified && <p class="wrong">The capture loses so much that this may be its own doing.</p>}
      {alert.unseen && <p class="dim">{alert.unseen}</p>}
      <p class="examples">
        {calls && (
          <a class="button" href={calls}>
            The calls behind it
          </a>
        )}
        {alert.examples.map((id, i) => (
          <a key={id} href={link('call', id)}>
            example {i + 1}
          </a>
        ))}
      </p>
    </li>
  );
}

function AllFiring(): JSX.Element {
  const query = useQuery<Page<Alert>>(
    target('/alerts', { filter: 'state in (firing, clearing)', limit: 200 }),
    REFRESH_MS,
  );
  return (
    <Answer query={query} what="the alerts">
      {(page) =>
        page.items.length === 0 ? (
          <Empty title="No alert fires">What fired before is in the history.</Empty>
        ) : (
          <ul class="firing">
            {page.items.map((alert) => (
              <Firing key={alert.id} alert={alert} />
            ))}
          </ul>
        )
      }
    </Answer>
  );
}

function When({ time }: { time: string | null }): JSX.Element {
  return (
    <span>
      {time ? (
        <>
          <span class="dim">{shortDay(time)}</span> {clock(time)}
        </>
      ) : (
        '–'
      )}
    </span>
  );
}

const COLUMNS: ListColumn<Alert>[] = [
  { title: 'Severity', cell: (a) => <Severity alert={a} /> },
  { title: 'State', cell: (a) => words(a.state) },
  { title: 'Rule', cell: (a) => a.rule ?? '–' },
  { title: 'About', cell: (a) => a.subject ?? '–' },
  { title: 'Raised', cell: (a) => <When time={a.raised} /> },
  { title: 'Over', cell: (a) => <When time={a.cleared} /> },
  { title: 'Value', right: true, cell: (a) => figure(a.value) },
  { title: 'Worst', right: true, cell: (a) => figure(a.worst) },
  { title: 'Threshold', right: true, cell: (a) => figure(a.threshold) },
  { title: 'Samples', right: true, cell: (a) => number(a.samples) },
  {
    title: 'Calls',
    cell: (a) => {
      const calls = callsOf(a);
      return calls ? <a href={calls}>calls</a> : '–';
    },
  },
  { title: 'Muted', cell: (a) => (a.muted ? (a.muted_by ?? 'yes') : 'no') },
];

function History(): JSX.Element {
  const [problem, setProblem] = useState<Problem | null>(null);
  const filter = parameter('filter');
  const from = parameter('from');
  const to = parameter('to');
  return (
    <>
      <div class="bar">
        <FilterBox
          filter={filter}
          problem={problem}
          example="severity in (critical, major) and raised > -1d"
          label="Filter the list"
        />
        <TimeRange from={from} to={to} problem={problem} />
      </div>
      <List<Alert>
        path="/alerts"
        question={{ filter, from, to }}
        columns={COLUMNS}
        what="alerts"
        empty="No alert in this time"
        onProblem={setProblem}
      />
    </>
  );
}

export function Alerts(): JSX.Element {
  useEffect(
    () =>
      onKeys((event) => {
        if (event.key !== '/') return false;
        focusOn('filter');
        return true;
      }),
    [],
  );
  return (
    <article class="view">
      <h1>Alerts</h1>
      <Tabs tabs={TABS} label="Alerts" />
      {chosenTab(TABS) === 'firing' ? <AllFiring /> : <History />}
    </article>
  );
}
