/*
 * engine_interfaces.c - interfaces that come and go while the engine runs, and calls with
 * it: what takes the place of a source begins where that one ends, to the frame.
 */
#include "probe/engine_frames.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

#include "probe/frame_ledger.h"
#include "probe/monitor_engine.h"
#include "probe/packet_ring.h"
#include "probe/points.h"

/* The one that goes gives what was before the other's time; with workers, they see to it.
 */
static void begin_change(struct engine *e, size_t i, struct live_source *next, nstime from)
{
	struct engine_feeds *f = &e->feeds;
	struct feed_change *change = &f->changes[i];
	if (change->going) {
		live_source_close(change->after);
		change->after = next;
		change->again = true;
		return;
	}
	*change = (struct feed_change){ .going = true, .next = next };
	if (f->sources[i])
		live_source_end_at(f->sources[i], from == NSTIME_NONE ? 0 : from);
	if (f->workers && capture_workers_change(f->workers, i, next) != OK) {
		warnx("engine: no memory for %s", e->options->interfaces[i]);
		change->going = false;
		change->next = NULL;
		live_source_close(next);
	}
}

static bool is_over(struct engine_feeds *f, size_t i, nstime now)
{
	if (f->workers)
		return capture_workers_have_changed(f->workers, i);
	return !f->sources[i] || live_ring_is_over(live_source_ring(f->sources[i], 0), now);
}

/* As soon as it can be. */
void engine_go_on_changing(struct engine *e, size_t i, nstime now)
{
	struct engine_feeds *f = &e->feeds;
	struct feed_change done = f->changes[i];
	if (!is_over(f, i, now))
		return;
	if (f->sources[i]) {
		/* What it has left, the next one has. */
		const struct live_source_stats last = live_source_stats(f->sources[i]);
		live_source_stats_add(&f->gone[i], &last, 0);
		live_source_close(f->sources[i]);
	}
	f->sources[i] = done.next;
	f->changes[i].going = f->changes[i].again = false;
	f->changes[i].next = f->changes[i].after = NULL;
	if (done.again)
		begin_change(e, i, done.after, now);
}

static void drop_fds(struct feed_change *change)
{
	while (change->fd_count > 0)
		close(change->fds[--change->fd_count]);
}

static uint8_t point_of(struct engine *e, const char *interface)
{
	const struct config *config = e->config ? e->config : e->options->config;
	for (size_t i = 0; i < config->capture.interface_count; i++) {
		const struct capture_interface *one = &config->capture.interfaces[i];
		if (strcmp(one->name, interface) == 0 && one->point[0])
			return points_enter(&e->settings, text_from(one->point));
	}
	return 0;
}

void engine_set_points(struct engine *e)
{
	for (size_t i = 0; i < e->options->interface_count; i++) {
		const uint8_t point = point_of(e, e->options->interfaces[i]);
		if (e->feeds.sources[i])
			live_source_set_point(e->feeds.sources[i], point);
		if (e->feeds.changes[i].next)
			live_source_set_point(e->feeds.changes[i].next, point);
		if (e->feeds.changes[i].after)
			live_source_set_point(e->feeds.changes[i].after, point);
	}
	if (pipeline_set_points(e->pipeline, &e->settings) != OK)
		warnx("engine: no memory to tell points apart");
}

static void adopt(struct engine *e, const struct control *message)
{
	const uint32_t i = message->number;
	struct feed_change *change = &e->feeds.changes[i];
	const struct packet_ring_shape shape = { (uint32_t)message->counts[0],
		                                 (uint32_t)message->counts[1] };
	struct live_source *next = NULL;
	struct source_ledger *ledger =
	        &e->ledger->sources[i][message->counts[3] % LEDGER_SETS];
	const enum status status = live_source_adopt(change->fds, change->fd_count,
	                                             (uint16_t)i, &shape, ledger, &next);
	change->fd_count = 0; /* they are its own */
	if (status != OK) {
		warnx("engine: %s: the ring cannot be had: %s", message->text,
		      status_name(status));
		return;
	}
	live_source_set_clock(next, &e->clock);
	/* The parent told it by the wall clock. */
	const nstime now = steady_clock_now(&e->clock);
	const nstime from = message->at == NSTIME_NONE
	                            ? NSTIME_NONE
	                            : steady_clock_of(&e->clock, message->at, now);
	if (e->feeds.sources[i])
		live_source_begin_at(next, from);
	live_source_set_point(next, point_of(e, message->text));
	begin_change(e, i, next, from);
	warnx("%s is listened to", message->text);
}

void engine_change_interface(struct engine *e, const struct control *message, int fd)
{
	const uint32_t i = message->number;
	if (i >= LIVE_SOURCES ||
	    (fd >= 0 && e->feeds.changes[i].fd_count == LIVE_WORKERS)) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (i >= e->now.interface_count)
		e->now.interface_count = i + 1;
	text_copy(e->names[i], sizeof e->names[i], text_from(message->text));
	e->now.interfaces[i] = e->names[i];
	struct feed_change *change = &e->feeds.changes[i];
	if (fd < 0 || message->what + 1 == message->counts[2])
		drop_fds(change); /* of what was not sent to its end */
	if (fd < 0) {
		if (e->feeds.sources[i] || change->going)
			begin_change(e, i, NULL, steady_clock_now(&e->clock));
		return;
	}
	change->fds[change->fd_count++] = fd;
	if (message->what == 0)
		adopt(e, message);
}

void engine_forget_changes(struct engine *e)
{
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		live_source_close(e->feeds.changes[i].next);
		live_source_close(e->feeds.changes[i].after);
		drop_fds(&e->feeds.changes[i]);
	}
}
