/* keeper_batch.c - when what was taken is committed, and where it waits when it cannot be.
 */
#include "probe/keeper.h"

#include <err.h>
#include <string.h>

#include "schema/utf8.h"

/* A commit is due when the first record of the batch is so old, or with so many. */
#define COMMIT_AFTER (900 * NS_PER_MS)
#define RETRY_FIRST (200 * NS_PER_MS)
#define RETRY_MOST (5 * NS_PER_SEC)
#define SPILL_RETRY NS_PER_SEC
/* At the end there are many at once: in few batches the same pages are written less often.
 */
enum { COMMIT_RECORDS = 500, LAST_RECORDS = 1000 };
/* So much can be kept at once while the engine ends; more has to wait elsewhere. */
#define AT_LEISURE ((size_t)512 << 10)

/* --- what befell the probe ------------------------------------------------------------ */

void keeper_note(struct keeper *k, const struct control *event)
{
	const size_t place = k->recent_count % KEEPER_RECENT;
	if (event->what < LIVE_WHAT_COUNT) {
		k->recent[place].what = (enum live_what)event->what;
		k->recent[place].at = event->at;
		text_copy(k->recent[place].subject, sizeof k->recent[place].subject,
		          text_from(event->text));
		k->recent_count++;
	}
	if (k->event_count < KEEPER_EVENTS)
		k->events[k->event_count++] = *event;
}

static enum status add_events(struct keeper *k)
{
	enum status status = OK;
	while (status == OK && k->events_added < k->event_count) {
		const struct control *noted = &k->events[k->events_added];
		const struct live_event event = {
			.what = (enum live_what)noted->what,
			.at = noted->at,
			.until = noted->until,
			.subject = noted->text[0] ? noted->text : NULL,
			.count = noted->number,
		};
		status = store_live_event(k->live, &event);
		k->events_added += status == OK;
	}
	return status;
}

/* How long records had to wait. */
static void note_wait(struct keeper *k)
{
	struct control event = { .what = LIVE_STORE_WAITED,
		                 .at = k->failing_since,
		                 .until = monitor_now() };
	text_copy(event.text, sizeof event.text, text_from(live_trouble_names[k->trouble]));
	keeper_note(k, &event);
}

/* --- where they are from -------------------------------------------------------------- */

enum keeper_source keeper_source(const struct keeper *k)
{
	return spill_is_empty(&k->spill) ? KEEPER_LINK : KEEPER_SPILL;
}

struct link_receiver *keeper_receiver(struct keeper *k)
{
	return keeper_source(k) == KEEPER_SPILL ? &k->spill.in : &k->link;
}

void keeper_note_spill_lost(struct keeper *k)
{
	const struct control event = { .what = LIVE_SPILL_LOST,
		                       .at = monitor_now(),
		                       .until = NSTIME_NONE };
	warnx("keeper: what waited beside the database cannot be read");
	keeper_note(k, &event);
}

static void note_spilled_account(struct keeper *k, const struct link_frame *frame)
{
	struct link_account said;
	if (!link_read_account(frame->body, &said) || !utf8_valid(text_of(frame->tail)))
		return; /* whoever reads it back will say so */
	k->spilled_frames = said.frames;
	k->spilled_account.len = 0;
	buffer_add(&k->spilled_account, text_of(frame->tail));
}

enum status keeper_add_spilled_account(struct keeper *k)
{
	const bool same = k->greeted && k->hello_len &&
	                  memcmp(k->hello + LINK_HEAD, k->engine, LINK_ENGINE_ID) == 0;
	const struct live_account account = {
		.ahead = true,
		.frames = k->spilled_frames,
		.at = monitor_now(),
		.summary = buffer_text(&k->spilled_account),
	};
	if (!same || k->failing || !account.summary.len || k->spilled_account.failed)
		return OK;
	const enum status status = store_live_account(k->live, &account);
	return status == OK ? store_live_commit(k->live) : status;
}

/* Whole frames from where the link was kept to; their last number, and whether there is a
 * hello among them, which is copied.  False: they make no sense. */
static bool measure(struct keeper *k, struct span *frames, uint64_t *number)
{
	struct link_frame frame;
	enum status status;
	link_receiver_rewind(&k->link);
	while ((status = link_receiver_next(&k->link, &frame)) == OK) {
		*number = frame.number > *number ? frame.number : *number;
		if (frame.kind == LINK_HELLO && frame.tail.len == 0) {
			memcpy(k->hello, frame.body.at - LINK_HEAD,
			       LINK_HEAD + frame.body.len);
			k->hello_len = LINK_HEAD + frame.body.len;
			k->spilled_account.len = 0;
		} else if (frame.kind == LINK_ACCOUNT) {
			note_spilled_account(k, &frame);
		}
	}
	*frames = (struct span){ k->link.bytes + k->link.kept_to,
		                 k->link.read_to - k->link.kept_to };
	return status == ERR_NOT_FOUND;
}

static enum status spill(struct keeper *k, struct span frames, bool with_hello)
{
	const struct span hello = { k->hello, k->hello_len };
	enum status status = OK;
	if (with_hello && k->hello_len)
		status = spill_add(&k->spill, hello);
	return status == OK ? spill_add(&k->spill, frames) : status;
}

void keeper_spill_over(struct keeper *k)
{
	struct span frames;
	uint64_t number = 0;
	const bool first = spill_is_empty(&k->spill);
	const uint8_t *begin = k->link.bytes + k->link.kept_to;
	const bool must =
	        k->stopping || k->link.ended || link_receiver_is_filling_up(&k->link);
	/* An engine that ends has a lot to say, and is not there for long. */
	const bool late = k->stopping && monitor_clock() >= k->stop_at;
	const bool hurry =
	        k->ending && (late || k->link.filled - k->link.kept_to > AT_LEISURE);
	if (k->spill.fd < 0 || (first && !(k->failing && must) && !hurry))
		return;
	if (k->batch && first)
		keeper_commit(k);
	if (monitor_clock() < k->spill_retry_at || k->link.kept_to == k->link.filled)
		return;
	/* What is there may begin with a hello itself. */
	const bool has_hello = k->link.filled - k->link.kept_to > LINK_HEAD &&
	                       begin[sizeof(uint32_t) + 1] == LINK_HELLO;
	if (!measure(k, &frames, &number)) {
		keeper_accuse_engine(k);
		return;
	}
	if (frames.len == 0)
		return;
	if (first && !k->ending)
		warnx("keeper: records go to %s.spill", k->options->db);
	if (spill(k, frames, first && !has_hello) != OK) {
		link_receiver_rewind(&k->link);
		k->spill_retry_at = monitor_clock() + SPILL_RETRY;
		return;
	}
	link_receiver_kept(&k->link);
	link_receiver_tell(&k->link, number);
}

/* --- batches -------------------------------------------------------------------------- */

void keeper_put_off(struct keeper *k)
{
	monitor_web_not_kept(k->web);
	k->trouble = store_live_trouble(k->live);
	if (!k->failing) {
		warnx("keeper: %s; what comes is held", store_live_error(k->live));
		k->retry_in = RETRY_FIRST;
		k->failing_since = monitor_now();
	} else {
		k->retry_in = 2 * k->retry_in < RETRY_MOST ? 2 * k->retry_in : RETRY_MOST;
	}
	k->failing = true;
	k->retry_at = monitor_clock() + k->retry_in;
	k->batch = k->events_added = 0;
	k->trunks_added = false;
	keeper_alerts_undone(&k->alerts);
	keeper_notices_undone(&k->notices);
	keeper_calls_undone(&k->calls);
	link_receiver_rewind(keeper_receiver(k));
	if (k->trouble == LIVE_DAMAGED)
		keeper_replace_store(k);
}

bool keeper_is_waiting(const struct keeper *k)
{
	return k->failing && monitor_clock() < k->retry_at;
}

size_t keeper_batch_most(const struct keeper *k)
{
	return k->ending ? LAST_RECORDS : COMMIT_RECORDS;
}

void keeper_done(struct keeper *k)
{
	const nstime waited = k->batch ? monitor_clock() - k->batch_at : 0;
	k->lag = waited > k->lag ? waited : k->lag;
	monitor_web_kept(k->web);
	k->batch = 0;
	memmove(k->events, k->events + k->events_added,
	        (k->event_count - k->events_added) * sizeof *k->events);
	k->event_count -= k->events_added;
	k->events_added = 0;
	for (size_t i = 0; i < k->alerts.added; i++)
		monitor_web_alert(k->web, &k->alerts.waiting[i]);
	keeper_alerts_kept(&k->alerts);
	keeper_notices_kept(&k->notices);
	keeper_calls_kept(&k->calls, &k->notices, k->options->db, monitor_web_key(k->web));
	if (k->trunks_added)
		k->trunks_changed = k->trunks_added = false;
	if (k->failing) {
		warnx("keeper: %s: goes on", k->options->db);
		note_wait(k);
	}
	k->failing = false;
	if (keeper_source(k) == KEEPER_SPILL) {
		spill_kept(&k->spill);
	} else {
		link_receiver_kept(&k->link);
		if (k->greeted)
			link_receiver_tell(&k->link, store_live_durable(k->live));
	}
}

static enum status add_trunks(struct keeper *k)
{
	if (!k->trunks_changed || k->trunks_added || !k->greeted)
		return OK;
	const enum status status = store_live_trunks(k->live, k->alerts.config->trunks);
	k->trunks_added = status == OK;
	return status;
}

enum status keeper_add_waiting(struct keeper *k)
{
	enum status status = add_events(k);
	if (status == OK)
		status = add_trunks(k);
	if (status == OK && k->greeted)
		status = keeper_alerts_add(&k->alerts, k->live, &k->notices);
	return status == OK ? keeper_notices_forget(&k->notices, k->live) : status;
}

void keeper_commit(struct keeper *k)
{
	enum status status = keeper_add_waiting(k);
	if (status == OK)
		status = store_live_commit(k->live);
	if (status == OK)
		keeper_done(k);
	else
		keeper_put_off(k);
}

bool keeper_commit_is_due(const struct keeper *k)
{
	const bool ends = k->stopping || k->link.ended;
	const bool news = k->greeted && (k->alerts.count || k->trunks_changed);
	return k->batch >= keeper_batch_most(k) ||
	       ((k->event_count || news || k->forgetting) && !k->batch) ||
	       (k->batch && (!link_receiver_has_room(&k->link) || ends ||
	                     keeper_source(k) == KEEPER_SPILL ||
	                     monitor_clock() - k->batch_at >= COMMIT_AFTER));
}
