/*
 * monitor_keeper.c - the keeper: what the engine tells, checked, into the database.
 *
 * Records lie in the receiver's memory until they are committed.  Where the database does
 * not take them (the disk is full, somebody else writes) they are looked at again from
 * there, a little later each time; meanwhile the stream fills up, and then the engine's
 * queue.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/keeper_watch.h"
#include "probe/monitor.h"
#include "probe/monitor_status.h"
#include "probe/record_link.h"
#include "probe/version.h"
#include "schema/store_live.h"
#include "schema/utf8.h"

/* A commit is due when the first record of the batch is so old, or with so many. */
#define COMMIT_AFTER (900 * NS_PER_MS)
#define RETRY_FIRST (200 * NS_PER_MS)
#define RETRY_MOST (5 * NS_PER_SEC)
enum { COMMIT_RECORDS = 500, EVENTS_MOST = 64, OPTIONS_SIZE = 4096 };

struct keeper {
	const struct monitor_options *options;
	int control; /* -1: the parent has gone */
	struct store_live *live;
	struct link_receiver link;
	int next_link; /* of the engine that took the place of the one before; -1 = none */
	bool greeted;  /* the engine has said who it is */
	bool stopping;
	nstime stop_at; /* monotonic: then it ends, whatever is left */

	struct keeper_watch watch;

	size_t batch;    /* records in it */
	nstime batch_at; /* monotonic; of the first */
	bool failing;    /* the database does not take it */
	nstime retry_at; /* monotonic; of failing */
	nstime retry_in;

	struct control events[EVENTS_MOST]; /* not committed yet */
	size_t event_count, events_added;
	uint64_t not_kept;           /* records, as the engine says */
	struct buffer account;       /* owned; the engine's last */
	nstime account_at, alive_at; /* monotonic; the latter: said so */
};

/* --- what befell the probe ------------------------------------------------------------ */

static void note_event(struct keeper *k, const struct control *event)
{
	if (k->event_count < EVENTS_MOST)
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

/* --- batches -------------------------------------------------------------------------- */

/* All since the last commit will be done again. */
static void put_off(struct keeper *k)
{
	if (!k->failing) {
		warnx("keeper: %s; what comes is held", store_live_error(k->live));
		k->retry_in = RETRY_FIRST;
	} else {
		k->retry_in = 2 * k->retry_in < RETRY_MOST ? 2 * k->retry_in : RETRY_MOST;
	}
	k->failing = true;
	k->retry_at = monitor_clock() + k->retry_in;
	k->batch = k->events_added = 0;
	link_receiver_rewind(&k->link);
}

static bool is_waiting(const struct keeper *k)
{
	return k->failing && monitor_clock() < k->retry_at;
}

static void done(struct keeper *k)
{
	if (k->failing)
		warnx("keeper: %s: goes on", k->options->db);
	k->failing = false;
	k->batch = 0;
	memmove(k->events, k->events + k->events_added,
	        (k->event_count - k->events_added) * sizeof *k->events);
	k->event_count -= k->events_added;
	k->events_added = 0;
	link_receiver_kept(&k->link);
	if (k->greeted)
		link_receiver_tell(&k->link, store_live_durable(k->live));
}

static void commit(struct keeper *k)
{
	enum status status = add_events(k);
	if (status == OK)
		status = store_live_commit(k->live);
	if (status == OK)
		done(k);
	else
		put_off(k);
}

static bool commit_is_due(const struct keeper *k)
{
	return k->batch >= COMMIT_RECORDS ||
	       (k->batch && !link_receiver_has_room(&k->link)) ||
	       (k->batch && monitor_clock() - k->batch_at >= COMMIT_AFTER) ||
	       (k->event_count && !k->batch) ||
	       (k->batch && (k->stopping || k->link.ended));
}

/* --- the engine's frames -------------------------------------------------------------- */

/* ERR_MALFORMED: no engine of ours says that; others: the database does not take it. */
static enum status take_hello(struct keeper *k, const struct link_frame *frame)
{
	char options[OPTIONS_SIZE];
	uint64_t durable;
	struct reader r = reader_of(frame->body);
	const struct span id = take(&r, LINK_ENGINE_ID);
	const struct text said = text_of(r.rest);
	if (r.ran_out || k->greeted || frame->tail.len || !utf8_valid(said) ||
	    text_find(said, '\0') < said.len)
		return ERR_MALFORMED;
	text_copy(options, sizeof options, said);
	struct live_run run = {
		.sensor = k->options->config->settings.sensor,
		.program = EARSHOT_VERSION,
		.options = options,
		.watching = k->options->watch != NULL,
		.trunks = k->options->config->trunks,
	};
	memcpy(run.engine, id.at, sizeof run.engine);
	const enum status status = store_live_begin(k->live, &run, monitor_now(), &durable);
	if (status != OK)
		return status;
	k->greeted = true;
	done(k);
	return OK;
}

static enum status take_account(struct keeper *k, const struct link_frame *frame)
{
	struct reader r = reader_of(frame->body);
	const uint64_t frames = read_u64(&r);
	const uint64_t not_kept = read_u64(&r);
	if (r.ran_out || r.rest.len || frames > INT64_MAX ||
	    !utf8_valid(text_of(frame->tail)))
		return ERR_MALFORMED;
	if (not_kept > k->not_kept) {
		struct control event = {
			.what = LIVE_NOT_KEPT,
			.at = monitor_now(),
			.until = NSTIME_NONE,
			.text = "records",
		};
		event.number = not_kept - k->not_kept > UINT32_MAX
		                       ? UINT32_MAX
		                       : (uint32_t)(not_kept - k->not_kept);
		k->not_kept = not_kept;
		note_event(k, &event);
	}
	k->account.len = 0;
	buffer_add(&k->account, text_of(frame->tail));
	k->account_at = monitor_clock();
	const struct live_account account = {
		.number = frame->number,
		.frames = frames,
		.at = monitor_now(),
		.summary = text_of(frame->tail),
	};
	return store_live_account(k->live, &account);
}

static enum status take_goodbye(struct keeper *k, const struct link_frame *frame)
{
	enum status status = frame->number ? add_events(k) : ERR_MALFORMED;
	if (status == OK)
		status = store_live_end(k->live, frame->number);
	if (status == OK) {
		done(k);
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
	return store_live_add(k->live, frame->number, over, &record);
}

static enum status take_of_folder(struct keeper *k, const struct link_frame *frame,
                                  enum status status)
{
	struct control event = { .what = LIVE_FILE_DAMAGED,
		                 .at = monitor_now(),
		                 .until = NSTIME_NONE };
	if (status == OK && frame->kind == LINK_FILE_END && frame->tail.len) {
		text_copy(event.text, sizeof event.text, text_of(frame->tail));
		note_event(k, &event);
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

static void accuse_engine(struct keeper *k)
{
	const struct control bad = { .kind = CONTROL_BAD_ENGINE };
	warnx("keeper: what the engine says makes no sense");
	if (k->control >= 0)
		(void)!control_send(k->control, &bad, -1);
	k->link.ended = true;
	k->link.filled = k->link.read_to;
}

static void take_frames(struct keeper *k)
{
	struct link_frame frame;
	enum status status = OK;
	while (k->batch < COMMIT_RECORDS &&
	       (status = link_receiver_next(&k->link, &frame)) == OK &&
	       (status = take_frame(k, &frame)) == OK)
		;
	if (status == ERR_MALFORMED)
		accuse_engine(k);
	else if (status != OK && status != ERR_NOT_FOUND)
		put_off(k);
}

/* All that has come whole was looked at. */
static bool has_more(struct keeper *k)
{
	struct link_frame frame;
	const size_t at = k->link.read_to;
	const bool more = link_receiver_next(&k->link, &frame) == OK;
	k->link.read_to = at;
	return more;
}

/* The engine's end is closed and all it said is kept: the next one's turn. */
static void change_engine(struct keeper *k)
{
	if (!k->link.ended || k->batch || has_more(k))
		return;
	if (k->greeted && store_live_end(k->live, 0) != OK) {
		put_off(k);
		return;
	}
	k->greeted = k->failing = false;
	k->not_kept = 0;
	link_receiver_connect(&k->link, k->next_link);
	k->next_link = -1;
}

/* --- the parent ----------------------------------------------------------------------- */

static void stop(struct keeper *k)
{
	if (!k->stopping)
		k->stop_at = monitor_clock() + MONITOR_KEEPER_END;
	k->stopping = true;
}

static void take_link(struct keeper *k, const struct control *message, int fd)
{
	if (message->at != NSTIME_NONE)
		note_event(k, message);
	if (k->link.fd < 0) {
		link_receiver_connect(&k->link, fd);
		return;
	}
	if (k->next_link >= 0)
		close(k->next_link);
	k->next_link = fd;
}

/* The rest of the status, behind what the parent has written. */
static void tell_status(const struct keeper *k, int connection)
{
	struct buffer text = { 0 };
	buffer_format(&text,
	              ",\"store\":{\"durable\":%llu,\"waiting\":%s},\"account_age_s\":",
	              (unsigned long long)store_live_durable(k->live),
	              k->failing ? "true" : "false");
	if (k->account.len && !k->account.failed) {
		buffer_format(&text, "%lld,\"account\":",
		              (long long)((monitor_clock() - k->account_at) / NS_PER_SEC));
		buffer_add(&text, buffer_text(&k->account));
		buffer_add_string(&text, "}\n");
	} else {
		buffer_add_string(&text, "null,\"account\":null}\n");
	}
	if (!text.failed)
		(void)!status_write(connection, buffer_text(&text));
	buffer_free(&text);
}

static void say_alive(struct keeper *k)
{
	const struct control alive = { .kind = CONTROL_ALIVE };
	if (k->control < 0 || monitor_clock() - k->alive_at < NS_PER_SEC)
		return;
	k->alive_at = monitor_clock();
	(void)!control_send(k->control, &alive, -1);
}

static void hear_parent(struct keeper *k)
{
	struct control message = { 0 };
	enum status status;
	int fd;
	while (k->control >= 0 &&
	       (status = control_receive(k->control, &message, &fd)) != ERR_NOT_FOUND) {
		if (status != OK) {
			close(k->control);
			k->control = -1;
		} else if (message.kind == CONTROL_LINK && fd >= 0) {
			take_link(k, &message, fd);
		} else if (message.kind == CONTROL_EVENT) {
			note_event(k, &message);
		} else if (message.kind == CONTROL_STATUS && fd >= 0) {
			tell_status(k, fd);
			close(fd);
		} else if (keeper_watch_ask(&k->watch, &message)) {
			continue;
		} else if (message.kind == CONTROL_STOP) {
			stop(k);
		}
	}
	/* Without a parent there is no next engine: what this one says is the end. */
	if (k->control < 0 && k->link.fd < 0)
		stop(k);
}

/* --- its life ---------------------------------------------------------------------------
 */

static int wait_ms(const struct keeper *k)
{
	nstime due = monitor_clock() + NS_PER_SEC;
	if (k->failing)
		due = k->retry_at;
	else if (k->batch)
		due = k->batch_at + COMMIT_AFTER;
	if (k->stopping && k->stop_at < due)
		due = k->stop_at;
	return monitor_wait_ms(due);
}

static void wait_for_work(struct keeper *k)
{
	struct pollfd polled[2];
	nfds_t count = 0;
	if (k->control >= 0)
		polled[count++] = (struct pollfd){ .fd = k->control, .events = POLLIN };
	if (k->link.fd >= 0 && !k->link.ended && link_receiver_has_room(&k->link))
		polled[count++] = (struct pollfd){ .fd = k->link.fd, .events = POLLIN };
	if (poll(polled, count, wait_ms(k)) < 0 && errno != EINTR)
		warn("keeper: poll");
}

static bool is_over(const struct keeper *k)
{
	if (!k->stopping)
		return false;
	const bool all = k->link.fd < 0 && k->event_count == 0 && k->batch == 0;
	return all || monitor_clock() >= k->stop_at;
}

static void answer_parent(struct keeper *k)
{
	bool changed = false;
	const bool idle = k->link.fd < 0 && !k->greeted && k->batch == 0;
	const enum status status = keeper_watch_answer(&k->watch, k->live, k->options,
	                                               k->control, idle, &changed);
	if (status != OK)
		put_off(k);
	else if (changed)
		done(k);
}

static void step(struct keeper *k)
{
	link_receiver_fill(&k->link);
	if (is_waiting(k))
		return;
	take_frames(k);
	if (!is_waiting(k) && (k->failing || commit_is_due(k)))
		commit(k);
	if (k->link.fd >= 0 && !is_waiting(k))
		change_engine(k);
	if (k->watch.count && !is_waiting(k))
		answer_parent(k);
}

static void run(struct keeper *k)
{
	while (!is_over(k)) {
		if (is_waiting(k) || !has_more(k))
			wait_for_work(k);
		hear_parent(k);
		step(k);
		say_alive(k);
	}
}

/* Another writer, perhaps the one before, may still be at it. */
static enum status open_store(struct keeper *k)
{
	struct db_error error;
	const enum status status = store_live_open(k->options->db, &k->live, &error);
	if (status != OK)
		warnx("keeper: %s", error.text);
	return status;
}

static int live(struct keeper *k)
{
	char error[SANDBOX_ERROR_SIZE];
	const struct control ready = { .kind = CONTROL_READY };
	if (sandbox_enter(SANDBOX_KEEPER, &k->options->keeper, k->options->insecure,
	                  error) != OK) {
		warnx("keeper: %s; it will not run like that without --insecure", error);
		return EXIT_FAILURE;
	}
	if (link_receiver_init(&k->link) != OK || open_store(k) != OK ||
	    control_send(k->control, &ready, -1) != OK)
		return EXIT_FAILURE;
	run(k);
	const bool all = k->batch == 0 && k->event_count == 0;
	if (!all)
		warnx("keeper: %s does not take the last records: they are lost",
		      k->options->db);
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

int monitor_keeper(const struct monitor_options *options, int control)
{
	struct keeper *k = calloc(1, sizeof *k);
	if (!k) {
		warnx("keeper: memory ran out");
		return EXIT_FAILURE;
	}
	umask(0077); /* what people said to whom is nobody else's business */
	k->options = options;
	k->control = control;
	k->link.fd = k->next_link = -1;
	const int status = live(k);
	store_live_close(k->live);
	link_receiver_free(&k->link);
	buffer_free(&k->account);
	free(k);
	return status;
}
