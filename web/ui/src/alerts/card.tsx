/* One alert: what, how bad, since when, what is known of it, and what people do about it. */
import type { ComponentChildren, JSX } from 'preact';
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { API, change } from '../api/client';
import { alertsTold } from '../api/live';
import { getOnce } from '../api/query';
import type { Alert, Rule } from '../api/alerttypes';
import type { Page } from '../api/types';
import { duration, moment, number, words } from '../base/format';
import { link } from '../base/route';
import { Field, Wrong, mayOperate, useDeed } from '../parts/deed';
import { SilenceForm } from './silences';

const GRAVE: Record<string, string> = { critical: 'bad', major: 'bad', warning: 'warn', info: '' };

export function Severity({ alert }: { alert: Alert }): JSX.Element {
  return <span class={`tag ${GRAVE[alert.severity ?? ''] ?? ''}`}>{alert.severity ?? '–'}</span>;
}

/** The calls that the alert is about, by its own filter. */
export function callsOf(alert: Alert): string | null {
  return alert.query ? link('calls', '', { filter: alert.query }) : null;
}

/* Of each metric that a rule names; asked for once. */
const units = signal<ReadonlyMap<string, string>>(new Map());
let unitsAsked = false;

function unitOf(metric: string | null): string {
  if (!unitsAsked) {
    unitsAsked = true;
    getOnce<Page<Rule>>(`${API}/rules`).then(
      (rules) => {
        units.value = new Map(rules.items.map((rule) => [rule.metric ?? '', rule.unit ?? '']));
      },
      () => {
        unitsAsked = false; // figures stand without, until somebody looks again
      },
    );
  }
  return units.value.get(metric ?? '') ?? '';
}

/** A value of the alert's metric, with its unit. */
export function figure(value: number | null, alert: Pick<Alert, 'metric'>): string {
  const text = number(value, value !== null && Math.abs(value) < 100 && !Number.isInteger(value) ? 2 : 0);
  const unit = value === null ? '' : unitOf(alert.metric);
  return unit ? `${text} ${unit}` : text;
}

function Comment({ alert, done }: { alert: Alert; done: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const deed = useDeed();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await deed.run(() => change('POST', `/alerts/${alert.id}/comment`, { text }))) done();
  };
  return (
    <form class="deed" onSubmit={(event) => void submit(event)}>
      <Field label="Comment">
        <input
          type="text"
          required
          maxLength={500}
          autofocus
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
        />
      </Field>
      <button type="submit" class="primary" disabled={deed.busy}>
        Add
      </button>
      <Wrong deed={deed} />
    </form>
  );
}

type Form = 'comment' | 'silence' | null;

function Deeds({ alert, changed }: { alert: Alert; changed: () => void }): JSX.Element {
  const [form, setForm] = useState<Form>(null);
  const deed = useDeed();
  const path = `/alerts/${alert.id}/acknowledge`;
  const held = alert.acknowledged !== null;
  const hold = async (): Promise<void> => {
    await deed.run(() => (held ? change('DELETE', path) : change('POST', path, {})));
    alertsTold.value++;
    changed();
  };
  const done = (): void => {
    setForm(null);
    changed();
  };
  const toggle = (name: Form) => (): void => setForm(form === name ? null : name);
  return (
    <>
      <div class="buttons noprint">
        <button type="button" class={held ? '' : 'primary'} disabled={deed.busy} onClick={() => void hold()}>
          {held ? 'Give back' : 'Acknowledge'}
        </button>
        <button type="button" aria-expanded={form === 'comment'} onClick={toggle('comment')}>
          Comment
        </button>
        <button type="button" aria-expanded={form === 'silence'} onClick={toggle('silence')}>
          Silence
        </button>
      </div>
      <Wrong deed={deed} />
      {form === 'comment' && <Comment alert={alert} done={done} />}
      {form === 'silence' && (
        <SilenceForm rule={alert.rule ?? ''} match={alert.trunk ?? alert.site ?? ''} done={done} />
      )}
    </>
  );
}

export function AlertCard({
  alert,
  changed,
  children,
}: {
  alert: Alert;
  changed: () => void;
  children?: ComponentChildren;
}): JSX.Element {
  const calls = callsOf(alert);
  const side = alert.condition?.endsWith('below') ? 'below' : 'above';
  const held = alert.acknowledged;
  return (
    <>
      <header>
        <div>
          <h3>
            <a href={link('alerts', alert.id)}>{alert.summary ?? alert.rule}</a>
          </h3>
          <p class="dim">
            {alert.subject} · {alert.rule} · {words(alert.state)}
            {alert.muted && ` · muted by ${alert.muted_by ?? 'somebody'}`}
          </p>
        </div>
        <span class="tags">
          {held && (
            <span class="tag good" title={`since ${moment(held.at)}`}>
              in hand: {held.by}
            </span>
          )}
          <Severity alert={alert} />
        </span>
      </header>
      <dl class="facts">
        <div>
          <dt>{words(alert.metric)}</dt>
          <dd>
            {figure(alert.value, alert)} <small>worst {figure(alert.worst, alert)}</small>
          </dd>
        </div>
        <div>
          <dt>Threshold</dt>
          <dd>
            {alert.metric === alert.rule && alert.threshold === 0 ? (
              'fires while it goes on'
            ) : (
              <>
                {side} {figure(alert.threshold, alert)}
                {alert.expected !== null && <small> usual {figure(alert.expected, alert)}</small>}
              </>
            )}
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
        {alert.cleared && (
          <div>
            <dt>Over</dt>
            <dd>{moment(alert.cleared)}</dd>
          </div>
        )}
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
      {mayOperate() && <Deeds alert={alert} changed={changed} />}
      {children}
    </>
  );
}

export function alertClass(alert: Alert): string {
  return `card alert ${GRAVE[alert.severity ?? ''] ?? ''}${alert.acknowledged ? ' held' : ''}`;
}
