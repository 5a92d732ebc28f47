#include "probe/explain_call.h"

#include <math.h>
#include <stdlib.h>

#include "probe/explain_print.h"
#include "probe/explain_why.h"
#include "probe/print_text.h"
#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_json.h"

/* --- which streams, in which order ---------------------------------------------------- */

static bool is_claimed_by(const struct stream_record *s, uint64_t leg)
{
	for (size_t i = 0; i < s->legs.count; i++) {
		if (s->legs.ids[i] == leg)
			return true;
	}
	return s->leg == leg;
}

static bool is_subject(const struct record *record, struct explain_subject subject)
{
	if (record->kind != RECORD_STREAM)
		return false;
	switch (subject.kind) {
	case RECORD_STREAM:
		return record->stream.id == subject.id;
	case RECORD_LEG:
		return is_claimed_by(&record->stream, subject.id);
	default:
		return true;
	}
}

/* On one axis for all bands; what has no score is worse than nothing. */
static double rating_of(const struct record *stream)
{
	const double r = emodel_common_r(stream->stream.band, stream->stream.r);
	return isnan(r) ? INFINITY : r;
}

/* Streams of the subject: the worst first, then those of each leg, then those of none. */
struct ordered {
	const struct record **streams; /* owned */
	size_t count;
};

static void add_streams_of(const struct dossier *dossier, struct explain_subject subject,
                           uint64_t leg, struct ordered *to)
{
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (is_subject(record, subject) && record->stream.leg == leg)
			to->streams[to->count++] = record;
	}
}

static void move_worst_to_front(struct ordered *order)
{
	size_t worst = 0;
	for (size_t i = 1; i < order->count; i++) {
		if (rating_of(order->streams[i]) < rating_of(order->streams[worst]))
			worst = i;
	}
	for (; worst > 0; worst--) {
		const struct record *moved = order->streams[worst];
		order->streams[worst] = order->streams[worst - 1];
		order->streams[worst - 1] = moved;
	}
}

static bool order_streams(const struct dossier *dossier, struct explain_subject subject,
                          struct ordered *out)
{
	*out = (struct ordered){ calloc(dossier->count + 1, sizeof *out->streams), 0 };
	if (!out->streams)
		return false;
	for (size_t i = 0; i < dossier->count; i++) {
		if (dossier->records[i].kind == RECORD_LEG)
			add_streams_of(dossier, subject, dossier->records[i].leg.id, out);
	}
	/* A leg whose record is not here has streams all the same. */
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (is_subject(record, subject) &&
		    (!record->stream.leg ||
		     !dossier_find(dossier, RECORD_LEG, record->stream.leg)))
			out->streams[out->count++] = record;
	}
	move_worst_to_front(out);
	return true;
}

/* --- what of a leg was not seen ------------------------------------------------------- */

static bool belongs(const struct dossier *dossier, const struct record *leg, uint64_t id)
{
	(void)dossier;
	return id == 0 || leg->leg.id == id;
}

/* Which directions of an answered leg brought packets here; NULL: both, or none is due. */
static const char *missing_of(const struct dossier *dossier, const struct record *leg)
{
	bool seen[DIRECTION_COUNT] = { false };
	if (leg->leg.answered == NSTIME_NONE)
		return NULL;
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (record->kind == RECORD_STREAM &&
		    is_claimed_by(&record->stream, leg->leg.id))
			seen[record->stream.direction] = true;
	}
	if (seen[DIRECTION_FORWARD])
		return seen[DIRECTION_REVERSE] ? NULL : "no RTP from callee to caller";
	return seen[DIRECTION_REVERSE] ? "no RTP from caller to callee" : "no RTP";
}

/* --- the call ------------------------------------------------------------------------- */

/* No score tells of what did not come. */
static void add_one_way(const struct dossier *dossier, uint64_t only, struct buffer *to)
{
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *leg = &dossier->records[i];
		if (leg->kind != RECORD_LEG || !belongs(dossier, leg, only) ||
		    !leg->leg.one_way)
			continue;
		struct buffer audio = { 0 };
		text_add_audio(&audio, leg, false);
		buffer_add(to, text_trim(buffer_text(&audio)));
		buffer_add_string(to, "; ");
		to->failed |= audio.failed;
		buffer_free(&audio);
	}
}

static void add_why(const struct dossier *dossier, const struct ordered *streams,
                    uint64_t only, struct buffer *to)
{
	static const char *const directions[DIRECTION_COUNT] = {
		[DIRECTION_NONE] = "the worst stream",
		[DIRECTION_FORWARD] = "caller to callee",
		[DIRECTION_REVERSE] = "callee to caller",
	};
	struct explanation e;
	add_one_way(dossier, only, to);
	if (streams->count == 0) {
		buffer_add_string(to, "no stream was seen");
		return;
	}
	const struct stream_record *worst = &streams->streams[0]->stream;
	const struct record *leg = dossier_find(dossier, RECORD_LEG, worst->leg);
	explain_stream(streams->streams[0], &e);
	buffer_add_string(to, directions[worst->direction]);
	if (worst->leg && leg && dossier_find(dossier, RECORD_CALL, 0) &&
	    dossier_find(dossier, RECORD_CALL, 0)->call.legs.count > 1) {
		char id[ID_TEXT_SIZE];
		buffer_format(to, ", leg %.8s", id_format(leg->leg.id, id));
	}
	buffer_add_string(to, ": ");
	explain_add_why(worst, &e, to);
}

static void add_findings(const struct dossier *dossier, bool colour, struct buffer *to)
{
	bool any = false;
	for (size_t i = 0; i < dossier->count; i++) {
		if (dossier->records[i].kind != RECORD_FINDING)
			continue;
		buffer_add_string(to, "  ");
		text_add_finding(to, &dossier->records[i], colour);
		buffer_add_char(to, '\n');
		any = true;
	}
	if (any)
		buffer_add_char(to, '\n');
}

static void add_call_text(const struct dossier *dossier, struct explain_subject subject,
                          const struct ordered *streams, bool colour, struct buffer *to)
{
	char id[ID_TEXT_SIZE];
	const struct record *call = dossier_find(dossier, RECORD_CALL, subject.id);
	buffer_add_string(to, text_style(STYLE_BOLD, colour));
	if (subject.kind == RECORD_CALL && call)
		text_add_call(to, &call->call);
	else
		buffer_format(to, "%s %s", record_kind_names[subject.kind],
		              id_format(subject.id, id));
	buffer_add_string(to, "\n  ");
	add_why(dossier, streams, subject.kind == RECORD_LEG ? subject.id : 0, to);
	buffer_format(to, "%s\n\n", text_style(STYLE_PLAIN, colour));
	add_findings(dossier, colour, to);
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *leg = &dossier->records[i];
		if (leg->kind != RECORD_LEG ||
		    !belongs(dossier, leg, subject.kind == RECORD_LEG ? subject.id : 0))
			continue;
		buffer_format(to, "  leg %s  ", id_format(leg->leg.id, id));
		text_add_outcome(to, leg, colour);
		buffer_add_string(to, "\n      ");
		text_add_signalling(to, leg);
		text_add_facts(to, leg);
		text_add_audio(to, leg, colour);
		const char *missing = missing_of(dossier, leg);
		if (missing)
			buffer_format(to, "\n      not seen here: %s", missing);
		buffer_add_char(to, '\n');
	}
	buffer_add_char(to, '\n');
}

static bool is_any(const struct dossier *dossier, const struct record *record, uint64_t id)
{
	(void)dossier;
	(void)record;
	(void)id;
	return true;
}

static bool is_claim_of_none(const struct dossier *dossier, const struct record *report,
                             uint64_t none)
{
	(void)none;
	return !report->report.stream ||
	       !dossier_find(dossier, RECORD_STREAM, report->report.stream);
}

static void add_missing_json(const struct dossier *dossier, uint64_t only,
                             struct buffer *to)
{
	char id[ID_TEXT_SIZE];
	bool first = true;
	json_add_name(to, "not_seen");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *leg = &dossier->records[i];
		if (leg->kind != RECORD_LEG || !belongs(dossier, leg, only))
			continue;
		const char *missing = missing_of(dossier, leg);
		if (!missing)
			continue;
		buffer_format(to, "%s{\"leg\":\"%s\",\"what\":\"%s\"}", first ? "" : ",",
		              id_format(leg->leg.id, id), missing);
		first = false;
	}
	buffer_add_char(to, ']');
}

static void add_call_json(const struct dossier *dossier, struct explain_subject subject,
                          const struct ordered *streams, struct buffer *to)
{
	const uint64_t only = subject.kind == RECORD_LEG ? subject.id : 0;
	struct buffer why = { 0 };
	char id[ID_TEXT_SIZE];
	add_why(dossier, streams, only, &why);
	buffer_format(to, "{\"kind\":\"explanation_of_%s\",\"id\":\"%s\",\"why\":",
	              record_kind_names[subject.kind], id_format(subject.id, id));
	display_json(to, buffer_text(&why));
	to->failed |= why.failed;
	buffer_free(&why);
	json_add_name(to, "streams");
	for (size_t i = 0; i < streams->count; i++)
		buffer_format(to, "%c\"%s\"", i ? ',' : '[',
		              id_format(streams->streams[i]->stream.id, id));
	buffer_add_string(to, streams->count ? "]" : "[]");
	explain_json_members(dossier, RECORD_LEG, "legs", belongs, only, to);
	add_missing_json(dossier, only, to);
	explain_json_members(dossier, RECORD_FINDING, "findings", is_any, 0, to);
	explain_json_members(dossier, RECORD_REPORT, "claims", is_claim_of_none, 0, to);
	buffer_add_string(to, "}\n");
}

void explain_subject(struct dossier *dossier, struct explain_subject subject,
                     struct explain_style style, struct buffer *to)
{
	const bool json = style.mode == PRINT_JSON;
	struct ordered streams;
	dossier_sort(dossier);
	if (!order_streams(dossier, subject, &streams)) {
		to->failed = true;
		return;
	}
	if (subject.kind != RECORD_STREAM && json)
		add_call_json(dossier, subject, &streams, to);
	else if (subject.kind != RECORD_STREAM)
		add_call_text(dossier, subject, &streams, style.colour, to);
	for (size_t i = 0; i < streams.count; i++) {
		struct explanation e;
		explain_stream(streams.streams[i], &e);
		if (json)
			explain_add_json(streams.streams[i], &e, dossier, to);
		else
			explain_add_text(streams.streams[i], &e, dossier, to, style.colour);
	}
	if (subject.kind == RECORD_CALL && !json)
		explain_text_claims(
		        dossier, "claims of endpoints about no stream that was seen here\n",
		        is_claim_of_none, 0, to);
	free(streams.streams);
}
