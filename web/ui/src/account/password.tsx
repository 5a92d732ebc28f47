/* Who one is, and one's own password. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, session } from '../api/client';
import type { Session } from '../api/types';
import { Field, Wrong, useDeed } from '../parts/deed';

const LEAST = 10;

export function OwnPassword(): JSX.Element {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [done, setDone] = useState(false);
  const deed = useDeed();
  const me = session.value;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setDone(false);
    const good = await deed.run(async () => {
      if (fresh !== again) throw new Error('these were two different ones');
      session.value = await change<Session>('PUT', '/session/password', { old, new: fresh });
    });
    setOld('');
    if (good) {
      setFresh('');
      setAgain('');
      setDone(true);
    }
  };
  return (
    <section class="card">
      <h2>{me?.user ?? 'Nobody'}</h2>
      <dl class="facts">
        <div>
          <dt>Role</dt>
          <dd>{me?.role ?? '–'}</dd>
        </div>
        <div>
          <dt>Sees numbers, names and addresses of people</dt>
          <dd>{me?.pii ? 'yes' : 'no'}</dd>
        </div>
      </dl>
      {me?.way === 'session' ? (
        <form class="deed" onSubmit={(event) => void submit(event)} aria-label="Own password">
          <Field label="Password">
            <input
              type="password"
              autocomplete="current-password"
              required
              value={old}
              onInput={(e) => setOld(e.currentTarget.value)}
            />
          </Field>
          <Field label={`New password, ${LEAST} characters at least`}>
            <input
              type="password"
              autocomplete="new-password"
              required
              minLength={LEAST}
              value={fresh}
              onInput={(e) => setFresh(e.currentTarget.value)}
            />
          </Field>
          <Field label="Once more">
            <input
              type="password"
              autocomplete="new-password"
              required
              value={again}
              onInput={(e) => setAgain(e.currentTarget.value)}
            />
          </Field>
          <button type="submit" class="primary" disabled={deed.busy}>
            Change
          </button>
          <Wrong deed={deed} />
          {done && <p role="status">It is changed; other sessions have ended.</p>}
        </form>
      ) : (
        <p class="dim">On this machine nobody has to log in: there is no password to change.</p>
      )}
    </section>
  );
}
