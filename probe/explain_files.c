#include "probe/explain_files.h"

#include <err.h>
#include <stdlib.h>

#include "probe/options.h"
#include "probe/pipeline.h"
#include "probe/read_capture.h"
#include "probe/source.h"
#include "schema/field_text.h"

enum { BUCKETS = 1 << 12, KEPT_MAX = OPTIONS_NAMES_SHOWN + 1 };

/* What waits, under the id of its call or, without one, of its stream. */
struct waiting {
	struct waiting *next;
	uint64_t id;
	struct dossier dossier;
};

/* Dossiers with something in them that is called as was asked; the same may be twice. */
struct matches {
	struct found found[KEPT_MAX];
	size_t count;
};

struct gathering {
	const struct explain_files *asked;
	struct waiting *buckets[BUCKETS]; /* owned */
	struct matches by_call_id, by_id;
	struct dossier kept; /* all records of all that matched */
	size_t explained;    /* calls, and streams of none */
	bool failed;         /* memory, or standard output */
};

/* --- waiting -------------------------------------------------------------------------- */

/* Ids are hashes already. */
static struct waiting **place_of(struct gathering *g, uint64_t id)
{
	struct waiting **link = &g->buckets[id % BUCKETS];
	while (*link && (*link)->id != id)
		link = &(*link)->next;
	return link;
}

static void hold(struct gathering *g, uint64_t id, const struct record *record)
{
	struct waiting **place = place_of(g, id);
	if (!*place) {
		*place = calloc(1, sizeof **place);
		if (!*place) {
			g->failed = true;
			return;
		}
		(*place)->id = id;
	}
	dossier_add(&(*place)->dossier, record);
}

/* Moves what waits under that id behind *to. */
static void take_out(struct gathering *g, uint64_t id, struct dossier *to)
{
	struct waiting **place = place_of(g, id);
	struct waiting *taken = *place;
	if (!taken)
		return;
	*place = taken->next;
	dossier_move(to, &taken->dossier);
	free(taken);
}

/* --- what it is called ---------------------------------------------------------------- */

static bool id_begins(uint64_t id, const char *wanted)
{
	char digits[ID_TEXT_SIZE];
	return text_starts_nocase(text_from(id_format(id, digits)), text_from(wanted));
}

static void add_match(struct matches *matches, enum record_kind kind, uint64_t id,
                      uint64_t call)
{
	for (size_t i = 0; i < matches->count; i++) {
		if (matches->found[i].kind == kind && matches->found[i].id == id)
			return;
	}
	if (matches->count < KEPT_MAX)
		matches->found[matches->count++] = (struct found){ kind, id, call, 0 };
}

static uint64_t call_of(const struct record *record)
{
	return record->kind == RECORD_STREAM    ? record->stream.call
	       : record->kind == RECORD_LEG     ? record->leg.call
	       : record->kind == RECORD_REPORT  ? record->report.call
	       : record->kind == RECORD_FINDING ? record->finding.call
	                                        : record->call.id;
}

/* Is anything in it called so?  A Call-ID too long to be kept whole: as it is shown. */
static bool note_matches(struct gathering *g, const struct dossier *dossier)
{
	const char *wanted = g->asked->wanted;
	const struct text call_id = text_head(text_from(wanted), RECORD_TEXT - 1);
	bool any = false;
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		const uint64_t call = call_of(record);
		if (record->kind == RECORD_LEG &&
		    text_equal(text_from(record->leg.sip_call_id), call_id)) {
			add_match(&g->by_call_id, RECORD_CALL, call, call);
			any = true;
		}
		if (record->kind != RECORD_REPORT && record->kind != RECORD_FINDING &&
		    id_begins(record_id(record), wanted)) {
			add_match(&g->by_id, record->kind, record_id(record), call);
			any = true;
		}
	}
	return any;
}

/* --- a dossier that is complete ------------------------------------------------------- */

static void explain(struct gathering *g, struct dossier *dossier,
                    struct explain_subject subject)
{
	struct buffer out = { 0 };
	g->explained++;
	explain_subject(dossier, subject, g->asked->style, &out);
	g->failed |= dossier->no_memory || !buffer_write(&out, stdout);
	buffer_free(&out);
}

static void close_dossier(struct gathering *g, struct dossier *dossier)
{
	if (dossier->count > 0 && !g->asked->wanted) {
		const struct record *stream = dossier_find(dossier, RECORD_STREAM, 0);
		const uint64_t call = call_of(&dossier->records[0]);
		if (call)
			explain(g, dossier, (struct explain_subject){ RECORD_CALL, call });
		else if (stream)
			explain(g, dossier,
			        (struct explain_subject){ RECORD_STREAM,
			                                  stream->stream.id });
	} else if (dossier->count > 0 && note_matches(g, dossier)) {
		dossier_move(&g->kept, dossier);
	}
	dossier_free(dossier);
}

/* What waits under that id, and the reports that came before their stream had a call. */
static void complete(struct gathering *g, uint64_t id, const struct id_list *aliases)
{
	struct dossier dossier = { 0 };
	take_out(g, id, &dossier);
	for (uint8_t i = 0; aliases && i < aliases->count; i++)
		take_out(g, aliases->ids[i], &dossier);
	for (size_t i = 0; i < dossier.count; i++) {
		if (dossier.records[i].kind == RECORD_STREAM)
			take_out(g, dossier.records[i].stream.id, &dossier);
	}
	/* Reports may be older than what their call is called. */
	for (size_t i = 0; aliases && i < dossier.count; i++)
		if (dossier.records[i].kind == RECORD_REPORT)
			dossier.records[i].report.call = id;
	close_dossier(g, &dossier);
}

static void accept_record(void *self, const struct record *record)
{
	struct gathering *g = self;
	if (record->kind != RECORD_STREAM && record->kind != RECORD_LEG &&
	    record->kind != RECORD_REPORT && record->kind != RECORD_FINDING &&
	    record->kind != RECORD_CALL)
		return;
	const uint64_t call = call_of(record);
	const uint64_t stream = record->kind == RECORD_STREAM   ? record->stream.id
	                        : record->kind == RECORD_REPORT ? record->report.stream
	                                                        : 0;
	if (call || stream)
		hold(g, call ? call : stream, record);
	if (record->kind == RECORD_CALL || (record->kind == RECORD_STREAM && !call))
		complete(g, call ? call : stream,
		         record->kind == RECORD_CALL ? &record->call.aliases : NULL);
}

/* Streams and reports that came after the record of their call. */
static void complete_rest(struct gathering *g)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (g->buckets[i])
			complete(g, g->buckets[i]->id, NULL);
	}
}

/* --- the run -------------------------------------------------------------------------- */

static bool gather(struct gathering *g)
{
	const struct sink sink = { accept_record, g };
	const struct pipeline_options setup = { .settings = g->asked->settings,
		                                .sink = &sink };
	char error[PIPELINE_ERROR_SIZE];
	struct pipeline *pipeline = NULL;
	struct source *source = NULL;
	struct source_error trouble = { "" };
	bool whole = false;
	if (source_open_files(g->asked->files, g->asked->file_count, &source, &trouble) !=
	    OK) {
		warnx("%s", trouble.text);
	} else if (pipeline_new(&setup, &pipeline, error) != OK) {
		warnx("memory ran out");
	} else {
		whole = read_capture(source, pipeline, g->asked->progress);
		pipeline_finish(pipeline);
		complete_rest(g);
	}
	pipeline_free(pipeline);
	source_close(source);
	return whole;
}

/* The records of that call, or of that stream, out of all that matched. */
static void explain_match(struct gathering *g, const struct found *found)
{
	struct dossier dossier = { 0 };
	for (size_t i = 0; i < g->kept.count; i++) {
		const struct record *record = &g->kept.records[i];
		const uint64_t call = call_of(record);
		const bool of_stream = record_id(record) == found->id ||
		                       (record->kind == RECORD_REPORT &&
		                        record->report.stream == found->id);
		if (found->call ? call == found->call : of_stream)
			dossier_add(&dossier, record);
	}
	explain(g, &dossier, (struct explain_subject){ found->kind, found->id });
	dossier_free(&dossier);
}

static bool explain_wanted(const char *command, struct gathering *g)
{
	const struct matches *matches = g->by_call_id.count ? &g->by_call_id : &g->by_id;
	const char *wanted = g->asked->wanted;
	if (matches->count == 1)
		explain_match(g, &matches->found[0]);
	else if (matches->count == 0)
		warnx("%s: nothing is called '%s' here", command, wanted);
	else
		options_warn_ambiguous(command, wanted, matches->found, matches->count);
	return matches->count == 1;
}

int explain_files(const char *command, const struct explain_files *asked)
{
	struct gathering *g = calloc(1, sizeof *g);
	if (!g) {
		warnx("%s: out of memory", command);
		return EXIT_FAILURE;
	}
	g->asked = asked;
	bool done = gather(g);
	if (asked->wanted)
		done &= explain_wanted(command, g);
	if (g->failed)
		warnx("%s: out of memory or the output is closed", command);
	else if (g->explained == 0 && done)
		warnx("%s: no call and no stream here", command);
	done &= !g->failed;
	dossier_free(&g->kept);
	free(g);
	return done ? options_flush_stdout() : EXIT_FAILURE;
}
