#include "probe/engine_frames.h"

#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "probe/monitor_engine.h"

#define MERGE_WAIT (60 * NS_PER_MS)
/* Workers wait for each other before. */
#define MERGE_WAIT_WORKERS (180 * NS_PER_MS)

static void tell(struct engine *e, const struct control *message)
{
	if (e->control >= 0 && control_send(e->control, message, -1) != OK)
		warnx("engine: the parent does not listen");
}

static void lose(struct engine *e, size_t i)
{
	struct engine_feeds *f = &e->feeds;
	struct control gone = { .kind = CONTROL_GONE, .number = (uint32_t)i };
	f->lost[i] = false;
	text_copy(gone.text, sizeof gone.text, text_from(f->why));
	if (i < LIVE_SOURCES) {
		const struct live_source_stats last = live_source_stats(f->sources[i]);
		live_source_stats_add(&f->gone[i], &last, last.waiting);
		live_source_settle(f->sources[i], last.waiting);
		live_source_close(f->sources[i]);
		f->sources[i] = NULL;
	} else {
		gone.kind = CONTROL_STREAM_ENDED;
		gone.number = (uint32_t)(i - FEED_STREAMS);
		stream_source_close(f->streams[i - FEED_STREAMS]);
		f->streams[i - FEED_STREAMS] = NULL;
	}
	if (i >= LIVE_SOURCES || !f->changes[i].going)
		tell(e, &gone);
}

static bool is_there(const struct engine_feeds *f, size_t i)
{
	if (i < LIVE_SOURCES)
		return f->sources[i];
	return i == FEED_HEP ? f->hep != NULL : f->streams[i - FEED_STREAMS] != NULL;
}

/*
 * Of several sources the frames are put in the order of time, or an answer might come
 * before what it answers.  One that has nothing to show has shown all up to MERGE_WAIT ago.
 */
static nstime limit_of(const struct engine *e)
{
	size_t count = 0;
	for (size_t i = 0; i < FEEDS; i++)
		count += is_there(&e->feeds, i);
	const bool alone = (count < 2 && e->options->interface_count < 2) || e->all_shown;
	const nstime wait = e->feeds.workers ? MERGE_WAIT_WORKERS : MERGE_WAIT;
	return alone ? INT64_MAX : steady_clock_now(&e->clock) - wait;
}

static bool has_pending(const struct engine_feeds *f, size_t i)
{
	return f->heads[i] < f->counts[i];
}

bool engine_has_pending(const struct engine *engine)
{
	for (size_t i = 0; i < FEEDS; i++)
		if (has_pending(&engine->feeds, i))
			return true;
	return engine->feeds.workers && capture_workers_have_frames(engine->feeds.workers);
}

bool engine_has_taken(const struct engine *engine, nstime until)
{
	return !engine->feeds.workers ||
	       capture_workers_have_shown(engine->feeds.workers, until);
}

/* The only one that is there or has frames left; FEEDS: there are several, or none. */
static size_t only_feed(const struct engine_feeds *f)
{
	size_t only = FEEDS;
	for (size_t i = 0; i < FEEDS; i++) {
		if (!is_there(f, i) && !has_pending(f, i))
			continue;
		if (only < FEEDS)
			return FEEDS;
		only = i;
	}
	return only;
}

/* All that it has: there is nobody to wait for. */
static size_t take_all(struct engine_feeds *f, size_t i, struct frame **frames)
{
	const size_t count = f->counts[i] - f->heads[i];
	*frames = &f->batches[i][f->heads[i]];
	f->heads[i] = f->counts[i];
	return count;
}

/* As many frames as may go now. */
static size_t merge(struct engine *e)
{
	struct engine_feeds *f = &e->feeds;
	const nstime limit = limit_of(e);
	size_t total = 0;
	for (;;) {
		size_t best = FEEDS;
		bool silent = false;
		for (size_t i = 0; i < FEEDS; i++) {
			if (!has_pending(f, i)) {
				if (f->counts[i] == LIVE_BATCH)
					return total; /* there may be more of it */
				silent = silent || is_there(f, i);
			} else if (best == FEEDS ||
			           f->batches[i][f->heads[i]].at <
			                   f->batches[best][f->heads[best]].at) {
				best = i;
			}
		}
		if (best == FEEDS ||
		    (silent && f->batches[best][f->heads[best]].at > limit))
			return total;
		f->merged[total++] = f->batches[best][f->heads[best]++];
	}
}

/*
 * The kernel stamps by our own clock: if frames are old, it is we who are late.  An
 * adapter's clock may be any; but of a busy interface frames lie in the ring for long.
 */
static void trust(struct engine *e, size_t i, nstime now)
{
	struct engine_feeds *f = &e->feeds;
	const bool theirs = e->options->adapter_stamps && f->counts[i] < LIVE_BATCH;
	for (size_t n = 0; n < f->counts[i]; n++) {
		struct frame *frame = &f->batches[i][n];
		if (theirs || frame->at > now)
			frame->at = source_clock_take(&f->clocks[i], frame->at, now);
	}
}

static enum status read_interface(struct engine_feeds *f, size_t i, nstime now)
{
	if (f->workers)
		return capture_workers_next(f->workers, i, now, f->batches[i],
		                            &f->counts[i], f->why);
	return live_ring_next(live_source_ring(f->sources[i], 0), f->batches[i],
	                      &f->counts[i], f->why);
}

static void read_one(struct engine *e, size_t i, nstime now)
{
	struct engine_feeds *f = &e->feeds;
	struct frame *batch = f->batches[i];
	if (i < LIVE_SOURCES) {
		f->lost[i] = read_interface(f, i, now) != OK;
		if (f->lost[i])
			snprintf(f->why, sizeof f->why, "The interface disappeared");
		trust(e, i, now);
	} else if (i == FEED_HEP) {
		f->counts[i] = hep_source_next(f->hep, batch, now);
	} else {
		f->lost[i] = stream_source_next(f->streams[i - FEED_STREAMS], batch,
		                                &f->counts[i], now, f->why) != OK;
	}
}

/* A batch of each source that has none; its frames stay until they have all gone. */
static void read_all(struct engine *e)
{
	struct engine_feeds *f = &e->feeds;
	const nstime now = steady_clock_look(&e->clock);
	for (size_t i = 0; i < FEEDS; i++) {
		if (has_pending(f, i))
			continue;
		f->heads[i] = f->counts[i] = 0;
		if (f->lost[i])
			lose(e, i);
		if (i < LIVE_SOURCES && f->changes[i].going)
			engine_go_on_changing(e, i, now);
		if (is_there(f, i))
			read_one(e, i, now);
	}
}

/* Whoever finds this engine dead knows by it what was analysed. */
static void note_analysed(struct engine *e, const size_t counts[LIVE_SOURCES])
{
	struct frame_ledger *ledger = e->ledger;
	const struct frame_tally tally = pipeline_tally(e->pipeline);
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		if (!counts[i])
			continue;
		ledger_add(&ledger->analysed[i], counts[i]);
		if (e->feeds.sources[i])
			live_source_settle(e->feeds.sources[i], counts[i]);
	}
	ledger_set(&ledger->frames, tally.frames);
	ledger_set(&ledger->parsed, tally.parsed);
	ledger_set(&ledger->not_ours, tally.not_ours);
	ledger_set(&ledger->malformed, tally.malformed);
	ledger_set(&ledger->lacked_room, tally.dropped);
}

size_t engine_read_frames(struct engine *e)
{
	read_all(e);
	struct engine_feeds *f = &e->feeds;
	struct frame *frames = f->merged;
	const size_t only = only_feed(f);
	const size_t total = only < FEEDS ? take_all(f, only, &frames) : merge(e);
	size_t counts[LIVE_SOURCES] = { 0 };
	for (size_t i = 0; i < total; i++) {
		frames[i].number = ++e->frames;
		if (only == FEEDS && frames[i].interface < LIVE_SOURCES)
			counts[frames[i].interface]++;
	}
	if (only < LIVE_SOURCES)
		counts[only] = total;
	pipeline_frames(e->pipeline, frames, total);
	if (total)
		note_analysed(e, counts);
	return total;
}

size_t engine_poll_feeds(const struct engine *engine, struct pollfd polled[FEED_POLLS])
{
	const struct engine_feeds *f = &engine->feeds;
	size_t count = 0;
	if (f->workers)
		polled[count++] = (struct pollfd){ .fd = capture_workers_poll(f->workers),
			                           .events = POLLIN };
	for (size_t i = 0; i < FEEDS; i++) {
		if (!is_there(f, i) || has_pending(f, i) ||
		    (i < LIVE_SOURCES && f->workers))
			continue;
		if (i == FEED_HEP) {
			count += hep_source_poll(f->hep, polled + count);
			continue;
		}
		const int fd = i < LIVE_SOURCES
		                       ? live_ring_fd(live_source_ring(f->sources[i], 0))
		                       : stream_source_fd(f->streams[i - FEED_STREAMS]);
		polled[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return count;
}

/* --- sockets, connections, pipes ------------------------------------------------------ */

static void add_capture(struct engine *e, const struct control *message, int fd)
{
	struct control ended = { .kind = CONTROL_STREAM_ENDED,
		                 .number = STREAM_SOURCES,
		                 .text = "there are too many" };
	for (size_t i = 0; i < STREAM_SOURCES; i++) {
		if (e->feeds.streams[i] || has_pending(&e->feeds, FEED_STREAMS + i))
			continue;
		if (stream_source_new(fd, (uint16_t)(LIVE_SOURCES + i),
		                      &e->feeds.streams[i]) != OK)
			break;
		ended.kind = CONTROL_STREAM_BEGUN;
		ended.number = (uint32_t)i;
		text_copy(ended.text, sizeof ended.text, text_from(message->text));
		tell(e, &ended);
		return;
	}
	close(fd);
	tell(e, &ended);
}

static bool need_hep(struct engine *e)
{
	const struct config *config = e->config ? e->config : e->options->config;
	return e->feeds.hep || (pipeline_expect_hep(e->pipeline) == OK &&
	                        hep_source_new(&config->hep, &e->feeds.hep) == OK);
}

void engine_add_stream(struct engine *e, const struct control *message, int fd)
{
	if (message->number == STREAM_CAPTURE && fd >= 0)
		add_capture(e, message, fd);
	else if (fd < 0 && e->feeds.hep)
		hep_source_retire_socket(e->feeds.hep);
	else if (fd < 0)
		return;
	else if (!need_hep(e))
		close(fd);
	else if (message->number == STREAM_HEP_SOCKET)
		hep_source_set_socket(e->feeds.hep, fd);
	else
		hep_source_add_connection(e->feeds.hep, fd, &message->peer);
}

/* --- what is told of them ------------------------------------------------------------- */

static void tell_clock(struct engine *e, bool *told, const struct source_clock *clock,
                       const char *name)
{
	struct control message = { .kind = CONTROL_TOLD };
	if (*told == clock->flagged)
		return;
	*told = clock->flagged;
	message.what = *told ? LIVE_CLOCK_WRONG : LIVE_CLOCK_RIGHT;
	text_copy(message.text, sizeof message.text, text_from(name));
	tell(e, &message);
}

/* A new agent that nobody has thought of: once, for it would be heard in vain for ever. */
static void say_refused(struct engine_feeds *f)
{
	const struct hep_source_stats *stats = f->hep ? hep_source_stats(f->hep) : NULL;
	char address[ADDRESS_TEXT_SIZE];
	if (!stats || !stats->refused || f->said_refused)
		return;
	f->said_refused = true;
	warnx("engine: %s tells by HEP, and is not in hep.allow",
	      address_format(&stats->refused_peer.address, address));
}

void engine_check_clocks(struct engine *e)
{
	struct engine_feeds *f = &e->feeds;
	say_refused(f);
	char name[64];
	for (size_t i = 0; i < e->options->interface_count; i++)
		tell_clock(e, &f->told_wrong[i], &f->clocks[i], e->options->interfaces[i]);
	for (size_t i = 0; i < STREAM_SOURCES; i++) {
		snprintf(name, sizeof name, "capture stream %zu", i + 1);
		if (f->streams[i])
			tell_clock(e, &f->told_wrong[FEED_STREAMS + i],
			           stream_source_clock(f->streams[i]), name);
	}
	for (size_t i = 0; f->hep && i < HEP_AGENTS; i++) {
		struct hep_agent *agent = &hep_source_agents(f->hep)->of[i];
		char address[ADDRESS_TEXT_SIZE];
		if (!agent->is_there)
			continue;
		snprintf(name, sizeof name, "%s %u",
		         address_format(&agent->address, address), agent->capture_id);
		tell_clock(e, &agent->told_wrong, &agent->clock, name);
	}
}

static void tell_mirror(void *self, enum live_what what, const char *subject)
{
	struct control message = { .kind = CONTROL_TOLD, .what = what };
	text_copy(message.text, sizeof message.text, text_from(subject));
	tell(self, &message);
}

static void sum_messages(const struct sip_tally *tally, struct mirror_tick *tick)
{
	for (size_t method = 0; method < SIP_METHOD_COUNT; method++) {
		tick->requests += tally->requests[method];
		for (size_t status = 0; status <= TALLY_STATUS_MAX; status++)
			tick->responses += tally->responses[status][method];
	}
}

void engine_check_mirror(struct engine *e)
{
	const struct config *config = e->config ? e->config : e->options->config;
	uint64_t frames[LIVE_SOURCES];
	bool open[LIVE_SOURCES];
	struct mirror_tick tick = {
		.now = monitor_clock(),
		.silent = config->capture.silent,
		.one_sided = config->capture.one_sided,
		.interfaces = e->options->interface_count,
		.names = e->options->interfaces,
		.open = open,
		.frames = frames,
	};
	for (size_t i = 0; i < tick.interfaces; i++) {
		frames[i] = e->feeds.stats[i].received;
		open[i] = e->feeds.sources[i];
	}
	sum_messages(pipeline_summary(e->pipeline).sip, &tick);
	mirror_health_tick(&e->feeds.mirror, &tick, tell_mirror, e);
}

void engine_free_feeds(struct engine *e)
{
	capture_workers_free(e->feeds.workers);
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		live_source_close(e->feeds.sources[i]);
	engine_forget_changes(e);
	for (size_t i = 0; i < STREAM_SOURCES; i++)
		stream_source_close(e->feeds.streams[i]);
	hep_source_free(e->feeds.hep);
}
