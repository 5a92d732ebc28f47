#include "probe/pipeline.h"

#include <stdlib.h>

#include "probe/pipeline_threads.h"
#include "probe/redact.h"

struct pipeline {
	struct front *front;              /* owned */
	struct back back;                 /* owns its parts */
	struct pipeline_threads *threads; /* owned; NULL: there are none */
	struct packet_batch *batch;       /* owned; without threads */
	struct source_room room;          /* with threads */
	struct redact redact;             /* owns its room */
	struct sink redacting;
	bool redacts; /* what the analyzer says goes through it */
};

/* --- without threads ------------------------------------------------------------------ */

static struct packet_batch *take_batch(void *self, struct packet_batch *batch)
{
	back_take(&((struct pipeline *)self)->back, batch);
	packet_batch_clear(batch);
	return batch;
}

static enum status new_batch(struct pipeline *p)
{
	p->batch = malloc(sizeof *p->batch);
	return p->batch ? packet_batch_init(p->batch, ANALYZER_BATCH, false) : ERR_NOMEM;
}

/* --- with threads --------------------------------------------------------------------- */

static uint8_t *next_room(void *self)
{
	const struct pipeline *p = self;
	uint8_t *room;
	while (!(room = pipeline_threads_next_room(p->threads)))
		front_flush(p->front);
	return room;
}

/* --- its life ------------------------------------------------------------------------- */

static enum status build(struct pipeline *p, const struct pipeline_options *options,
                         char *error)
{
	enum status status = redact_room_new(&p->redact.room);
	const struct sink *sink = options->sink;
	struct front_outlet outlet = { take_batch, p };
	struct packet_batch *first;
	if (status == OK && options->workers > 1) {
		status = pipeline_threads_new(sink, options->workers > 2, &p->threads);
		if (status != OK)
			return status;
		p->room = (struct source_room){ next_room, p };
		sink = pipeline_threads_sink(p->threads);
		first = pipeline_threads_first(p->threads);
		outlet = pipeline_threads_outlet(p->threads);
	} else {
		if (status == OK)
			status = new_batch(p);
		first = p->batch;
	}
	p->redacts = options->settings.redact;
	p->redact.to = sink;
	p->redacting = redact_sink(&p->redact);
	if (status == OK)
		status = front_new(options, &outlet, first, &p->front, error);
	if (status == OK)
		status = back_init(&p->back, options, p->redacts ? &p->redacting : sink);
	if (status == OK && p->threads)
		status = pipeline_threads_begin(p->threads, &p->back);
	return status;
}

enum status pipeline_new(const struct pipeline_options *options, struct pipeline **out,
                         char error[PIPELINE_ERROR_SIZE])
{
	error[0] = '\0';
	struct pipeline *p = calloc(1, sizeof *p);
	if (!p)
		return ERR_NOMEM;
	const enum status status = build(p, options, error);
	if (status != OK) {
		pipeline_free(p);
		return status;
	}
	*out = p;
	return OK;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	pipeline_threads_free(pipeline->threads);
	front_free(pipeline->front);
	back_free(&pipeline->back);
	redact_room_free(pipeline->redact.room);
	free(pipeline->batch);
	free(pipeline);
}

/* --- frames --------------------------------------------------------------------------- */

const struct source_room *pipeline_room(const struct pipeline *pipeline)
{
	return pipeline->threads ? &pipeline->room : NULL;
}

void pipeline_frames(struct pipeline *pipeline, const struct frame *frames, size_t count)
{
	front_frames(pipeline->front, frames, count);
}

void pipeline_advance(struct pipeline *pipeline, nstime now)
{
	front_advance(pipeline->front, now);
}

void pipeline_note_dropped(struct pipeline *pipeline, uint64_t frames)
{
	front_note_dropped(pipeline->front, frames);
}

/* --- what is told --------------------------------------------------------------------- */

/* From here on until the next frames, the back is at rest. */
static const struct analyzer *settled(const struct pipeline *p)
{
	if (p->threads) {
		front_flush(p->front);
		pipeline_threads_settle(p->threads);
	}
	return p->back.analyzer;
}

void pipeline_snapshot(const struct pipeline *pipeline, nstime since,
                       const struct sink *sink)
{
	struct redact redact = { .to = sink, .room = pipeline->redact.room };
	const struct sink redacting = redact_sink(&redact);
	analyzer_snapshot(settled(pipeline), since, pipeline->redacts ? &redacting : sink);
}

void pipeline_checkpoint(const struct pipeline *pipeline, uint32_t part, uint32_t parts,
                         const struct sink *sink)
{
	struct redact redact = { .to = sink, .room = pipeline->redact.room };
	const struct sink redacting = redact_sink(&redact);
	analyzer_checkpoint(settled(pipeline), part, parts,
	                    pipeline->redacts ? &redacting : sink);
}

nstime pipeline_oldest(const struct pipeline *pipeline)
{
	return analyzer_oldest(settled(pipeline));
}

void pipeline_set_trunks(struct pipeline *pipeline, const struct trunks *trunks,
                         const struct number_plan *numbers)
{
	(void)settled(pipeline);
	analyzer_set_trunks(pipeline->back.analyzer, trunks, numbers);
}

enum status pipeline_set_points(struct pipeline *pipeline, const struct settings *settings)
{
	(void)settled(pipeline);
	analyzer_set_points(pipeline->back.analyzer, settings);
	return front_set_points(pipeline->front, settings);
}

enum status pipeline_expect_hep(struct pipeline *pipeline)
{
	return front_expect_hep(pipeline->front);
}

void pipeline_finish(struct pipeline *pipeline)
{
	front_finish(pipeline->front);
	(void)settled(pipeline);
}

struct summary pipeline_summary(const struct pipeline *pipeline)
{
	struct summary summary = { 0 };
	(void)settled(pipeline);
	back_add_summary(&pipeline->back, &summary);
	front_add_summary(pipeline->front, &summary);
	return summary;
}

struct frame_tally pipeline_tally(const struct pipeline *pipeline)
{
	struct frame_tally tally = front_tally(pipeline->front);
	back_add_tally(&pipeline->back, &tally);
	return tally;
}

struct pipeline_depth pipeline_depth(const struct pipeline *pipeline)
{
	return pipeline->threads ? pipeline_threads_depth(pipeline->threads)
	                         : (struct pipeline_depth){ 0 };
}

nstime pipeline_latest(const struct pipeline *pipeline)
{
	return front_latest(pipeline->front);
}

void pipeline_digest(const struct pipeline *pipeline, uint8_t digest[16])
{
	front_digest(pipeline->front, digest);
}
