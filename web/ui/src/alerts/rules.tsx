/* When somebody is to be told: the rules, of which those made here can be changed here. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { change, target } from '../api/client';
import { useQuery } from '../api/query';
import type { Rule } from '../api/alerttypes';
import { duration, number, words } from '../base/format';
import { link } from '../base/route';
import { DeedTable, SureButton, Wrong, mayOperate, useDeed } from '../parts/deed';
import { Answer } from '../parts/states';
import { RuleForm } from './ruleform';

const GRAVE: Record<string, string> = { critical: 'bad', major: 'bad', warning: 'warn' };
const ORIGINS: Record<Rule['origin'], string> = {
  shipped: 'shipped',
  file: 'configuration',
  api: 'made here',
};

function plain(value: number | null): string {
  return value === null ? '–' : number(value, Number.isInteger(value) ? 0 : 2);
}

/** "below 3.6, over at 3.8" */
function conditionOf(rule: Rule): string {
  /* An outage or an attack is there or not. */
  if (rule.metric === rule.name && rule.threshold === 0 && !rule.unit) return 'while it goes on';
  const unit = rule.unit ? ` ${rule.unit}` : '';
  if (rule.condition?.startsWith('deviates'))
    return `${rule.condition === 'deviates_below' ? 'below' : 'above'} usual by ${plain(rule.threshold)} σ and ${plain(rule.least_pct)} %`;
  const over = rule.clear === null ? '' : `, over at ${plain(rule.clear)}${unit}`;
  return `${rule.condition ?? ''} ${plain(rule.threshold)}${unit}${over}`;
}

/** What a rule that compares with past weeks still has to see. */
function learningOf(rule: Rule): string {
  const { learning } = rule;
  if (!learning) return '';
  const weeks = learning.missing_weeks === 1 ? 'a week' : `${learning.missing_weeks} weeks`;
  if (learning.missing_weeks > 0) return `learning: ${weeks} more, then it says something`;
  return `knows ${number(learning.known_pct)} % of the week of ${number(learning.subjects)}`;
}

function One({
  rule,
  metrics,
  changed,
}: {
  rule: Rule;
  metrics: string[];
  changed: () => void;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const deed = useDeed();
  const remove = async (): Promise<void> => {
    await deed.run(() => change('DELETE', `/rules/${encodeURIComponent(rule.name)}`));
    changed();
  };
  return (
    <>
      <tr class={rule.in_use ? '' : 'off'}>
        <td>
          <a href={link('alerts', '', { tab: 'history', filter: `rule = "${rule.name}"` })}>{rule.name}</a>
        </td>
        <td>
          <span class={`tag ${GRAVE[rule.severity ?? ''] ?? ''}`}>{rule.severity}</span>
        </td>
        <td title={rule.title ?? undefined}>{words(rule.metric)}</td>
        <td>
          {words(rule.scope)} {rule.match && <small>{rule.match}</small>}
        </td>
        <td>
          {conditionOf(rule)} {rule.learning && <small>{learningOf(rule)}</small>}
        </td>
        <td>{duration(rule.window_s)}</td>
        <td class="right">{number(Number(rule.min_samples))}</td>
        <td>
          <span class="long">{rule.doc}</span>
        </td>
        <td>
          {ORIGINS[rule.origin]} {rule.author && <small>{rule.author}</small>}
          {!rule.in_use && <span class="tag">not in use</span>}
        </td>
        <td>
          {rule.origin === 'api' && mayOperate() && (
            <div class="buttons">
              <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
                Change
              </button>
              <SureButton what="Remove" deed={deed} act={remove} />
            </div>
          )}
          <Wrong deed={deed} />
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={10}>
            <RuleForm
              rule={rule}
              metrics={metrics}
              done={() => {
                setOpen(false);
                changed();
              }}
            />
          </td>
        </tr>
      )}
    </>
  );
}

export function Rules(): JSX.Element {
  const [open, setOpen] = useState(false);
  const query = useQuery<{ items: Rule[] }>(target('/rules'));
  return (
    <Answer query={query} what="the rules">
      {({ items }) => {
        const metrics = [...new Set(items.map((rule) => rule.metric ?? ''))].sort();
        const own = items.filter((rule) => rule.origin === 'api');
        return (
          <>
            {mayOperate() && (
              <section class="card">
                <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
                  New rule
                </button>
                {open && (
                  <RuleForm
                    rule={null}
                    metrics={metrics}
                    done={() => {
                      setOpen(false);
                      query.reload();
                    }}
                  />
                )}
              </section>
            )}
            <DeedTable
              titles={['Rule', 'Severity', 'Metric', 'Of each', 'When', 'Window', 'Samples', 'Why', 'Of']}
              right="Samples"
              foot={`${number(items.length)} rules; those of the configuration are changed there`}
            >
              {[...own, ...items.filter((rule) => rule.origin !== 'api')].map((rule) => (
                <One key={`${rule.origin} ${rule.name}`} rule={rule} metrics={metrics} changed={query.reload} />
              ))}
            </DeedTable>
          </>
        );
      }}
    </Answer>
  );
}
