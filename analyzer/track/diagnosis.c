#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_AUDIO = 100 }; /* packets: 2 s; quality.md section 9 calls less short */

/* --- facts -----------------------------------------------------------------------------
 */

static enum status get(struct diagnosis **d)
{
	if (!*d)
		*d = calloc(1, sizeof **d);
	return *d ? OK : ERR_NOMEM;
}

enum status diagnosis_note_leg(struct diagnosis **d, const struct leg_record *leg,
                               const struct leg_trace *trace)
{
	if (get(d) != OK)
		return ERR_NOMEM;
	if ((*d)->leg_count == DIAGNOSIS_LEGS)
		return OK;
	const size_t count = (*d)->leg_count + 1u;
	void *moved = realloc((*d)->legs, count * sizeof *(*d)->legs);
	if (!moved)
		return ERR_NOMEM;
	(*d)->legs = moved;
	struct diagnosis_leg *to = &(*d)->legs[(*d)->leg_count++];
	*to = (struct diagnosis_leg){
		.id = leg->id,
		.src = leg->src,
		.dst = leg->dst,
		.start = leg->start,
		.ringing = leg->ringing,
		.answered = leg->answered,
		.ended = leg->ended,
		.until = { leg->audio_forward_until, leg->audio_reverse_until },
		.fates = { leg->audio_forward, leg->audio_reverse },
		.pdd_ms = leg->pdd_ms,
		.duration_s = leg->duration_s,
		.retransmissions = leg->retransmissions,
		.flags = leg->flags,
		.state = leg->state,
		.ended_by = leg->ended_by,
		.transport = leg->transport,
		.status = (uint16_t)leg->status,
		.one_way = leg->one_way,
		.trace = *trace,
	};
	text_copy(to->reason, sizeof to->reason, text_from(leg->reason));
	leg_trace_end(&to->trace);
	return OK;
}

/* Mean run of losses over what chance would give (quality.md section 5). */
static double burst_ratio(const struct loss_shape *losses, double loss_pct)
{
	if (losses->runs == 0)
		return 1;
	return fmax(1, (double)losses->lost / losses->runs * (1 - loss_pct / 100));
}

/* Most streams have no losses to be kept. */
static const struct loss_shape no_losses = {
	.period_ms = NAN, .before_ms = NAN, .after_ms = NAN, .stalled = NAN, .clumping = NAN
};

/* Of the times only as many as there are: one or two, mostly. */
static const struct loss_shape *keep_losses(const struct loss_shape *losses)
{
	const size_t size = offsetof(struct loss_shape, times) +
	                    losses->time_count * sizeof losses->times[0];
	if (losses->runs == 0)
		return &no_losses;
	void *kept = malloc(size);
	if (kept)
		memcpy(kept, losses, size);
	return kept;
}

static void drop_facts(struct diagnosis *d)
{
	for (uint8_t i = 0; i < d->stream_count; i++)
		if (d->streams[i].losses != &no_losses)
			free((struct loss_shape *)d->streams[i].losses);
	free(d->legs);
	free(d->streams);
	d->legs = NULL;
	d->streams = NULL;
	d->leg_count = d->stream_count = 0;
}

enum status diagnosis_note_stream(struct diagnosis **d, const struct stream_record *s,
                                  const struct stream_facts *facts)
{
	if (get(d) != OK)
		return ERR_NOMEM;
	if ((*d)->stream_count == DIAGNOSIS_STREAMS)
		return OK;
	const size_t count = (*d)->stream_count + 1u;
	void *moved = realloc((*d)->streams, count * sizeof *(*d)->streams);
	if (!moved)
		return ERR_NOMEM;
	(*d)->streams = moved;
	const struct loss_shape *losses = keep_losses(&facts->losses);
	if (!losses)
		return ERR_NOMEM;
	(*d)->streams[(*d)->stream_count++] = (struct diagnosis_stream){
		.id = s->id,
		.leg = s->leg,
		.src = s->src,
		.dst = s->dst,
		.ssrc = s->ssrc,
		.flags = s->flags,
		.direction = (uint8_t)s->direction,
		.codec = (uint8_t)s->codec,
		.verdict = (uint8_t)s->loss_verdict,
		.dscp = (uint8_t)s->dscp,
		.last_dscp = facts->last_dscp,
		.dscp_changes = s->dscp_changes,
		.first = s->first,
		.last = s->last,
		.packets = (double)s->packets,
		.expected = (double)s->expected,
		.lost = (double)s->lost,
		.loss_pct = s->loss_pct,
		.suspect_lost = s->suspect_lost,
		.outage_lost = (double)s->outage_lost,
		.burstr = burst_ratio(&facts->losses, s->loss_pct),
		.discarded_pct = s->ppl - s->loss_pct,
		.ptime_ms = s->ptime_ms,
		.pdv_p50_ms = s->pdv_p50_ms,
		.pdv_p95_ms = s->pdv_p95_ms,
		.pdv_p99_ms = s->pdv_p99_ms,
		.jitter_mean_ms = s->jitter_mean_ms,
		.jitter_max_ms = s->jitter_max_ms,
		.skew_ppm = s->skew_ppm,
		.pdv_spread = diagnosis_is_spread(s),
		.lost_after = s->lost_after,
		.unconfirmed_lost = s->unconfirmed_lost,
		.far_expected = s->far_expected,
		.far_jitter_mean_ms = s->far_jitter_mean_ms,
		.audio_dtmf = s->audio_dtmf,
		.reordered = s->reordered,
		.encrypted = s->encrypted,
		.losses = losses,
		.unlisted = facts->unlisted,
		.events = facts->events,
	};
	return OK;
}

void diagnosis_free(struct diagnosis *d)
{
	if (!d)
		return;
	drop_facts(d);
	free(d->findings);
	free(d);
}

const struct diagnosis_stream *diagnosis_stream_of(const struct diagnosis *d, uint64_t leg,
                                                   enum direction direction)
{
	const struct diagnosis_stream *best = NULL;
	for (uint8_t i = 0; i < d->stream_count; i++) {
		const struct diagnosis_stream *s = &d->streams[i];
		if (s->direction == direction && (leg == 0 || s->leg == leg) &&
		    (!best || s->packets > best->packets))
			best = s;
	}
	return best;
}

const struct diagnosis_leg *diagnosis_leg_of(const struct diagnosis *d, uint64_t leg)
{
	for (uint8_t i = 0; i < d->leg_count; i++)
		if (d->legs[i].id == leg)
			return &d->legs[i];
	return NULL;
}

#define HEALTHY_LOSS 0.004
#define LEAST_LOSS_PCT 0.7

bool diagnosis_is_lossy(const struct diagnosis_stream *s)
{
	const double by_chance = HEALTHY_LOSS * s->expected;
	return s->loss_pct >= LEAST_LOSS_PCT &&
	       s->lost > by_chance + 4.5 * sqrt(by_chance) + 3;
}

/* --- opinions --------------------------------------------------------------------------
 */

void opinion_say(struct opinion *opinion, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(opinion->evidence, sizeof opinion->evidence, format, arguments);
	va_end(arguments);
}

static const struct rules *const rule_sets[] = { &diagnosis_audio_rules,
	                                         &diagnosis_signalling_rules,
	                                         &diagnosis_media_rules };

static enum direction opposite(enum direction direction)
{
	if (direction == DIRECTION_NONE)
		return DIRECTION_NONE;
	return direction == DIRECTION_FORWARD ? DIRECTION_REVERSE : DIRECTION_FORWARD;
}

static unsigned int facts_of_leg(const struct diagnosis_leg *leg)
{
	unsigned int facts = 0;
	if (leg->answered != NSTIME_NONE)
		facts |= NEEDS_ANSWER;
	if (leg->status >= 300)
		facts |= NEEDS_FAILURE;
	if (leg->one_way)
		facts |= NEEDS_ONE_WAY;
	return facts;
}

static unsigned int facts_of_stream(const struct diagnosis *d,
                                    const struct diagnosis_stream *s)
{
	unsigned int facts = 0;
	if (diagnosis_is_lossy(s))
		facts |= NEEDS_LOSS;
	if (s->packets >= LEAST_AUDIO)
		facts |= NEEDS_AUDIO;
	if (diagnosis_stream_of(d, s->leg, opposite(s->direction)))
		facts |= NEEDS_BOTH;
	return facts;
}

/* What there is of enum rule_needs: the same for all rules. */
struct needs_met {
	unsigned int of_legs[DIAGNOSIS_LEGS], of_streams[DIAGNOSIS_STREAMS];
};

static struct needs_met needs_met_by(const struct diagnosis *d)
{
	struct needs_met met = { 0 };
	for (uint8_t i = 0; i < d->leg_count; i++)
		met.of_legs[i] = facts_of_leg(&d->legs[i]);
	for (uint8_t i = 0; i < d->stream_count; i++)
		met.of_streams[i] = facts_of_stream(d, &d->streams[i]);
	return met;
}

/* A rule's best opinion, and whose it is. */
struct candidate {
	const struct rule *rule;
	struct rule_subject subject;
	struct opinion opinion;
};

static void ask(const struct rule *rule, const struct rule_subject *subject,
                struct candidate *best)
{
	struct opinion opinion;
	/* Most rules do not hold: the text needs no zeros in front of each of them. */
	opinion.confidence = rule->confidence;
	opinion.points_to = POINTS_TO_NONE;
	opinion.peer = (struct endpoint){ 0 };
	opinion.direction = subject->stream ? (enum direction)subject->stream->direction
	                                    : DIRECTION_NONE;
	opinion.at = opinion.first = opinion.last = NSTIME_NONE;
	opinion.evidence[0] = '\0';
	if (!rule->holds(subject, &opinion) ||
	    (best->rule && opinion.confidence <= best->opinion.confidence))
		return;
	*best = (struct candidate){ rule, *subject, opinion };
}

static void ask_all(const struct rule *rule, const struct diagnosis *d,
                    const struct needs_met *met, struct candidate *best)
{
	best->rule = NULL;
	for (uint8_t i = 0; i < d->leg_count && !rule->of_stream; i++) {
		const struct rule_subject subject = { d, &d->legs[i], NULL };
		if (!(rule->needs & ~met->of_legs[i]))
			ask(rule, &subject, best);
	}
	for (uint8_t i = 0; i < d->stream_count && rule->of_stream; i++) {
		const struct rule_subject subject = { d, NULL, &d->streams[i] };
		if (!(rule->needs & ~met->of_streams[i]))
			ask(rule, &subject, best);
	}
}

/* --- sentences -------------------------------------------------------------------------
 */

static const char *word_for(const char *name, size_t len, enum direction direction)
{
	static const struct {
		const char *name;
		const char *words[DIRECTION_COUNT];
	} words[] = {
		{ "way",
		  { "in one direction", "from caller to callee",
		    "from callee to caller" } },
		{ "sender", { "the sender", "the caller", "the callee" } },
		{ "receiver", { "the receiver", "the callee", "the caller" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].name) == len && memcmp(words[i].name, name, len) == 0)
			return words[i].words[direction];
	return "";
}

static void write_sentence(const char *template, enum direction direction,
                           char to[FINDING_TEXT])
{
	size_t used = 0;
	for (const char *at = template; *at && used < FINDING_TEXT - 1;) {
		const char *end = *at == '{' ? at : NULL;
		while (end && *end && *end != '}')
			end++;
		if (!end || !*end) {
			to[used++] = *at++;
			continue;
		}
		const char *word = word_for(at + 1, (size_t)(end - at - 1), direction);
		while (*word && used < FINDING_TEXT - 1)
			to[used++] = *word++;
		at = end + 1;
	}
	to[used] = '\0';
}

static void write_finding(const struct candidate *from, struct finding_record *to)
{
	const struct opinion *o = &from->opinion;
	const struct diagnosis_leg *leg = from->subject.leg;
	const struct diagnosis_stream *stream = from->subject.stream;
	*to = (struct finding_record){
		.leg = leg ? leg->id : stream->leg,
		.stream = stream ? stream->id : 0,
		.code = from->rule->code,
		.confidence = fmin(1, o->confidence),
		.points_to = o->points_to,
		.peer = o->peer,
		.at = o->at,
		.first = o->first,
		.last = o->last,
	};
	if (to->first == NSTIME_NONE)
		to->first = leg ? leg->start : stream->first;
	if (to->last == NSTIME_NONE)
		to->last = leg ? leg->ended : stream->last;
	if (to->at == NSTIME_NONE)
		to->at = to->first;
	write_sentence(from->rule->sentence, o->direction, to->sentence);
	if (to->sentence[0] >= 'a' && to->sentence[0] <= 'z')
		to->sentence[0] = (char)(to->sentence[0] - 'a' + 'A');
	text_copy(to->evidence, sizeof to->evidence, text_from(o->evidence));
}

/* --- the best of them ------------------------------------------------------------------
 */

enum { MAX_CANDIDATES = 2 * FINDING_CODE_COUNT };

static size_t collect(const struct diagnosis *d, struct candidate *list)
{
	const struct needs_met met = needs_met_by(d);
	size_t count = 0;
	for (size_t set = 0; set < ARRAY_LEN(rule_sets); set++) {
		for (size_t i = 0; i < rule_sets[set]->count && count < MAX_CANDIDATES;
		     i++) {
			ask_all(&rule_sets[set]->list[i], d, &met, &list[count]);
			count += list[count].rule != NULL;
		}
	}
	return count;
}

/* What a surer finding explains, and a second opinion with the same code, is left out. */
static bool is_needless(const struct candidate *list, size_t count, size_t which)
{
	const struct candidate *one = &list[which];
	for (size_t i = 0; i < count; i++) {
		const struct candidate *other = &list[i];
		if (i == which)
			continue;
		if (other->rule->explains & EXPLAINS(one->rule->code))
			return true;
		const bool surer =
		        other->opinion.confidence > one->opinion.confidence ||
		        (other->opinion.confidence == one->opinion.confidence && i < which);
		if (other->rule->code == one->rule->code && surer)
			return true;
	}
	return false;
}

size_t diagnosis_judge(const struct diagnosis *d,
                       struct finding_record out[FINDINGS_PER_CALL])
{
	struct candidate list[MAX_CANDIDATES];
	const struct candidate *best[FINDINGS_PER_CALL] = { NULL };
	size_t found = 0;
	if (!d)
		return 0;
	if (d->findings) {
		memcpy(out, d->findings, d->finding_count * sizeof *out);
		return d->finding_count;
	}
	const size_t count = collect(d, list);
	for (size_t i = 0; i < count; i++) {
		if (is_needless(list, count, i))
			continue;
		/* By confidence; of equals the rule that stands first. */
		size_t at = found < FINDINGS_PER_CALL ? found++ : FINDINGS_PER_CALL - 1;
		if (best[at] && best[at]->opinion.confidence >= list[i].opinion.confidence)
			continue;
		for (; at > 0 &&
		       best[at - 1]->opinion.confidence < list[i].opinion.confidence;
		     at--)
			best[at] = best[at - 1];
		best[at] = &list[i];
	}
	for (size_t i = 0; i < found; i++)
		write_finding(best[i], &out[i]);
	return found;
}

enum status diagnosis_conclude(struct diagnosis **d)
{
	struct finding_record found[FINDINGS_PER_CALL];
	if (!*d || (*d)->findings)
		return OK;
	const size_t count = diagnosis_judge(*d, found);
	if (count == 0) {
		diagnosis_free(*d);
		*d = NULL;
		return OK;
	}
	struct finding_record *kept = malloc(count * sizeof *kept);
	if (!kept)
		return ERR_NOMEM;
	memcpy(kept, found, count * sizeof *kept);
	(*d)->findings = kept;
	(*d)->finding_count = (uint8_t)count;
	drop_facts(*d);
	return OK;
}
