#include "web/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/mask.h"
#include "web/record_json.h"

/* As it goes over the wire. */
struct live_event {
	struct buffer open, masked; /* owned */
};

struct live {
	pthread_mutex_t lock;
	pthread_cond_t news;        /* waits by the monotonic clock */
	struct live_event snapshot; /* its JSON alone */
	struct live_event events[LIVE_EVENTS];
	uint64_t last; /* id of the latest event, from 1 */
	size_t streams;
	uint64_t epoch; /* streams of another one end */
	bool stopping;
};

struct live_stream {
	struct live *live; /* borrowed */
	bool masked, dropped;
	uint64_t epoch;
	uint64_t next;       /* id of the event to be sent */
	struct buffer ready; /* of which `sent` octets are gone */
	size_t sent;
	time_t begun; /* monotonic */
};

enum status live_new(struct live **out)
{
	pthread_condattr_t monotonic;
	struct live *live = calloc(1, sizeof *live);
	if (!live)
		return ERR_NOMEM;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&live->lock, NULL);
	pthread_cond_init(&live->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*out = live;
	return OK;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < LIVE_EVENTS; i++) {
		buffer_free(&live->events[i].open);
		buffer_free(&live->events[i].masked);
	}
	buffer_free(&live->snapshot.open);
	buffer_free(&live->snapshot.masked);
	pthread_cond_destroy(&live->news);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

/* --- publishing ----------------------------------------------------------------------- */

static void add_event(struct buffer *to, const char *type, uint64_t id, struct text json)
{
	buffer_format(to, "event: %s\nid: %llu\ndata: ", type, (unsigned long long)id);
	buffer_add(to, json);
	buffer_add_string(to, "\n\n");
}

/* The place of the next event, emptied, and its id.  The lock is held. */
static struct live_event *next_event(struct live *live, uint64_t *id)
{
	struct live_event *event;
	*id = ++live->last;
	event = &live->events[*id % LIVE_EVENTS];
	event->open.len = event->masked.len = 0;
	event->open.failed = event->masked.failed = false;
	return event;
}

static void keep_text(struct buffer *to, const struct buffer *from)
{
	to->len = 0;
	to->failed = from->failed;
	buffer_add(to, buffer_text(from));
}

/* Both forms, of a buffer each; `keep`: the snapshot, too. */
static void publish(struct live *live, const char *type, const struct live_event *told,
                    bool keep)
{
	uint64_t id;
	pthread_mutex_lock(&live->lock);
	struct live_event *event = next_event(live, &id);
	add_event(&event->open, type, id, buffer_text(&told->open));
	add_event(&event->masked, type, id, buffer_text(&told->masked));
	event->open.failed |= told->open.failed;
	event->masked.failed |= told->masked.failed;
	if (keep) {
		keep_text(&live->snapshot.open, &told->open);
		keep_text(&live->snapshot.masked, &told->masked);
	}
	pthread_cond_broadcast(&live->news);
	pthread_mutex_unlock(&live->lock);
}

void live_publish_snapshot(struct live *live, const char *type, struct text json,
                           const uint8_t key[SECRET_BYTES])
{
	struct live_event told = { 0 };
	struct mask mask;
	mask_init(&mask, key);
	buffer_add(&told.open, json);
	mask_add_counts(&mask, json, &told.masked);
	mask_free(&mask);
	publish(live, type, &told, true);
	buffer_free(&told.open);
	buffer_free(&told.masked);
}

void live_publish_record(struct live *live, const char *type, const struct record *record,
                         const uint8_t key[SECRET_BYTES])
{
	struct live_event told = { 0 };
	struct record copy = *record;
	struct mask mask;
	json_add_object(&told.open, record);
	mask_init(&mask, key);
	mask_record(&mask, &copy);
	json_add_object(&told.masked, &copy);
	mask_free(&mask);
	publish(live, type, &told, false);
	buffer_free(&told.open);
	buffer_free(&told.masked);
}

bool live_add_snapshot(struct live *live, bool masked, struct buffer *to)
{
	pthread_mutex_lock(&live->lock);
	const struct buffer *told = masked ? &live->snapshot.masked : &live->snapshot.open;
	const bool known = told->len > 0 && !told->failed;
	if (known)
		buffer_add(to, buffer_text(told));
	pthread_mutex_unlock(&live->lock);
	return known;
}

static void end_streams(struct live *live, bool for_good)
{
	pthread_mutex_lock(&live->lock);
	live->epoch++;
	live->stopping |= for_good;
	pthread_cond_broadcast(&live->news);
	pthread_mutex_unlock(&live->lock);
}

void live_end_streams(struct live *live)
{
	end_streams(live, false);
}

void live_stop(struct live *live)
{
	end_streams(live, true);
}

/* --- watching ------------------------------------------------------------------------- */

static struct timespec monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

enum status live_open(struct live *live, bool masked, uint64_t after,
                      struct live_stream **out)
{
	struct live_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return ERR_NOMEM;
	pthread_mutex_lock(&live->lock);
	const bool room = live->streams < LIVE_STREAMS && !live->stopping;
	live->streams += room;
	/* An id of a probe before this one, or none: from now on. */
	const bool known = after > 0 && after <= live->last;
	*stream = (struct live_stream){ .live = live,
		                        .masked = masked,
		                        .epoch = live->epoch,
		                        .next = (known ? after : live->last) + 1,
		                        .begun = monotonic_now().tv_sec };
	pthread_mutex_unlock(&live->lock);
	if (!room) {
		free(stream);
		return ERR_FULL;
	}
	buffer_add_string(&stream->ready, "retry: 2000\n\n");
	*out = stream;
	return OK;
}

void live_close(struct live_stream *stream)
{
	if (!stream)
		return;
	pthread_mutex_lock(&stream->live->lock);
	stream->live->streams--;
	pthread_mutex_unlock(&stream->live->lock);
	buffer_free(&stream->ready);
	free(stream);
}

/* The lock is held. */
static void take_event(struct live_stream *stream)
{
	struct live *live = stream->live;
	const uint64_t oldest = live->last < LIVE_EVENTS ? 1 : live->last - LIVE_EVENTS + 1;
	if (stream->next < oldest) {
		buffer_format(&stream->ready, "event: dropped\ndata: {\"missed\":%llu}\n\n",
		              (unsigned long long)(oldest - stream->next));
		stream->dropped = true;
		return;
	}
	const struct live_event *event = &live->events[stream->next++ % LIVE_EVENTS];
	const struct buffer *shown = stream->masked ? &event->masked : &event->open;
	if (!shown->failed)
		buffer_add(&stream->ready, buffer_text(shown));
}

/* Waits for news; false: the stream is over. */
static bool refill(struct live_stream *stream)
{
	struct live *live = stream->live;
	struct timespec until = monotonic_now();
	int code = 0;
	stream->ready.len = stream->sent = 0;
	if (stream->dropped || until.tv_sec - stream->begun >= LIVE_STREAM_S)
		return false;
	until.tv_sec += LIVE_HEARTBEAT_S;
	pthread_mutex_lock(&live->lock);
	while (stream->epoch == live->epoch && stream->next > live->last &&
	       code != ETIMEDOUT)
		code = pthread_cond_timedwait(&live->news, &live->lock, &until);
	const bool goes_on = stream->epoch == live->epoch;
	if (goes_on && stream->next <= live->last)
		take_event(stream);
	else if (goes_on)
		buffer_add_string(&stream->ready, ": still here\n\n");
	pthread_mutex_unlock(&live->lock);
	return goes_on && !stream->ready.failed;
}

size_t live_read(struct live_stream *stream, char *to, size_t room)
{
	while (stream->sent == stream->ready.len) {
		if (!refill(stream))
			return 0;
	}
	const size_t left = stream->ready.len - stream->sent;
	const size_t len = left < room ? left : room;
	memcpy(to, stream->ready.at + stream->sent, len);
	stream->sent += len;
	return len;
}
