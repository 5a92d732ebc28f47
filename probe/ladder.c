#include "probe/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "web/display.h"

#define LINE_DOWN "\u2502"
#define LINE_ALONG "\u2500"
#define HEAD_RIGHT "\u25b6"
#define HEAD_LEFT "\u25c0"

enum { TIME_WIDTH = 11, COLUMN_MIN = 30, COLUMN_GAP = 4, FIRST_SIZE = 64 };

static struct ladder_event *new_event(struct ladder *ladder, nstime at)
{
	if (ladder->count == LADDER_MAX_EVENTS || at == NSTIME_NONE) {
		ladder->left_out++;
		return NULL;
	}
	if (ladder->count == ladder->size) {
		const size_t size = ladder->size ? ladder->size * 2 : FIRST_SIZE;
		struct ladder_event *grown =
		        realloc(ladder->events, size * sizeof *ladder->events);
		if (!grown) {
			ladder->failed = true;
			return NULL;
		}
		ladder->events = grown;
		ladder->size = size;
	}
	struct ladder_event *event = &ladder->events[ladder->count];
	*event = (struct ladder_event){ .at = at, .order = ladder->count++ };
	return event;
}

/* The column of an address; false when there are too many. */
static bool column_of(struct ladder *ladder, const struct endpoint *e, size_t *out)
{
	size_t i = 0;
	while (i < ladder->column_count && !endpoint_equal(&ladder->columns[i], e))
		i++;
	if (i == LADDER_MAX_COLUMNS)
		return false;
	if (i == ladder->column_count)
		ladder->columns[ladder->column_count++] = *e;
	*out = i;
	return true;
}

/* Cut at a whole code point. */
static void keep_label(struct ladder *ladder, struct ladder_event *event,
                       struct buffer *label)
{
	size_t len = label->len;
	if (len >= sizeof event->label) {
		len = sizeof event->label - 1;
		while (len > 0 && ((uint8_t)label->at[len] & 0xc0) == 0x80)
			len--;
	}
	text_copy(event->label, sizeof event->label, text_head(buffer_text(label), len));
	ladder->failed |= label->failed;
	buffer_free(label);
}

void ladder_add_message(struct ladder *ladder, const struct record *record)
{
	const struct message_record *message = &record->message;
	struct buffer label = { 0 };
	size_t src;
	size_t dst;
	if (!column_of(ladder, &message->src, &src) ||
	    !column_of(ladder, &message->dst, &dst)) {
		ladder->left_out++;
		return;
	}
	struct ladder_event *event = new_event(ladder, message->at);
	if (!event)
		return;
	event->src = src;
	event->dst = dst;
	display_text(&label, text_from(message->summary));
	if (message->sdp)
		buffer_add_string(&label, " (SDP)");
	if (message->retransmission)
		buffer_add_string(&label, " again");
	keep_label(ladder, event, &label);
}

static void add_media(struct ladder *ladder, const struct stream_record *stream,
                      bool begins)
{
	char src[ENDPOINT_TEXT_SIZE];
	char dst[ENDPOINT_TEXT_SIZE];
	struct buffer label = { 0 };
	struct ladder_event *event =
	        new_event(ladder, begins ? stream->first : stream->last);
	if (!event)
		return;
	event->media = true;
	buffer_format(&label, "%s %s  %s \u2192 %s  0x%08x",
	              begins ? "media begins" : "media ends  ",
	              stream->codec == CODEC_UNKNOWN ? "RTP" : codec_name(stream->codec),
	              endpoint_format(&stream->src, src),
	              endpoint_format(&stream->dst, dst), stream->ssrc);
	if (!begins)
		buffer_format(&label, "  %llu packets",
		              (unsigned long long)stream->packets);
	keep_label(ladder, event, &label);
}

void ladder_add_stream(struct ladder *ladder, const struct record *record)
{
	add_media(ladder, &record->stream, true);
	add_media(ladder, &record->stream, false);
}

static int compare_events(const void *a, const void *b)
{
	const struct ladder_event *left = a;
	const struct ladder_event *right = b;
	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

static void add_repeated(struct buffer *to, const char *string, size_t n)
{
	while (n-- > 0)
		buffer_add_string(to, string);
}

static void draw_heads(const struct ladder *ladder, size_t width, struct buffer *to)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_blanks(to, TIME_WIDTH + 2);
	for (size_t i = 0; i < ladder->column_count; i++) {
		endpoint_format(&ladder->columns[i], text);
		buffer_add_string(to, text);
		if (i + 1 < ladder->column_count)
			buffer_add_blanks(to, width - strlen(text));
	}
	buffer_add_char(to, '\n');
}

/* At most `width` columns of a text. */
static struct text cut_to_width(struct text t, size_t width)
{
	size_t len = 0;
	for (size_t shown = 0; len < t.len; len++) {
		if (((uint8_t)t.at[len] & 0xc0) != 0x80 && ++shown > width)
			break;
	}
	return text_head(t, len);
}

/* The arrow between two columns, without the vertical lines at its ends. */
static void draw_arrow(const struct ladder_event *event, size_t space, struct buffer *to)
{
	const bool to_right = event->dst > event->src;
	const struct text label = cut_to_width(text_from(event->label), space - 6);
	const size_t dashes = space - 3 - display_width(label);
	buffer_add_string(to, to_right ? "" : HEAD_LEFT);
	add_repeated(to, LINE_ALONG, dashes / 2);
	buffer_add_char(to, ' ');
	buffer_add(to, label);
	buffer_add_char(to, ' ');
	add_repeated(to, LINE_ALONG, dashes - dashes / 2);
	buffer_add_string(to, to_right ? HEAD_RIGHT : "");
}

static void draw_message(const struct ladder *ladder, const struct ladder_event *event,
                         size_t width, struct buffer *to)
{
	const size_t left = event->src < event->dst ? event->src : event->dst;
	const size_t right = event->src < event->dst ? event->dst : event->src;
	for (size_t i = 0; i < ladder->column_count; i++) {
		const bool last = i + 1 == ladder->column_count;
		buffer_add_string(to, LINE_DOWN);
		if (i == left && left == right) {
			buffer_format(to, " to itself: %s", event->label);
			break;
		}
		if (i == left) {
			draw_arrow(event, (right - left) * width - 1, to);
			i = right - 1;
		} else if (!last) {
			buffer_add_blanks(to, width - 1);
		}
	}
}

static size_t column_width(const struct ladder *ladder)
{
	char text[ENDPOINT_TEXT_SIZE];
	size_t width = COLUMN_MIN;
	for (size_t i = 0; i < ladder->column_count; i++) {
		const size_t len = strlen(endpoint_format(&ladder->columns[i], text));
		if (len + COLUMN_GAP > width)
			width = len + COLUMN_GAP;
	}
	return width;
}

/* A database may hold any times, even some too far apart for a difference. */
static double seconds_since(nstime start, nstime t)
{
	nstime elapsed;
	return __builtin_sub_overflow(t, start, &elapsed) ? 0 : ns_to_s(elapsed);
}

void ladder_draw(struct ladder *ladder, nstime start, struct buffer *to)
{
	const size_t width = column_width(ladder);
	if (ladder->count > 0)
		qsort(ladder->events, ladder->count, sizeof *ladder->events,
		      compare_events);
	draw_heads(ladder, width, to);
	for (size_t i = 0; i < ladder->count; i++) {
		const struct ladder_event *event = &ladder->events[i];
		buffer_format(to, "%*.3f  ", TIME_WIDTH, seconds_since(start, event->at));
		if (event->media)
			buffer_add_string(to, event->label);
		else
			draw_message(ladder, event, width, to);
		buffer_add_char(to, '\n');
	}
	if (ladder->left_out)
		buffer_format(to, "%zu more are not shown\n", ladder->left_out);
	to->failed |= ladder->failed;
}

void ladder_free(struct ladder *ladder)
{
	free(ladder->events);
	*ladder = (struct ladder){ 0 };
}
