/* Who is registered and who fails to be; what looks like an attack; who answers and who does not. */
import type { JSX } from 'preact';
import type { Binding, Observation, Peer, PeerEvent, Registration } from '../api/peertypes';
import { duration, ms, number, party, percent, words } from '../base/format';
import { equal } from '../base/filters';
import { link } from '../base/route';
import { FilteredList } from '../parts/filteredlist';
import type { ListColumn } from '../parts/list';
import { Tabs, chosenTab } from '../parts/tabs';
import { When } from '../parts/when';

const TABS = [
  { name: 'bindings', title: 'Registered' },
  { name: 'attempts', title: 'Attempts' },
  { name: 'attacks', title: 'Security' },
  { name: 'peers', title: 'Peers' },
  { name: 'outages', title: 'Outages and failovers' },
];

function Status({ text, kind }: { text: string; kind: 'good' | 'bad' | 'warn' | '' }): JSX.Element {
  return <span class={`tag ${kind}`}>{text}</span>;
}

function callsOf(address: string | null): JSX.Element | string {
  return address ? <a href={link('calls', '', { filter: equal('address', address) })}>{address}</a> : '–';
}

const BINDINGS: ListColumn<Binding>[] = [
  {
    title: 'State',
    cell: (b) => <Status text={words(b.state)} kind={b.state === 'registered' ? 'good' : 'warn'} />,
  },
  { title: 'Who', cell: (b) => party(b.aor) },
  { title: 'From', cell: (b) => b.src ?? '–' },
  { title: 'Registrar', cell: (b) => b.registrar ?? '–' },
  { title: 'Last', cell: (b) => <When time={b.last} year /> },
  { title: 'Until', cell: (b) => <When time={b.expires} year /> },
  { title: 'Refreshed', right: true, cell: (b) => number(b.refreshes) },
  {
    title: 'Failed',
    right: true,
    cell: (b) => (b.failures ? <b class="wrong">{number(b.failures)}</b> : '0'),
  },
  { title: 'Moved', right: true, cell: (b) => number(b.source_changes) },
  { title: 'Delay', right: true, cell: (b) => ms(b.rrd_mean_ms) },
  { title: 'NAT', cell: (b) => (b.nat ? 'yes' : 'no') },
  { title: 'Device', cell: (b) => b.user_agent ?? '–' },
];

const ATTEMPTS: ListColumn<Registration>[] = [
  { title: 'At', cell: (r) => <When time={r.at} year /> },
  {
    title: 'Answer',
    cell: (r) => (
      <Status
        text={r.status === null ? 'no answer' : String(r.status)}
        kind={r.status === 200 ? 'good' : 'bad'}
      />
    ),
  },
  { title: 'Purpose', cell: (r) => words(r.purpose) },
  { title: 'Who', cell: (r) => party(r.aor) },
  { title: 'From', cell: (r) => r.src ?? '–' },
  { title: 'Registrar', cell: (r) => r.registrar ?? '–' },
  { title: 'For', right: true, cell: (r) => duration(r.expires_s) },
  { title: 'Delay', right: true, cell: (r) => ms(r.rrd_ms) },
  { title: 'Challenged', right: true, cell: (r) => number(r.auth_rounds) },
  { title: 'Device', cell: (r) => r.user_agent ?? '–' },
];

const ATTACKS: ListColumn<Observation>[] = [
  { title: 'What', cell: (o) => <Status text={words(o.type)} kind={o.over ? 'warn' : 'bad'} /> },
  { title: 'From', cell: (o) => callsOf(o.src) },
  { title: 'Against', cell: (o) => o.dst ?? '–' },
  { title: 'About', cell: (o) => o.subject ?? '–' },
  { title: 'First', cell: (o) => <When time={o.first} year /> },
  { title: 'Last', cell: (o) => <When time={o.last} year /> },
  { title: 'Events', right: true, cell: (o) => number(o.events) },
  { title: 'A minute, most', right: true, cell: (o) => number(o.peak_per_min) },
  { title: 'Sources', right: true, cell: (o) => number(o.sources) },
  { title: 'Targets', right: true, cell: (o) => number(o.targets) },
  { title: 'Tool', cell: (o) => o.software ?? '–' },
];

const PEERS: ListColumn<Peer>[] = [
  {
    title: 'State',
    cell: (p) => (
      <Status
        text={p.state ? words(p.state) : 'not seen to answer'}
        kind={p.state === 'up' ? 'good' : p.state === 'down' ? 'bad' : 'warn'}
      />
    ),
  },
  { title: 'Peer', cell: (p) => callsOf(p.peer) },
  { title: 'Trunk', cell: (p) => (p.trunk ? <a href={link('trunks', p.trunk)}>{p.trunk}</a> : '–') },
  { title: 'Since', cell: (p) => <When time={p.since} year /> },
  {
    title: 'OPTIONS answered',
    right: true,
    cell: (p) => (p.options ? `${number(p.options_answered)} of ${number(p.options)}` : '–'),
  },
  { title: 'Round trip', right: true, cell: (p) => ms(p.rtt_mean_ms) },
  { title: 'INVITEs', right: true, cell: (p) => number(p.invites) },
  {
    title: 'accepted',
    right: true,
    cell: (p) => (p.invites ? percent((p.invites_accepted / p.invites) * 100, 0) : '–'),
  },
  {
    title: '5xx',
    right: true,
    cell: (p) => (p.server_errors ? <b class="wrong">{number(p.server_errors)}</b> : '0'),
  },
  {
    title: 'Outages',
    right: true,
    cell: (p) =>
      p.outages ? (
        <b class="wrong">
          {number(p.outages)}, {duration(p.outage_s)}
        </b>
      ) : (
        '0'
      ),
  },
  { title: 'Software', cell: (p) => p.software ?? '–' },
];

const OUTAGES: ListColumn<PeerEvent>[] = [
  {
    title: 'What',
    cell: (e) => <Status text={words(e.type)} kind={e.type === 'peer_up' ? 'good' : 'bad'} />,
  },
  { title: 'Began', cell: (e) => <When time={e.began} year /> },
  { title: 'Detected', cell: (e) => <When time={e.detected} year /> },
  { title: 'Lasted', right: true, cell: (e) => duration(e.duration_s) },
  { title: 'Peer', cell: (e) => e.trunk ?? e.peer ?? '–' },
  { title: 'Backup', cell: (e) => e.backup_trunk ?? e.backup ?? '–' },
  { title: 'Why', cell: (e) => words(e.cause) + (e.status ? ` ${e.status}` : '') },
  { title: 'Calls lost', right: true, cell: (e) => number(e.calls_lost) },
  { title: 'over backup', right: true, cell: (e) => number(e.calls_backup) },
  {
    title: 'survived',
    right: true,
    cell: (e) => (e.calls_carried ? `${number(e.calls_survived)} of ${number(e.calls_carried)}` : '–'),
  },
  { title: 'PDD before', right: true, cell: (e) => ms(e.pdd_before_ms) },
  { title: 'after', right: true, cell: (e) => ms(e.pdd_after_ms) },
];

export function Security(): JSX.Element {
  const tab = chosenTab(TABS);
  return (
    <article class="view">
      <h1>Registrations and security</h1>
      <Tabs tabs={TABS} label="Lists" />
      {tab === 'bindings' && (
        <FilteredList<Binding>
          path="/registrations"
          columns={BINDINGS}
          what="registrations"
          empty="Nobody is registered, as far as this probe saw"
          example="state = expired or failures > 3"
        />
      )}
      {tab === 'attempts' && (
        <FilteredList<Registration>
          path="/registrations/attempts"
          columns={ATTEMPTS}
          what="attempts"
          empty="Nobody tried to register in this time"
          example="status = 403"
        />
      )}
      {tab === 'attacks' && (
        <FilteredList<Observation>
          path="/security"
          columns={ATTACKS}
          what="observations"
          empty="Nothing looked like an attack in this time"
          example="type = register_brute_force"
        />
      )}
      {tab === 'peers' && (
        <FilteredList<Peer>
          path="/peers"
          columns={PEERS}
          what="peers"
          empty="No peer was seen in this time"
          example="state = down"
        />
      )}
      {tab === 'outages' && (
        <FilteredList<PeerEvent>
          path="/peers/events"
          columns={OUTAGES}
          what="events"
          empty="No outage was seen in this time"
          example="type = failover and calls_lost > 0"
        />
      )}
    </article>
  );
}
