#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_AUDIO = 100 }; /* packets: 2 s; quality.md section 9 calls less short */

/* --- opinions ------------------------------------------------------------------------- */

void opinion_say(struct opinion *opinion, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(opinion->evidence, sizeof opinion->evidence, format, arguments);
	va_end(arguments);
}

void opinion_add(struct opinion *opinion, const char *format, ...)
{
	const size_t used = strlen(opinion->evidence);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(opinion->evidence + used, sizeof opinion->evidence - used, format,
	          arguments);
	va_end(arguments);
}

double diagnosis_seconds(nstime from, nstime to)
{
	return from == NSTIME_NONE || to == NSTIME_NONE ? NAN : ns_to_s(to - from);
}

void opinion_about_leg(const struct rule_subject *subject, struct opinion *opinion,
                       enum finding_party party)
{
	const struct diagnosis_leg *leg = subject->leg;
	const bool caller = party == POINTS_TO_CALLER || party == POINTS_TO_CALLER_SIDE;
	opinion->points_to = party;
	opinion->peer = caller ? leg->src : leg->dst;
	opinion->direction = caller ? DIRECTION_FORWARD : DIRECTION_REVERSE;
}

void opinion_about_stream(const struct diagnosis_stream *s, struct opinion *opinion)
{
	opinion->points_to = s->direction == DIRECTION_REVERSE ? POINTS_TO_CALLEE_SIDE
	                                                       : POINTS_TO_CALLER_SIDE;
	opinion->peer = s->src;
	opinion->at = opinion->first = s->first;
	opinion->last = s->last;
}

static const struct rules *const rule_sets[] = {
	&diagnosis_audio_rules, &diagnosis_repeat_rules, &diagnosis_signalling_rules,
	&diagnosis_loss_rules,  &diagnosis_media_rules,  &diagnosis_trunk_rules
};

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
	if (diagnosis_opposite(&(struct rule_subject){ d, NULL, s }))
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
	opinion.trunk = "";
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

/* --- sentences ------------------------------------------------------------------------ */

static const char *word_for(const char *name, size_t len, const struct opinion *opinion)
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
			return words[i].words[opinion->direction];
	if (len == 5 && memcmp("trunk", name, len) == 0)
		return opinion->trunk;
	if (len == 5 && memcmp("place", name, len) == 0)
		return opinion->points_to == POINTS_TO_BETWEEN
		               ? ", between the two points where they were seen,"
		               : "";
	return "";
}

static void write_sentence(const char *template, const struct opinion *opinion,
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
		const char *word = word_for(at + 1, (size_t)(end - at - 1), opinion);
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
	write_sentence(from->rule->sentence, o, to->sentence);
	if (to->sentence[0] >= 'a' && to->sentence[0] <= 'z')
		to->sentence[0] = (char)(to->sentence[0] - 'a' + 'A');
	text_copy(to->evidence, sizeof to->evidence, text_from(o->evidence));
}

/* --- the best of them ----------------------------------------------------------------- */

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
	diagnosis_drop_facts(*d);
	return OK;
}
