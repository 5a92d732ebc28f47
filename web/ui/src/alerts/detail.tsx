/* One alert with how it went and what was said of it. */
import type { JSX } from 'preact';
import { target } from '../api/client';
import { useQuery } from '../api/query';
import type { Alert, AlertNote, WholeAlert } from '../api/alerttypes';
import { moment, words } from '../base/format';
import { link } from '../base/route';
import { Answer } from '../parts/states';
import { AlertCard, alertClass, figure } from './card';

const REFRESH_MS = 5000;
const DID: Record<AlertNote['action'], string> = {
  acknowledged: 'took it in hand',
  reopened: 'gave it back',
  commented: 'said',
};

interface Entry {
  at: string;
  what: JSX.Element;
}

function stateEntry(state: Alert): Entry {
  return {
    at: state.at ?? '',
    what: (
      <>
        <b>{state.state === 'ok' ? 'over' : words(state.state)}</b> at {figure(state.value, state)}
        {state.muted && ` (muted by ${state.muted_by ?? 'somebody'})`}
      </>
    ),
  };
}

function noteEntry(note: AlertNote): Entry {
  return {
    at: note.at,
    what: (
      <>
        <b>{note.who}</b> {DID[note.action]}
        {note.text && <q>{note.text}</q>}
      </>
    ),
  };
}

/* Packet time and this machine's clock may be far apart: each list has its own order. */
function Course({ title, entries }: { title: string; entries: Entry[] }): JSX.Element {
  return (
    <section class="course">
      <h2>{title}</h2>
      <ol>
        {entries.map((entry, i) => (
          <li key={i}>
            <time dateTime={entry.at}>{moment(entry.at)}</time> <span>{entry.what}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function AlertDetail({ id }: { id: string }): JSX.Element {
  const query = useQuery<WholeAlert>(target(`/alerts/${encodeURIComponent(id)}`), REFRESH_MS);
  return (
    <article class="view">
      <p>
        <a href={link('alerts')}>All alerts</a>
      </p>
      <Answer query={query} what="the alert">
        {(whole) => (
          <div class={alertClass(whole.alert)}>
            <AlertCard alert={whole.alert} changed={query.reload}>
              <div class="courses">
                <Course title="How it went" entries={whole.states.map(stateEntry)} />
                {whole.notes.length > 0 && <Course title="Who did what" entries={whole.notes.map(noteEntry)} />}
              </div>
            </AlertCard>
          </div>
        )}
      </Answer>
    </article>
  );
}
