/* A new user or token; its secret is drawn by the server. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change } from '../api/client';
import type { Account, Role } from '../api/types';
import { Field, Wrong, useDeed } from '../parts/deed';
import type { Shown } from './secret';

export const ROLES: Role[] = ['viewer', 'operator', 'admin'];

export function NewAccount({
  path,
  what,
  show,
  changed,
}: {
  path: string;
  what: 'user' | 'token';
  show: (shown: Shown) => void;
  changed: () => void;
}): JSX.Element {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [pii, setPii] = useState(false);
  const deed = useDeed();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await deed.run(async () => {
      const made = await change<Account>('POST', path, { name: name.trim(), role, pii });
      if (made?.secret)
        show({ what: what === 'user' ? `Password of ${made.name}` : `Token ${made.name}`, secret: made.secret });
      setName('');
    });
    changed();
  };
  return (
    <section class="card">
      <h2>New {what}</h2>
      <form class="deed" onSubmit={(event) => void submit(event)} aria-label={`New ${what}`}>
        <Field label="Name">
          <input
            type="text"
            required
            maxLength={63}
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </Field>
        <Field label="Role">
          <select value={role} onChange={(e) => setRole(e.currentTarget.value as Role)}>
            {ROLES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </Field>
        <label class="check">
          <input type="checkbox" checked={pii} onChange={(e) => setPii(e.currentTarget.checked)} />
          sees numbers, names and addresses of people
        </label>
        <button type="submit" class="primary" disabled={deed.busy}>
          Add
        </button>
        <Wrong deed={deed} />
      </form>
    </section>
  );
}
