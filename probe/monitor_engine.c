/*
 * monitor_engine.c - the engine: frames of the interfaces through the pipeline, records to
 * the keeper.  It opens nothing: what it reads and writes was given to it.
 */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "probe/engine_account.h"
#include "probe/monitor_engine.h"
#include "probe/version.h"

/* What reads files waits long before that: only what comes all at once has to find room. */
#define WATCH_QUEUE_BYTES ((size_t)512 << 20)
/* The kernel hands a block over after 20 ms at the latest; and the machine may be busy. */
#define FRAMES_ARE_IN (500 * NS_PER_MS)
/* Of silence, until all blocks have come. */
#define LAST_BLOCK (60 * NS_PER_MS)
#define LAST_FRAMES (1 * NS_PER_SEC)
#define TICK NS_PER_SEC
/* A clock that was set: may be set again at once; and the longest that calls are waited
 * for.
 */
#define CLOCK_STAYS (5 * NS_PER_SEC)
#define CLOCK_WAITED_FOR (3600 * NS_PER_SEC)
/*
 * Each call in progress is told anew after so many ticks: at most 30, for that much of it
 * is lost in a crash, and sooner where streams are few, for people who watch.
 */
enum { CHECKPOINT_TICKS_LEAST = 5, CHECKPOINT_TICKS_MOST = 30, STREAMS_A_TICK = 100 };
enum { ACCOUNT_TICKS = 5, IDLE_MS = 50, MERGE_MS = 5 };

/* At the end: before it is killed, and before that to tell what is not told. */
#define BEFORE_KILLED (200 * NS_PER_MS)
#define LAST_WORDS (300 * NS_PER_MS)

static_assert((int)SANDBOX_ERROR_SIZE >= (int)PIPELINE_ERROR_SIZE, "one room for both");

static void wait_for_room(struct engine *e);

/* What may wait for the keeper, as the configuration was at the start. */
static size_t queue_bytes(const struct engine *e)
{
	return e->options->config->settings.limits.queue_bytes;
}

static void accept_final(void *self, const struct record *record)
{
	struct engine *e = self;
	if (e->finishing)
		wait_for_room(e);
	if (record->kind == RECORD_LEG)
		mirror_health_leg(&e->feeds.mirror, &record->leg);
	if (!e->watch || engine_watch_speaks(e->watch, e->frames))
		link_sender_record(e->sender, record, true);
}

static void accept_snapshot(void *self, const struct record *record)
{
	struct engine *e = self;
	e->told_streams += record->kind == RECORD_STREAM;
	link_sender_record(e->sender, record, false);
}

/* --- what is told --------------------------------------------------------------------- */

/* As many streams as the last round had are told in this one. */
static void begin_round(struct engine *e)
{
	const uint32_t ticks = e->told_streams / STREAMS_A_TICK;
	e->parts = ticks < CHECKPOINT_TICKS_LEAST  ? CHECKPOINT_TICKS_LEAST
	           : ticks > CHECKPOINT_TICKS_MOST ? CHECKPOINT_TICKS_MOST
	                                           : ticks;
	e->told_streams = e->part = 0;
}

/* Of what happened while the keeper was behind, the latest alone is told: once it is not.
 */
static void tell_progress(struct engine *e)
{
	const nstime now = steady_clock_now(&e->clock);
	if (link_sender_bytes(e->sender) > queue_bytes(e) / 8)
		return; /* the keeper is behind */
	/* Frames come a little after their stamps: rather twice than never. */
	pipeline_snapshot(e->pipeline, e->progress_at - FRAMES_ARE_IN, &e->snapshots);
	if (e->part == e->parts)
		begin_round(e);
	pipeline_checkpoint(e->pipeline, e->part++, e->parts, &e->snapshots);
	e->progress_at = now;
}

/*
 * Somebody has set the clock: what goes on ends by the one that it began with, and then the
 * next engine begins with the right one.  Where something always goes on, it ends early.
 */
static void heed_clock(struct engine *e)
{
	const bool idle = steady_clock_is_off(&e->clock, CLOCK_STAYS) &&
	                  pipeline_oldest(e->pipeline) == NSTIME_NEVER;
	if (e->stopping || !(idle || steady_clock_is_off(&e->clock, CLOCK_WAITED_FOR)))
		return;
	warnx("engine: the clock was set: another one begins with it");
	e->stopping = true;
	e->end_by = monitor_clock() + MONITOR_ENGINE_END;
}

static void tick(struct engine *e)
{
	const struct control alive = { .kind = CONTROL_ALIVE };
	if (e->control >= 0)
		(void)!control_send(e->control, &alive, -1);
	if (e->watch) {
		engine_watch_snapshot(e);
	} else {
		engine_note_drops(e, false);
		engine_check_clocks(e);
		engine_check_mirror(e);
		tell_progress(e);
		heed_clock(e);
	}
	if (e->ticks++ % ACCOUNT_TICKS == 0)
		engine_tell_account(e);
	e->next_tick = monitor_clock() + TICK;
}

/* --- what is heard -------------------------------------------------------------------- */

/* Trunks and numbers; what else the file says was for the parent to judge. */
static void reload(struct engine *e, int fd)
{
	struct config_error error = { "memory ran out" };
	struct config *config = config_new();
	FILE *file = fdopen(fd, "r");
	if (config)
		config->zone_unread = true;
	if (!config || !file || config_read(config, file, "configuration", &error) != OK) {
		warnx("engine: %s; the old one stays", error.text);
		config_free(config);
	} else {
		if (e->feeds.hep)
			hep_source_set_access(e->feeds.hep, &config->hep);
		pipeline_set_trunks(e->pipeline, config->trunks, &config->numbers);
		config_free(e->config);
		e->config = config;
		if (!e->watch)
			engine_set_points(e);
		warnx("configuration is read again");
	}
	if (file)
		fclose(file);
	else
		close(fd);
}

static void stop(struct engine *e, nstime killed_at)
{
	if (!e->stopping)
		e->end_by = killed_at - BEFORE_KILLED;
	e->stopping = true;
}

static void obey(struct engine *e, const struct control *message, int fd)
{
	if (message->kind == CONTROL_LINK && fd >= 0) {
		link_sender_connect(e->sender, fd);
		return;
	}
	if (message->kind == CONTROL_CONFIG && fd >= 0 && !e->finishing) {
		reload(e, fd);
		return;
	}
	if (message->kind == CONTROL_STREAM && !e->watch) {
		engine_add_stream(e, message, fd);
		return;
	}
	if (message->kind == CONTROL_INTERFACE && !e->watch) {
		engine_change_interface(e, message, fd);
		return;
	}
	if (e->watch && engine_watch_obey(e->watch, message, fd))
		return;
	if (message->kind == CONTROL_STOP)
		stop(e, message->until);
	if (fd >= 0)
		close(fd);
}

static void hear_parent(struct engine *e)
{
	struct control message = { 0 };
	enum status status;
	int fd;
	while (e->control >= 0 &&
	       (status = control_receive(e->control, &message, &fd)) != ERR_NOT_FOUND) {
		if (status == OK) {
			obey(e, &message, fd);
			continue;
		}
		close(e->control); /* the parent has gone: end like it, in order */
		e->control = -1;
		stop(e, monitor_clock() + MONITOR_ENGINE_END);
	}
}

/* Until something can be done. */
static void wait_for_work(struct engine *e, int ms, bool frames_too)
{
	struct pollfd polled[FEED_POLLS + 2];
	nfds_t count = frames_too ? engine_poll_feeds(e, polled) : 0;
	if (e->control >= 0)
		polled[count++] = (struct pollfd){ .fd = e->control, .events = POLLIN };
	if (link_sender_fd(e->sender) >= 0) {
		const short out = link_sender_wants_to_write(e->sender) ? POLLOUT : 0;
		polled[count++] = (struct pollfd){ .fd = link_sender_fd(e->sender),
			                           .events = (short)(POLLIN | out) };
	}
	if (poll(polled, count, ms) < 0 && errno != EINTR)
		warn("engine: poll");
}

/* --- its life ------------------------------------------------------------------------- */

static void run(struct engine *e)
{
	while (!e->stopping) {
		const size_t frames =
		        e->watch ? engine_watch_read(e) : engine_read_frames(e);
		link_sender_work(e->sender);
		if (frames == 0 && e->watch) {
			wait_for_work(e, monitor_wait_ms(e->next_tick), false);
		} else if (frames == 0) {
			pipeline_advance(e->pipeline,
			                 steady_clock_now(&e->clock) - FRAMES_ARE_IN);
			const int ms = monitor_wait_ms(e->next_tick);
			const int most = engine_has_pending(e) ? MERGE_MS : IDLE_MS;
			wait_for_work(e, ms < most ? ms : most, true);
		}
		hear_parent(e);
		if (monitor_clock() >= e->next_tick)
			tick(e);
	}
}

/* Nothing is to come any more that was there before it was told to stop; or that is not
 * waited for. */
static bool all_is_shown(const struct engine *e, nstime begun, nstime told)
{
	const nstime since = monitor_clock() - begun;
	return e->control < 0 || since >= LAST_FRAMES / 2 ||
	       (since >= LAST_BLOCK && engine_has_taken(e, told));
}

/*
 * What is in the rings.  Without a parent another engine may soon listen to the same: what
 * both heard would be kept twice.
 */
static void read_last_frames(struct engine *e)
{
	const nstime begun = monitor_clock();
	const nstime most = e->control < 0 ? LAST_BLOCK : LAST_FRAMES;
	const nstime told = steady_clock_now(&e->clock);
	nstime quiet = begun;
	while (monitor_clock() - begun < most &&
	       (monitor_clock() - quiet < LAST_BLOCK || !engine_has_taken(e, told) ||
	        engine_has_pending(e))) {
		e->all_shown = all_is_shown(e, begun, told);
		if (engine_read_frames(e) > 0)
			quiet = monitor_clock();
		else
			wait_for_work(e, MERGE_MS, true);
		link_sender_work(e->sender);
		hear_parent(e);
	}
	engine_note_drops(e, true);
}

/* Until no more than that is held. */
static void drain(struct engine *e, size_t bytes, nstime until)
{
	while (link_sender_bytes(e->sender) > bytes && monitor_clock() < until) {
		link_sender_work(e->sender);
		if (link_sender_fd(e->sender) < 0 && e->control < 0)
			break; /* nobody is left to take it */
		if (link_sender_bytes(e->sender) > bytes)
			wait_for_work(e, monitor_wait_ms(until), false);
		hear_parent(e);
	}
}

/* It is about to be killed: what is not on its way is lost, and what is not a record yet,
 * too.  Without a goodbye the run, and what goes on, is marked as interrupted. */
static _Noreturn void give_up(struct engine *e)
{
	const char *rest = e->finishing ? ", and what was still open" : "";
	warnx("engine: there is no time to keep the last %" PRIu64 " records%s: lost",
	      link_sender_cut(e->sender), rest);
	engine_tell_account(e);
	drain(e, 0, e->end_by);
	exit(EXIT_FAILURE);
}

static void wait_for_room(struct engine *e)
{
	const nstime most = e->end_by - LAST_WORDS;
	if (link_sender_bytes(e->sender) > queue_bytes(e) / 2)
		drain(e, queue_bytes(e) / 4, most);
	if (monitor_clock() >= most)
		give_up(e);
}

/*
 * The last frames, the account of them before anything else; then all records, and that
 * they are kept, as far as there is time.
 */
static void end(struct engine *e)
{
	if (!e->watch) {
		read_last_frames(e);
		engine_tell_account(e);
		link_sender_drop_progress(e->sender);
	}
	if (e->watch && !engine_watch_finish(e))
		return;
	e->finishing = !e->watch;
	pipeline_finish(e->pipeline);
	e->finishing = false;
	engine_tell_account(e);
	link_sender_goodbye(e->sender);
	drain(e, 0, e->end_by - LAST_WORDS);
	/* What the keeper has it keeps, or says so.  Over a folder the run goes on. */
	if (!e->watch && link_sender_has_unsent(e->sender))
		give_up(e);
}

void monitor_describe(const struct monitor_options *options, char *to, size_t size)
{
	int len = snprintf(
	        to, size, "%s version=%s messages=%d config=%016" PRIx64 " bpf=%s",
	        options->watch ? "watch" : "live", EARSHOT_VERSION, options->messages,
	        options->config->digest, options->bpf ? options->bpf : "");
	for (size_t i = 0; i < options->interface_count && len >= 0 && (size_t)len < size;
	     i++)
		len += snprintf(to + len, size - (size_t)len, " interface=%s",
		                options->interfaces[i]);
	if (options->watch && len >= 0 && (size_t)len < size)
		snprintf(to + len, size - (size_t)len, " folder=%s", options->watch);
}

static enum status build(struct engine *e, char error[PIPELINE_ERROR_SIZE])
{
	uint8_t id[LINK_ENGINE_ID];
	char options[4096];
	/* nDPI is set up while it may still have memory and files as it likes. */
	struct pipeline_options pipeline = {
		.settings = e->options->config->settings,
		.sink = &e->finals,
		.applications = e->options->config->ndpi && !e->options->no_ndpi,
		.applications_at_once = true,
		.hep = e->options->hep != NULL,
	};
	pipeline.settings.keep_messages = pipeline.settings.keep_kpis = true;
	pipeline.settings.kpi_every = KPI_TICK_S * NS_PER_SEC;
	pipeline.settings.keep_message_bytes = e->options->messages;
	pipeline.settings.take_up_byes = !e->watch; /* store_continue.c knows what for */
	if (getrandom(id, sizeof id, 0) != sizeof id)
		return ERR_IO;
	if (e->watch) {
		/* As `analyze` does it: the same files give the same records. */
		pipeline.bpf = e->options->bpf;
		pipeline.hep_in_udp = true;
		engine_watch_identify(e->watch, id);
	} else if (getrandom(&pipeline.settings.key, sizeof pipeline.settings.key, 0) !=
	           sizeof pipeline.settings.key) {
		/* Whoever sends packets must not know how tables are filled. */
		return ERR_IO;
	}
	monitor_describe(e->options, options, sizeof options);
	const enum status status = link_sender_new(
	        id, options, e->watch ? WATCH_QUEUE_BYTES : queue_bytes(e), &e->sender);
	if (status == OK && e->watch)
		engine_watch_begin(e);
	return status == OK ? pipeline_new(&pipeline, &e->pipeline, error) : status;
}

static bool has_workers(const struct engine *e)
{
	return !e->watch && e->options->interface_count && e->options->workers > 1;
}

/* Threads take over what the process has given up: so they begin behind that. */
static bool confine(struct engine *e)
{
	char error[SANDBOX_ERROR_SIZE] = "";
	const bool insecure = e->options->insecure;
	enum status status = OK;
	if (has_workers(e))
		status =
		        capture_workers_new(e->feeds.sources, &e->clock, &e->feeds.workers);
	if (status == OK)
		status = sandbox_enter(e->feeds.workers ? SANDBOX_ENGINE_OF_WORKERS
		                                        : SANDBOX_ENGINE,
		                       &e->options->engine, NULL, insecure, error);
	if (status == OK && e->feeds.workers) {
		status = capture_workers_begin(e->feeds.workers);
		if (status == OK)
			status = sandbox_no_more_threads(insecure, error);
	}
	if (status == OK)
		return true;
	warnx("engine: %s%s", *error ? error : status_name(status),
	      *error ? "; it will not run like that without --insecure" : "");
	return false;
}

static int live(struct engine *e)
{
	char error[SANDBOX_ERROR_SIZE] = "";
	const struct control ready = { .kind = CONTROL_READY };
	const enum status status = build(e, error);
	if (status != OK) {
		warnx("engine: %s", *error ? error : status_name(status));
		return EXIT_FAILURE;
	}
	if (!confine(e) || control_send(e->control, &ready, -1) != OK)
		return EXIT_FAILURE;
	e->progress_at = steady_clock_now(&e->clock);
	e->next_tick = monitor_clock() + TICK;
	run(e);
	end(e);
	return EXIT_SUCCESS;
}

int monitor_engine(const struct monitor_options *options,
                   struct live_source *sources[LIVE_SOURCES], struct frame_ledger *ledger,
                   const struct watch_start *start, int control)
{
	struct engine *e = calloc(1, sizeof *e);
	if (!e) {
		warnx("engine: memory ran out");
		return EXIT_FAILURE;
	}
	e->now = *options;
	e->options = &e->now;
	e->settings = options->config->settings;
	e->control = control;
	e->ledger = ledger;
	memcpy(e->feeds.sources, sources, sizeof e->feeds.sources);
	steady_clock_init(&e->clock);
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		if (e->feeds.sources[i])
			live_source_set_clock(e->feeds.sources[i], &e->clock);
	e->finals = (struct sink){ accept_final, e };
	e->snapshots = (struct sink){ accept_snapshot, e };
	int status = EXIT_FAILURE;
	if (start && engine_watch_new(start, &e->watch) != OK)
		warnx("engine: memory ran out");
	else
		status = live(e);
	pipeline_free(e->pipeline);
	link_sender_free(e->sender);
	engine_watch_free(e->watch);
	engine_free_feeds(e);
	config_free(e->config);
	free(e);
	return status;
}
