/* What nobody wants to hear of for a while. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, target } from '../api/client';
import { useQuery } from '../api/query';
import type { Silence } from '../api/alerttypes';
import { moment } from '../base/format';
import { DeedTable, Field, Wrong, mayOperate, useDeed } from '../parts/deed';
import { Answer, Empty } from '../parts/states';

const REFRESH_MS = 10000;
const LENGTHS: [string, number][] = [
  ['30 minutes', 1800],
  ['1 hour', 3600],
  ['4 hours', 4 * 3600],
  ['8 hours', 8 * 3600],
  ['1 day', 86400],
  ['1 week', 7 * 86400],
];

export function SilenceForm({
  rule: firstRule,
  match: firstMatch,
  done,
}: {
  rule: string;
  match: string;
  done: () => void;
}): JSX.Element {
  const [rule, setRule] = useState(firstRule);
  const [match, setMatch] = useState(firstMatch);
  const [begins, setBegins] = useState('');
  const [length, setLength] = useState(3600);
  const [comment, setComment] = useState('');
  const deed = useDeed();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = {
      rule: rule.trim() || null,
      match: match.trim() || null,
      begins: begins ? new Date(begins).toISOString() : null,
      duration_s: length,
      comment,
    };
    if (await deed.run(() => change('POST', '/silences', body))) {
      setComment('');
      done();
    }
  };
  return (
    <form class="deed" onSubmit={(event) => void submit(event)} aria-label="A silence">
      <Field label="Rule (empty: any)">
        <input type="text" value={rule} maxLength={63} onInput={(e) => setRule(e.currentTarget.value)} />
      </Field>
      <Field label="Trunk, site or peer (empty: any)">
        <input type="text" value={match} maxLength={63} onInput={(e) => setMatch(e.currentTarget.value)} />
      </Field>
      <Field label="From, local time (empty: now)">
        <input type="datetime-local" value={begins} onInput={(e) => setBegins(e.currentTarget.value)} />
      </Field>
      <Field label="For">
        <select value={length} onChange={(e) => setLength(Number(e.currentTarget.value))}>
          {LENGTHS.map(([title, seconds]) => (
            <option key={seconds} value={seconds}>
              {title}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Why">
        <input
          type="text"
          required
          maxLength={500}
          value={comment}
          onInput={(e) => setComment(e.currentTarget.value)}
        />
      </Field>
      <button type="submit" class="primary" disabled={deed.busy}>
        Silence
      </button>
      <Wrong deed={deed} />
    </form>
  );
}

function One({ silence, changed }: { silence: Silence; changed: () => void }): JSX.Element {
  const deed = useDeed();
  const end = async (): Promise<void> => {
    await deed.run(() => change('DELETE', `/silences/${silence.id}`));
    changed();
  };
  const tag = silence.state === 'active' ? 'warn' : '';
  return (
    <tr>
      <td>
        <span class={`tag ${tag}`}>{silence.state}</span>
      </td>
      <td>{silence.rule ?? <span class="dim">any</span>}</td>
      <td>{silence.match ?? <span class="dim">any</span>}</td>
      <td>{moment(silence.begins)}</td>
      <td>
        {moment(silence.ends)}
        {silence.ended_by && <small> by {silence.ended_by}</small>}
      </td>
      <td>{silence.author}</td>
      <td>
        <span class="long">{silence.comment}</span>
      </td>
      <td>
        {silence.state !== 'over' && mayOperate() && (
          <button type="button" disabled={deed.busy} onClick={() => void end()}>
            End now
          </button>
        )}
        <Wrong deed={deed} />
      </td>
    </tr>
  );
}

export function Silences(): JSX.Element {
  const query = useQuery<{ items: Silence[] }>(target('/silences'), REFRESH_MS);
  return (
    <>
      {mayOperate() && (
        <section class="card">
          <h2>New silence</h2>
          <SilenceForm rule="" match="" done={query.reload} />
        </section>
      )}
      <Answer query={query} what="the silences">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing is silenced">
              A silence mutes the alerts of a rule, of a trunk or of a site: they fire, and nobody is told.
            </Empty>
          ) : (
            <DeedTable titles={['State', 'Rule', 'Trunk or site', 'From', 'Until', 'Who', 'Why']}>
              {items.map((silence) => (
                <One key={silence.id} silence={silence} changed={query.reload} />
              ))}
            </DeedTable>
          )
        }
      </Answer>
    </>
  );
}
