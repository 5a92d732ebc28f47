/* A rule is written, or written anew. What is left empty is as the server has it by default. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change } from '../api/client';
import type { Rule } from '../api/alerttypes';
import { Field, Wrong, useDeed } from '../parts/deed';

type Kind = 'text' | 'number' | 'list' | readonly string[];

/* In the order in which one thinks of them. */
const FIELDS: { name: keyof Rule & string; title: string; kind: Kind }[] = [
  { name: 'name', title: 'Name (a-z, 0-9, _)', kind: 'text' },
  { name: 'metric', title: 'Metric', kind: 'text' },
  {
    name: 'scope',
    title: 'Of each',
    kind: ['trunk', 'direction', 'site', 'all', 'codec', 'peer', 'subject'],
  },
  { name: 'match', title: 'Only of (empty: each)', kind: 'text' },
  {
    name: 'condition',
    title: 'Is bad when',
    kind: ['above', 'below', 'deviates_above', 'deviates_below'],
  },
  { name: 'threshold', title: 'Threshold', kind: 'number' },
  { name: 'clear', title: 'Good again at', kind: 'number' },
  { name: 'window_s', title: 'Window, s', kind: 'number' },
  { name: 'min_samples', title: 'Samples, at least', kind: 'number' },
  { name: 'certainty', title: 'A share: beyond it by, σ', kind: 'number' },
  { name: 'least_pct', title: 'A deviation: off by at least, %', kind: 'number' },
  { name: 'raise_after_s', title: 'Raised after, s', kind: 'number' },
  { name: 'clear_after_s', title: 'Over after, s', kind: 'number' },
  { name: 'severity', title: 'Severity', kind: ['info', 'warning', 'major', 'critical'] },
  { name: 'schedule', title: 'When', kind: ['always', 'business', 'off_hours'] },
  { name: 'group', title: 'Told together', kind: ['site', 'all', 'never'] },
  { name: 'muted_by', title: 'Muted by (rules, with commas)', kind: 'list' },
  { name: 'doc', title: 'What it means', kind: 'text' },
];

const FIRST: Record<string, string> = {
  scope: 'trunk',
  condition: 'above',
  window_s: '300',
  severity: 'warning',
  schedule: 'always',
  group: 'site',
};

function shown(rule: Rule | null): Record<string, string> {
  if (!rule) return FIRST;
  const texts: Record<string, string> = {};
  for (const { name } of FIELDS) {
    const value = rule[name];
    texts[name] = Array.isArray(value) ? value.join(', ') : value === null ? '' : String(value);
  }
  return texts;
}

function sent(texts: Record<string, string>, enabled: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = { enabled };
  for (const { name, kind } of FIELDS) {
    const text = (texts[name] ?? '').trim();
    if (kind === 'list') body[name] = text.split(/[\s,]+/).filter(Boolean);
    else if (text === '') body[name] = null;
    else body[name] = kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  return body;
}

export function RuleForm({
  rule,
  metrics,
  done,
}: {
  rule: Rule | null; // null: a new one
  metrics: string[];
  done: () => void;
}): JSX.Element {
  const [texts, setTexts] = useState(() => shown(rule));
  const [enabled, setEnabled] = useState(rule?.enabled ?? true);
  const deed = useDeed();
  const put = (name: string, value: string): void => setTexts({ ...texts, [name]: value });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = sent(texts, enabled);
    const good = await deed.run(() =>
      rule
        ? change('PUT', `/rules/${encodeURIComponent(rule.name)}`, body)
        : change('POST', '/rules', body),
    );
    if (good) done();
  };
  return (
    <form class="deed" onSubmit={(event) => void submit(event)} aria-label={rule ? `Rule ${rule.name}` : 'New rule'}>
      {FIELDS.map(({ name, title, kind }) => (
        <Field key={name} label={title}>
          {typeof kind === 'string' ? (
            <input
              type="text"
              name={name}
              inputMode={kind === 'number' ? 'decimal' : 'text'}
              list={name === 'metric' ? 'metrics' : undefined}
              disabled={name === 'name' && rule !== null}
              required={name === 'name' || name === 'metric'}
              spellcheck={false}
              autocapitalize="off"
              value={texts[name] ?? ''}
              onInput={(e) => put(name, e.currentTarget.value)}
            />
          ) : (
            <select name={name} value={texts[name] ?? ''} onChange={(e) => put(name, e.currentTarget.value)}>
              {kind.map((one) => (
                <option key={one} value={one}>
                  {one.replaceAll('_', ' ')}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
      <datalist id="metrics">
        {metrics.map((metric) => (
          <option key={metric} value={metric} />
        ))}
      </datalist>
      <label class="check">
        <input type="checkbox" checked={enabled} onChange={(e) => setEnabled(e.currentTarget.checked)} />
        in use
      </label>
      <button type="submit" class="primary" disabled={deed.busy}>
        {rule ? 'Change' : 'Add'}
      </button>
      <Wrong deed={deed} />
    </form>
  );
}
