#include "schema/ladders.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/utf8.h"

enum {
	MAX_LADDERS = 1 << 20,
	FIRST_ROOM = 2048,
	/* A message at its longest: each text byte as \u00XX, the rest numbers and
	   addresses. */
	MESSAGE_ROOM = 6 * (RECORD_WORDS + 48) + 2 * ENDPOINT_TEXT_SIZE + 160,
	SPARE = 1, /* for the closing bracket */
};

struct ladder {
	uint64_t leg;
	struct endpoint ends[2]; /* of the first message */
	char *text;              /* owned; without the last bracket */
	size_t len, room;
};

enum status ladders_init(struct ladders *ladders)
{
	pool_init(&ladders->pool, sizeof(struct ladder), MAX_LADDERS);
	return map_init(&ladders->map);
}

void ladders_free(struct ladders *ladders)
{
	for (uint32_t i = 0; i < ladders->pool.reach; i++) {
		struct ladder *ladder = pool_live(&ladders->pool, i);
		if (ladder)
			free(ladder->text);
	}
	pool_free(&ladders->pool);
	map_free(&ladders->map);
}

static uint32_t find(const struct ladders *ladders, uint64_t leg)
{
	struct map_cursor cursor = map_cursor_of(leg); /* ids are hashes already */
	for (;;) {
		const uint32_t number = map_next(&ladders->map, &cursor);
		if (number == MAP_NONE)
			return MAP_NONE;
		const struct ladder *ladder = pool_at(&ladders->pool, number);
		if (ladder->leg == leg)
			return number;
	}
}

static enum status open_ladder(struct ladders *ladders, uint64_t leg, uint32_t *number)
{
	void *object;
	enum status status = pool_take(&ladders->pool, &object, number);
	if (status != OK)
		return status;
	((struct ladder *)object)->leg = leg;
	status = map_insert(&ladders->map, leg, *number);
	if (status != OK)
		pool_give(&ladders->pool, *number);
	return status;
}

static enum status make_room(struct ladders *ladders, struct ladder *ladder)
{
	if (ladder->room - ladder->len >= MESSAGE_ROOM + SPARE)
		return OK;
	size_t room = ladder->room ? ladder->room : FIRST_ROOM;
	while (room - ladder->len < MESSAGE_ROOM + SPARE)
		room += room / 2;
	if (room > LADDER_MAX_BYTES + MESSAGE_ROOM ||
	    ladders->bytes + (room - ladder->room) > LADDERS_MAX_BYTES)
		return ERR_FULL;
	char *text = realloc(ladder->text, room);
	if (!text)
		return ERR_NOMEM;
	ladders->bytes += room - ladder->room;
	ladder->text = text;
	ladder->room = room;
	return OK;
}

/* make_room has been asked: nothing below can overflow. */
static void put(struct ladder *ladder, const char *bytes, size_t len)
{
	memcpy(ladder->text + ladder->len, bytes, len);
	ladder->len += len;
}

static void put_number(struct ladder *ladder, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	put(ladder, digits + at, sizeof digits - at);
}

static void put_signed(struct ladder *ladder, int64_t number)
{
	if (number < 0)
		put(ladder, "-", 1);
	put_number(ladder, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

/* RFC 8259 section 7; what is no UTF-8 becomes U+FFFD. */
static void put_text(struct ladder *ladder, const char *string)
{
	struct text rest = text_from(string);
	put(ladder, "\"", 1);
	while (rest.len) {
		size_t len = 1;
		char escaped[8];
		const uint32_t c = utf8_next(rest, &len);
		if (c == UTF8_INVALID)
			put(ladder, "\xef\xbf\xbd", 3);
		else if (c == '"' || c == '\\' || c < 0x20)
			put(ladder, escaped,
			    (size_t)snprintf(escaped, sizeof escaped, "\\u%04" PRIx32, c));
		else
			put(ladder, rest.at, len);
		rest = text_skip(rest, len);
	}
	put(ladder, "\"", 1);
}

static void put_endpoint(struct ladder *ladder, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];
	for (int i = 0; i < 2; i++) {
		if (!endpoint_equal(endpoint, &ladder->ends[i]))
			continue;
		put(ladder, i ? ",1" : ",0", 2);
		return;
	}
	endpoint_format(endpoint, text);
	put(ladder, ",\"", 2);
	put(ladder, text, strlen(text));
	put(ladder, "\"", 1);
}

static void put_message(struct ladder *ladder, const struct message_record *m)
{
	put(ladder, ladder->len ? ",[" : "[[", 2);
	put_signed(ladder, (int64_t)m->id);
	put(ladder, ",", 1);
	put_signed(ladder, m->at / NS_PER_US - (m->at % NS_PER_US < 0));
	put(ladder, ",", 1);
	put_number(ladder, m->frame);
	put_endpoint(ladder, &m->src);
	put_endpoint(ladder, &m->dst);
	put(ladder, ",", 1);
	put_text(ladder,
	         transport_names[m->transport] ? transport_names[m->transport] : "");
	put(ladder, ",", 1);
	put_text(ladder, m->summary);
	put(ladder, ",", 1);
	put_text(ladder, m->cseq);
	put(ladder, m->retransmission ? ",1" : ",0", 2);
	put(ladder, m->sdp ? ",1," : ",0,", 3);
	put_number(ladder, m->length);
	put(ladder, "]", 1);
}

enum status ladders_add(struct ladders *ladders, const struct message_record *message)
{
	uint32_t number = find(ladders, message->leg);
	enum status status = OK;
	if (number == MAP_NONE)
		status = open_ladder(ladders, message->leg, &number);
	if (status != OK)
		return status;
	struct ladder *ladder = pool_at(&ladders->pool, number);
	status = make_room(ladders, ladder);
	if (status != OK)
		return status;
	const bool first = ladder->len == 0;
	put_message(ladder, message);
	if (first) {
		ladder->ends[0] = message->src;
		ladder->ends[1] = message->dst;
	}
	return OK;
}

struct text ladders_text(const struct ladders *ladders, uint64_t leg)
{
	const uint32_t number = find(ladders, leg);
	if (number == MAP_NONE)
		return (struct text){ 0 };
	struct ladder *ladder = pool_at(&ladders->pool, number);
	if (ladder->len == 0)
		return (struct text){ 0 };
	ladder->text[ladder->len] = ']';
	return (struct text){ ladder->text, ladder->len + 1 };
}

void ladders_drop(struct ladders *ladders, uint64_t leg)
{
	const uint32_t number = find(ladders, leg);
	if (number == MAP_NONE)
		return;
	struct ladder *ladder = pool_at(&ladders->pool, number);
	map_remove(&ladders->map, leg, number);
	ladders->bytes -= ladder->room;
	free(ladder->text);
	pool_give(&ladders->pool, number);
}
