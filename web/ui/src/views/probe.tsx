/* Does the probe itself see everything? What came in, what of it was used, what was not. */
import type { JSX } from 'preact';
import { ReceiverTable, receiversNow } from '../alerts/receivers';
import { API } from '../api/client';
import { frameRate, standing } from '../api/live';
import { useQuery } from '../api/query';
import type { Probe as ProbeAnswer, Summary, Version } from '../api/probetypes';
import type { Counts } from '../api/types';
import { bytes, duration, moment, number, percent, words } from '../base/format';
import { Answer } from '../parts/states';

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

function Share({
  name,
  count,
  of,
  kind,
}: {
  name: string;
  count: number;
  of: number;
  kind: string;
}): JSX.Element {
  return (
    <div class="sharerow">
      <span>{name}</span>
      <span class="sharebar" aria-hidden="true">
        <i class={kind} style={{ width: `${of ? (count / of) * 100 : 0}%` }} />
      </span>
      <b>{number(count)}</b>
      <small>{percent(of ? (count / of) * 100 : null)}</small>
    </div>
  );
}

function CountTable({ title, counts, none }: { title: string; counts: Counts; none: string }): JSX.Element {
  const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return (
    <section class="card">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="dim">{none}</p>
      ) : (
        <div class="tall" tabIndex={0}>
          <table class="small">
            <tbody>
              {rows.map(([name, count]) => (
                <tr key={name}>
                  <th>{words(name)}</th>
                  <td class="right">{number(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function health(summary: Summary): { kind: 'good' | 'warn' | 'bad'; text: string } {
  const dropped = total(summary.dropped);
  const share = summary.frames ? (dropped / summary.frames) * 100 : 0;
  if (share >= 1)
    return {
      kind: 'bad',
      text: `The probe lost ${percent(share)} of the frames: its figures are not facts.`,
    };
  if (share >= 0.1) return { kind: 'warn', text: `The probe lost ${percent(share)} of the frames.` };
  if (summary.loss_verdict === 'capture')
    return { kind: 'warn', text: 'Packets are lost on their way to the probe: the mirror port is too slow.' };
  if (total(summary.evicted) > 0)
    return {
      kind: 'warn',
      text: `${number(total(summary.evicted))} things were given up because a table was full.`,
    };
  return { kind: 'good', text: 'The probe used every frame that it was given.' };
}

/** What the probe does now. */
function Now(): JSX.Element | null {
  const now = standing.value;
  if (!now) return null;
  const { store, account } = now;
  const kernel = (account?.kernel ?? []).reduce((sum, one) => sum + (one.dropped ?? 0), 0);
  return (
    <section class="card" aria-label="Now">
      <h2>
        Now <small>{moment(now.at)}</small>
      </h2>
      <dl class="facts">
        <div>
          <dt>Calls in progress</dt>
          <dd>{number(now.calls_in_progress)}</dd>
        </div>
        <div>
          <dt>Frames a second</dt>
          <dd>{number(frameRate.value)}</dd>
        </div>
        <div>
          <dt>Frames in all</dt>
          <dd>{number(account?.frames)}</dd>
        </div>
        <div>
          <dt>Dropped by the kernel</dt>
          <dd class={kernel ? 'wrong' : ''}>{account?.kernel ? number(kernel) : '–'}</dd>
        </div>
        <div>
          <dt>Counters are of</dt>
          <dd>{now.account_age_s === null ? '–' : `${number(now.account_age_s)} s ago`}</dd>
        </div>
        <div>
          <dt>Database</dt>
          <dd class={store.waiting ? 'wrong' : ''}>
            {store.waiting
              ? `does not take records: ${words(store.trouble)}, for ${duration(store.waiting_s)}`
              : 'takes records'}
          </dd>
        </div>
        <div>
          <dt>Waiting for it</dt>
          <dd>
            {bytes(store.held_bytes)} in memory, {bytes(store.spill_bytes)} in a file
          </dd>
        </div>
        <div>
          <dt>Records kept</dt>
          <dd>{number(store.durable)}</dd>
        </div>
      </dl>
    </section>
  );
}

function WhoIsTold({ probe }: { probe: ProbeAnswer }): JSX.Element | null {
  const list = receiversNow(probe.receivers);
  if (!list || list.length === 0) return null;
  return (
    <section class="card" aria-label="Receivers of alerts">
      <h2>Receivers of alerts</h2>
      <ReceiverTable list={list} />
    </section>
  );
}

function Whole({ probe, summary }: { probe: ProbeAnswer; summary: Summary }): JSX.Element {
  const verdict = health(summary);
  const sum = summary.parsed + summary.not_ours + total(summary.malformed) + total(summary.dropped);
  return (
    <>
      <header class={`verdictline ${verdict.kind}`}>
        <span class="sign" aria-hidden="true">
          {verdict.kind === 'good' ? '✓' : verdict.kind === 'warn' ? '!' : '✕'}
        </span>
        <div>
          <h1>{verdict.text}</h1>
          <p class="dim">
            {number(probe.runs)} {probe.runs === 1 ? 'run' : 'runs'} in this database, the latest until{' '}
            {moment(probe.written)} by version {probe.program}
          </p>
        </div>
      </header>
      <section class="card">
        <h2>Every frame is accounted for</h2>
        <Share name="parsed" count={summary.parsed} of={summary.frames} kind="good" />
        <Share name="not ours" count={summary.not_ours} of={summary.frames} kind="none" />
        <Share name="malformed" count={total(summary.malformed)} of={summary.frames} kind="warn" />
        <Share name="dropped" count={total(summary.dropped)} of={summary.frames} kind="bad" />
        <p class="dim">
          {number(summary.frames)} seen = {number(sum)} in these four
          {sum === summary.frames ? '' : ': they do not agree'} · {number(summary.duplicates)} copies by the
          mirror · {number(summary.truncated)} cut off
        </p>
      </section>
      <div class="cards">
        <CountTable title="Whose loss" counts={summary.losses} none="No packet was lost." />
        <CountTable title="Dropped" counts={summary.dropped} none="Nothing was dropped." />
        <CountTable
          title="Malformed"
          counts={{ ...summary.malformed, ...summary.sip_malformed }}
          none="Nothing was malformed."
        />
        <CountTable title="Given up for want of room" counts={summary.evicted} none="No table was full." />
        <CountTable title="SIP messages" counts={summary.sip} none="There were none." />
        <CountTable title="Counters" counts={summary.counters} none="There are none." />
      </div>
      <WhoIsTold probe={probe} />
      <section class="card">
        <h2>Sources</h2>
        <p class="address">{probe.files.length ? probe.files.join(', ') : 'No files: a live capture.'}</p>
      </section>
    </>
  );
}

const REFRESH_MS = 10000;

export function Probe(): JSX.Element {
  const probe = useQuery<ProbeAnswer>(`${API}/probe`, REFRESH_MS);
  const version = useQuery<Version>(`${API}/version`);
  return (
    <article class="view">
      <Now />
      <Answer query={probe} what="the probe's health">
        {(answer) =>
          answer.summary ? (
            <Whole probe={answer} summary={answer.summary} />
          ) : (
            <p class="dim">The latest run has left no summary: it was not finished, or is going on.</p>
          )
        }
      </Answer>
      {version.data && (
        <p class="dim">
          Served by {version.data.name} {version.data.version}; the <a href={`${API}/openapi.yaml`}>API</a>{' '}
          describes itself. <a href="/licences.txt">Licences</a> of what is in these pages.
        </p>
      )}
    </article>
  );
}
