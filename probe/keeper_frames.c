/* keeper_frames.c - what the engine says, checked, into the batch. */
#include <err.h>
#include <string.h>

#include "probe/keeper.h"
#include "probe/version.h"
#include "schema/utf8.h"

enum status keeper_begin_run(struct keeper *k)
{
	const struct config *config = k->alerts.config;
	struct kpi_zone zone;
	uint64_t durable;
	if (config->settings.local_time)
		kpi_zone_of(config->time_zone, config->settings.local_time, &zone);
	struct live_run run = {
		.sensor = config->settings.sensor,
		.program = EARSHOT_VERSION,
		.options = k->run_options,
		.watching = k->options->watch != NULL,
		.trunks = config->trunks,
		.zone = config->settings.local_time ? &zone : NULL,
	};
	memcpy(run.engine, k->engine, sizeof run.engine);
	return store_live_begin(k->live, &run, monitor_now(), &durable);
}

/* The run may have been another keeper's before: what that has noted is not noted twice. */
static enum status recall_account(struct keeper *k)
{
	struct link_account *then = &k->account_then;
	int64_t sums[LIVE_SUMS] = { 0 };
	enum status status = store_live_health_so_far(k->live, NULL, sums);
	then->frames = (uint64_t)sums[LIVE_FRAMES];
	then->parsed = (uint64_t)sums[LIVE_PARSED];
	then->not_ours = (uint64_t)sums[LIVE_NOT_OURS];
	then->malformed = (uint64_t)sums[LIVE_MALFORMED];
	then->dropped = (uint64_t)sums[LIVE_DROPPED];
	then->capture_lost = (uint64_t)sums[LIVE_CAPTURE_LOST];
	for (size_t i = 0; status == OK && i < k->interface_count; i++) {
		status = store_live_health_so_far(k->live, k->interfaces[i].name, sums);
		then->kernel_dropped[i] = (uint64_t)sums[LIVE_KERNEL_DROPPED];
		then->kernel_received[i] =
		        (uint64_t)sums[LIVE_FRAMES] + then->kernel_dropped[i];
	}
	for (size_t i = 0; status == OK && i < LINK_LOSS_COUNT; i++) {
		status = store_live_events_so_far(k->live, LIVE_NOT_KEPT, link_loss_name(i),
		                                  &k->not_kept[i]);
		then->not_kept[i] = k->not_kept[i];
	}
	k->account_now = *then;
	return status;
}

/*
 * ERR_MALFORMED: no engine of ours says that; others: the database does not take it.  One
 * says hello once for each stream; in the spill it stands in front of each part.  The
 * batch is empty.
 */
static enum status take_hello(struct keeper *k, const struct link_frame *frame)
{
	struct reader r = reader_of(frame->body);
	const struct span id = take(&r, LINK_ENGINE_ID);
	const struct text said = text_of(r.rest);
	enum status status = OK;
	if (r.ran_out || frame->tail.len || !utf8_valid(said) ||
	    text_find(said, '\0') < said.len)
		return ERR_MALFORMED;
	const bool same = k->greeted && memcmp(id.at, k->engine, LINK_ENGINE_ID) == 0;
	if (k->greeted && !same)
		status = keeper_end_run(k, 0); /* it died while its records waited */
	if (status != OK)
		return status;
	if (keeper_source(k) == KEEPER_LINK) {
		memcpy(k->hello, frame->body.at - LINK_HEAD, LINK_HEAD + frame->body.len);
		k->hello_len = LINK_HEAD + frame->body.len;
	}
	if (!same) {
		memset(k->not_kept, 0, sizeof k->not_kept);
		k->account_now = k->account_then = (struct link_account){ .frames = 0 };
		k->greeted = false;
		memcpy(k->engine, id.at, LINK_ENGINE_ID);
		text_copy(k->run_options, sizeof k->run_options, said);
		status = keeper_begin_run(k);
		if (status == OK)
			status = recall_account(k);
	}
	if (status != OK)
		return status;
	if (!same)
		monitor_web_greet(k->web);
	if (!same)
		keeper_alerts_greet(&k->alerts, store_live_durable(k->live));
	k->greeted = true;
	k->ended = false;
	keeper_done(k);
	return OK;
}

static void note_not_kept(struct keeper *k, size_t loss, uint64_t count)
{
	struct control event = { .what = LIVE_NOT_KEPT,
		                 .at = monitor_now(),
		                 .until = NSTIME_NONE };
	if (count <= k->not_kept[loss])
		return;
	const uint64_t more = count - k->not_kept[loss];
	k->not_kept[loss] = count;
	event.number = more > UINT32_MAX ? UINT32_MAX : (uint32_t)more;
	text_copy(event.text, sizeof event.text, text_from(link_loss_name(loss)));
	keeper_note(k, &event);
}

static enum status take_account(struct keeper *k, const struct link_frame *frame)
{
	struct link_account said;
	if (!link_read_account(frame->body, &said) || !utf8_valid(text_of(frame->tail)))
		return ERR_MALFORMED;
	for (size_t i = 0; i < LINK_LOSS_COUNT; i++)
		note_not_kept(k, i, said.not_kept[i]);
	k->account_now = said;
	if (said.queue_most_bytes > k->queue_most)
		k->queue_most = said.queue_most_bytes;
	k->account.len = 0;
	buffer_add(&k->account, text_of(frame->tail));
	k->account_at = monitor_clock();
	keeper_alerts_account(&k->alerts, k->interfaces, k->interface_count,
	                      text_of(frame->tail), monitor_now());
	const struct live_account account = {
		.number = frame->number,
		.frames = said.frames,
		.at = monitor_now(),
		.summary = text_of(frame->tail),
	};
	return store_live_account(k->live, &account);
}

static enum status take_goodbye(struct keeper *k, const struct link_frame *frame)
{
	if (frame->number == 0)
		return ERR_MALFORMED;
	if (!k->ended)
		keeper_alerts_end(&k->alerts);
	k->ended = true;
	enum status status = keeper_add_waiting(k);
	if (status == OK)
		status = keeper_end_run(k, frame->number);
	if (status == OK) {
		keeper_done(k);
		k->greeted = false;
	}
	return status;
}

static enum status take_record(struct keeper *k, const struct link_frame *frame)
{
	struct record record;
	const bool over = !(frame->flags & LINK_NOT_OVER);
	if (record_wire_decode((enum record_kind)frame->kind, frame->body, &record) != OK)
		return ERR_MALFORMED;
	record.at = frame->at;
	record.tail = frame->tail;
	if (record.kind == RECORD_ALERT)
		return ERR_MALFORMED; /* these are made here */
	keeper_alerts_record(&k->alerts, frame->number, over, &record);
	const enum status status = store_live_add(k->live, frame->number, over, &record);
	if (status == OK)
		monitor_web_record(k->web, &record, over);
	if (status == OK && over)
		keeper_calls_record(&k->calls, &k->notices, &record);
	return status;
}

static enum status take_of_folder(struct keeper *k, const struct link_frame *frame,
                                  enum status status)
{
	struct control event = { .what = LIVE_FILE_DAMAGED,
		                 .at = monitor_now(),
		                 .until = NSTIME_NONE };
	if (status == OK && frame->kind == LINK_FILE_END && frame->tail.len) {
		text_copy(event.text, sizeof event.text, text_of(frame->tail));
		keeper_note(k, &event);
	}
	return status;
}

static enum status take_frame(struct keeper *k, const struct link_frame *frame)
{
	enum status status;
	if (frame->kind == LINK_HELLO)
		return take_hello(k, frame);
	if (!k->greeted || frame->number == 0)
		return ERR_MALFORMED;
	if (frame->kind == LINK_GOODBYE)
		return take_goodbye(k, frame);
	if (k->batch++ == 0)
		k->batch_at = monitor_clock();
	if (k->options->watch && keeper_watch_frame(k->live, frame, &status))
		return take_of_folder(k, frame, status);
	return frame->kind == LINK_ACCOUNT ? take_account(k, frame) : take_record(k, frame);
}

void keeper_accuse_engine(struct keeper *k)
{
	const struct control bad = { .kind = CONTROL_BAD_ENGINE };
	warnx("keeper: what the engine says makes no sense");
	if (k->control >= 0)
		(void)!control_send(k->control, &bad, -1);
	k->link.ended = true;
	k->link.filled = k->link.read_to;
}

/* What an engine said once, and was kept, is no reason to accuse the one of now. */
static void give_spill_up(struct keeper *k)
{
	keeper_note_spill_lost(k);
	k->spill.in.filled = k->spill.in.read_to;
	k->spill.next = k->spill.end;
	keeper_commit(k);
}

/* The next one; the batch ends before a hello and a goodbye, which are commits. */
static enum status next_frame(struct keeper *k, struct link_frame *frame)
{
	struct link_receiver *from = keeper_receiver(k);
	const size_t at = from->read_to;
	const enum status status = link_receiver_next(from, frame);
	if (status != OK || !k->batch || frame->kind != LINK_HELLO)
		return status;
	from->read_to = at;
	keeper_commit(k);
	return ERR_NOT_FOUND;
}

void keeper_take_frames(struct keeper *k)
{
	struct link_frame frame;
	const enum keeper_source source = keeper_source(k);
	enum status status = source == KEEPER_SPILL ? spill_fill(&k->spill) : OK;
	if (status != OK) {
		keeper_note_spill_lost(k);
		return;
	}
	while (k->batch < keeper_batch_most(k) && keeper_source(k) == source &&
	       (status = next_frame(k, &frame)) == OK &&
	       (status = take_frame(k, &frame)) == OK)
		;
	if (status == ERR_MALFORMED && source == KEEPER_SPILL)
		give_spill_up(k);
	else if (status == ERR_MALFORMED)
		keeper_accuse_engine(k);
	else if (status != OK && status != ERR_NOT_FOUND)
		keeper_put_off(k);
}

static bool has_more(struct link_receiver *from)
{
	struct link_frame frame;
	const size_t at = from->read_to;
	const bool more = link_receiver_next(from, &frame) == OK;
	from->read_to = at;
	return more;
}

bool keeper_link_has_more(struct keeper *k)
{
	return has_more(&k->link);
}

bool keeper_has_more(struct keeper *k)
{
	return k->spill.next < k->spill.end || has_more(keeper_receiver(k));
}
