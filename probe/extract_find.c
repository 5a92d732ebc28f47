#include "probe/extract_find.h"

#include "probe/extract_list.h"
#include "schema/field_text.h"

/* --- collecting ----------------------------------------------------------------------- */

static void add_match(struct extract_matches *matches, uint64_t call)
{
	for (size_t i = 0; i < matches->count; i++) {
		if (matches->calls[i] == call)
			return;
	}
	if (matches->count < ARRAY_LEN(matches->calls))
		matches->calls[matches->count++] = call;
}

static bool id_begins(uint64_t id, struct text wanted)
{
	char digits[ID_TEXT_SIZE];
	return wanted.len > 0 &&
	       text_starts_nocase(text_from(id_format(id, digits)), wanted);
}

static void accept_leg(struct extract_find *find, const struct record *record)
{
	const struct leg_record *leg = &record->leg;
	/* A Call-ID too long to be kept whole is asked for as it is shown. */
	const struct text asked = text_head(find->wanted, RECORD_TEXT - 1);
	if (text_equal(text_from(leg->sip_call_id), asked))
		add_match(&find->by_call_id, leg->call);
	if (id_begins(leg->id, find->wanted) || id_begins(leg->call, find->wanted))
		add_match(&find->by_id, leg->call);
	void *moved = extract_list_grow(find->legs, find->leg_count, &find->leg_room,
	                                sizeof *find->legs);
	if (!moved) {
		find->no_memory = true;
		return;
	}
	find->legs = moved;
	find->legs[find->leg_count++] =
	        (struct extract_leg){ leg->call, leg->id, leg->start, record->at };
}

static void accept_stream(struct extract_find *find, const struct record *record)
{
	const struct stream_record *stream = &record->stream;
	if (!stream->call)
		return;
	/* Of the id of a call without signalling only its streams tell. */
	if (id_begins(stream->id, find->wanted) || id_begins(stream->call, find->wanted))
		add_match(&find->by_id, stream->call);
	void *moved = extract_list_grow(find->streams, find->stream_count,
	                                &find->stream_room, sizeof *find->streams);
	if (!moved) {
		find->no_memory = true;
		return;
	}
	find->streams = moved;
	find->streams[find->stream_count++] = (struct extract_stream){
		stream->call,  stream->src,  stream->dst, stream->ssrc,
		stream->first, stream->last, record->at,
	};
}

static void accept_message(struct extract_find *find, const struct message_record *message)
{
	void *moved = extract_list_grow(find->messages, find->message_count,
	                                &find->message_room, sizeof *find->messages);
	if (!moved) {
		find->no_memory = true;
		return;
	}
	find->messages = moved;
	find->messages[find->message_count++] = (struct extract_message){
		message->leg, message->frame, message->at,
		message->src, message->dst,   message->transport,
	};
}

void extract_find_accept(void *self, const struct record *record)
{
	struct extract_find *find = self;
	if (record->kind == RECORD_LEG)
		accept_leg(find, record);
	else if (record->kind == RECORD_STREAM)
		accept_stream(find, record);
	else if (record->kind == RECORD_MESSAGE)
		accept_message(find, &record->message);
}

const struct extract_matches *extract_find_matches(const struct extract_find *find)
{
	return find->by_call_id.count ? &find->by_call_id : &find->by_id;
}

/* --- the call that was chosen --------------------------------------------------------- */

#define KEEP(list, count, id)                                                              \
	do {                                                                               \
		size_t kept = 0;                                                           \
		for (size_t i = 0; i < (count); i++) {                                     \
			if ((list)[i].call == (id))                                        \
				(list)[kept++] = (list)[i];                                \
		}                                                                          \
		(count) = kept;                                                            \
	} while (0)

static int by_frame(const void *left, const void *right)
{
	const struct extract_message *a = left, *b = right;
	return (a->frame > b->frame) - (a->frame < b->frame);
}

/* Those of the legs: a message may be older than what its call is called. */
static void keep_messages(struct extract_find *find)
{
	size_t kept = 0;
	for (size_t i = 0; i < find->message_count; i++) {
		size_t leg = 0;
		while (leg < find->leg_count && find->legs[leg].id != find->messages[i].leg)
			leg++;
		if (leg < find->leg_count)
			find->messages[kept++] = find->messages[i];
	}
	find->message_count = kept;
}

void extract_find_choose(struct extract_find *find, uint64_t call)
{
	KEEP(find->streams, find->stream_count, call);
	KEEP(find->legs, find->leg_count, call);
	keep_messages(find);
	if (find->message_count > 1)
		qsort(find->messages, find->message_count, sizeof *find->messages,
		      by_frame);
}

struct extract_window extract_find_window(const struct extract_find *find)
{
	struct extract_window window = { NSTIME_NEVER, NSTIME_NONE };
	for (size_t i = 0; i < find->leg_count; i++) {
		const struct extract_leg *leg = &find->legs[i];
		window.from = leg->start < window.from ? leg->start : window.from;
		window.to = leg->final > window.to ? leg->final : window.to;
	}
	for (size_t i = 0; i < find->stream_count; i++) {
		const struct extract_stream *stream = &find->streams[i];
		window.from = stream->first < window.from ? stream->first : window.from;
		window.to = stream->final > window.to ? stream->final : window.to;
	}
	return window;
}

const struct extract_message *extract_find_message(const struct extract_find *find,
                                                   uint64_t frame)
{
	size_t low = 0, high = find->message_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (find->messages[middle].frame < frame)
			low = middle + 1;
		else
			high = middle;
	}
	return low < find->message_count && find->messages[low].frame == frame
	               ? &find->messages[low]
	               : NULL;
}

void extract_find_free(struct extract_find *find)
{
	free(find->messages);
	free(find->streams);
	free(find->legs);
}
