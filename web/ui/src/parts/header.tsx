/* Name, ways, number search, settings. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { logOut, session, target } from '../api/client';
import { alertsTold, standing } from '../api/live';
import { useQuery } from '../api/query';
import type { Alert } from '../api/alerttypes';
import type { Page } from '../api/types';
import { helpShown } from '../base/keys';
import { go, link, place } from '../base/route';
import type { ViewName } from '../base/route';
import { nextTheme, theme, zone } from '../base/settings';
import { clock, zoneName } from '../base/format';
import { numberFilter } from '../base/filters';
import { Icon } from './icons';
import type { IconName } from './icons';

const WAYS: { view: ViewName; title: string; icon: IconName }[] = [
  { view: 'overview', title: 'Overview', icon: 'overview' },
  { view: 'calls', title: 'Calls', icon: 'calls' },
  { view: 'trunks', title: 'Trunks', icon: 'trunks' },
  { view: 'security', title: 'Security', icon: 'security' },
  { view: 'alerts', title: 'Alerts', icon: 'alerts' },
  { view: 'probe', title: 'Probe', icon: 'probe' },
];

function FindNumber(): JSX.Element {
  const [text, setText] = useState('');
  const find = (event: Event): void => {
    event.preventDefault();
    const filter = numberFilter(text);
    if (!filter) return;
    setText('');
    go(link('calls', '', { filter }));
  };
  return (
    <form class="find" role="search" onSubmit={find}>
      <Icon name="search" />
      <input
        id="find-number"
        type="search"
        disabled={session.value?.pii === false}
        placeholder={session.value?.pii === false ? 'Numbers are masked' : 'Number or name'}
        aria-label="Find a number or name"
        title="In any format: +44 …, 0044 …, 0 …, or its last digits; a name or Call-ID, too"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

const WAITING_MS = 15000;
const WAITING_MOST = 100;

/** Alerts that fire, and that nobody has in hand. */
function Waiting(): JSX.Element | null {
  const known = session.value !== null; // a stranger asks for nothing
  const query = useQuery<Page<Alert>>(
    known
      ? target('/alerts', { filter: 'state in (firing, clearing) and not muted', limit: WAITING_MOST })
      : null,
    WAITING_MS,
  );
  const told = alertsTold.value;
  useEffect(() => {
    if (told) query.reload();
  }, [told]);
  const count = query.data?.items.filter((alert) => !alert.acknowledged).length ?? 0;
  if (count === 0) return null;
  const text = query.data?.truncated ? `${count}+` : String(count);
  return (
    <>
      <b class="waiting" aria-hidden="true">
        {text}
      </b>
      <span class="sr">, {text} that nobody has in hand</span>
    </>
  );
}

export function Header(): JSX.Element {
  const view = place.value.view;
  const here = view === 'call' ? 'calls' : view === 'findings' ? 'overview' : view;
  const shade = theme.value;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Earshot, overview">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M6 16h3l2-6 3 13 3-16 3 12 2-3h4" />
        </svg>
        <span>Earshot</span>
      </a>
      <nav aria-label="Views">
        {WAYS.map((way) => (
          <a
            key={way.view}
            href={link(way.view)}
            class={way.view === here ? 'here' : ''}
            aria-current={way.view === here ? 'page' : undefined}
          >
            <Icon name={way.icon} />
            <span>{way.title}</span>
            {way.view === 'alerts' && <Waiting />}
          </a>
        ))}
      </nav>
      <div class="tools">
        {standing.value && (
          <span class="livedot" title={`The probe runs; as of ${clock(standing.value.at)}`}>
            <i aria-hidden="true" /> live
          </span>
        )}
        <FindNumber />
        <button
          type="button"
          class="plain zone"
          title="Time zone of what is shown (z)"
          onClick={() => (zone.value = zone.value === 'UTC' ? 'local' : 'UTC')}
        >
          {zoneName()}
        </button>
        <button
          type="button"
          class="plain"
          aria-label={`Colours: ${shade}`}
          title={`Colours: ${shade === 'auto' ? 'as the system' : shade} (d)`}
          onClick={nextTheme}
        >
          <Icon name={shade === 'auto' ? 'auto' : shade === 'dark' ? 'moon' : 'sun'} />
        </button>
        {session.value && (
          <a
            class={`account${view === 'account' ? ' here' : ''}`}
            href={link('account')}
            title={`${session.value.user}: account${session.value.role === 'admin' ? ', users and tokens' : ''}`}
            aria-label="Account"
          >
            <Icon name="person" />
          </a>
        )}
        {session.value?.way === 'session' && (
          <button
            type="button"
            class="plain"
            title={`Log out ${session.value.user}`}
            onClick={() => void logOut()}
          >
            {session.value.user}: log out
          </button>
        )}
        <button
          type="button"
          class="plain"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => (helpShown.value = true)}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}
