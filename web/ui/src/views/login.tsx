/* Who are you? Asked when the server wants to know. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, logIn } from '../api/client';

export function Login(): JSX.Element {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await logIn(user, password);
    } catch (error) {
      setPassword('');
      setProblem(error instanceof Problem ? error.message : 'this did not work');
    }
    setBusy(false);
  };
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <h1>Earshot</h1>
        <label>
          User
          <input
            type="text"
            autocomplete="username"
            autofocus
            required
            value={user}
            onInput={(e) => setUser(e.currentTarget.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </label>
        {problem && (
          <p class="wrongplace" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Logging in …' : 'Log in'}
        </button>
        <p class="dim">
          <code>earshot user add</code> makes accounts.
        </p>
      </form>
    </main>
  );
}
