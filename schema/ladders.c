#include "schema/ladders.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/utf8.h"

enum {
	/* A message at its longest: each text byte as \u00XX, the rest numbers and
	   addresses. */
	MESSAGE_ROOM = 6 * (RECORD_WORDS + 48) + 2 * ENDPOINT_TEXT_SIZE + 160,
	LADDER_BYTES = 768, /* a call of seven messages */
	PIECE_BYTES = 2048,
	SPARE = 1, /* for the closing bracket */
	MAX_LADDERS = LADDERS_MAX_BYTES / 2 / LADDER_BYTES,
	MAX_PIECES = LADDERS_MAX_BYTES / 2 / PIECE_BYTES,
};

/* What goes on where the ladder's own bytes are full. */
struct piece {
	uint32_t next; /* number + 1 */
	char bytes[PIECE_BYTES - sizeof(uint32_t)];
};

struct ladder {
	uint64_t leg;
	struct endpoint ends[2];          /* of the first message */
	uint32_t len;                     /* of all its text, without the last bracket */
	uint32_t first_piece, last_piece; /* number + 1 */
	uint32_t raw;                     /* bytes of messages that are kept whole */
	char bytes[LADDER_BYTES - 60];
};

static_assert(sizeof(struct ladder) == LADDER_BYTES, "a ladder is whole cache lines");
static_assert(sizeof((struct piece){ 0 }.bytes) >= MESSAGE_ROOM,
              "a message needs one more piece at most");

enum status ladders_init(struct ladders *ladders)
{
	pool_init(&ladders->pool, sizeof(struct ladder), MAX_LADDERS);
	pool_init(&ladders->pieces, sizeof(struct piece), MAX_PIECES);
	ladders->whole = malloc(LADDER_MAX_BYTES);
	return ladders->whole ? map_init(&ladders->map) : ERR_NOMEM;
}

void ladders_free(struct ladders *ladders)
{
	pool_free(&ladders->pool);
	pool_free(&ladders->pieces);
	map_free(&ladders->map);
	free(ladders->whole);
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

/* --- text ----------------------------------------------------------------------------- */

/* Messages are composed in MESSAGE_ROOM: nothing below can overflow. */
static char *put(char *to, const char *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

static char *put_number(char *to, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	return put(to, digits + at, sizeof digits - at);
}

static char *put_signed(char *to, int64_t number)
{
	if (number < 0)
		*to++ = '-';
	return put_number(to, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

static char *put_escaped(char *to, uint32_t c)
{
	static const char digits[] = "0123456789abcdef";
	to = put(to, "\\u00", 4);
	*to++ = digits[c >> 4];
	*to++ = digits[c & 0xf];
	return to;
}

/* Nearly all: needs neither a look at what follows nor an escape. */
static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* RFC 8259 section 7; what is no UTF-8 becomes U+FFFD. */
static char *put_text(char *to, const char *string)
{
	struct text rest = text_from(string);
	*to++ = '"';
	while (rest.len) {
		if (is_plain(rest.at[0])) {
			*to++ = rest.at[0];
			rest = text_skip(rest, 1);
			continue;
		}
		size_t len = 1;
		const uint32_t c = utf8_next(rest, &len);
		if (c == UTF8_INVALID)
			to = put(to, "\xef\xbf\xbd", 3);
		else if (c == '"' || c == '\\' || c < 0x20)
			to = put_escaped(to, c);
		else
			to = put(to, rest.at, len);
		rest = text_skip(rest, len);
	}
	*to++ = '"';
	return to;
}

static char *put_endpoint(char *to, const struct ladder *ladder,
                          const struct endpoint *endpoint)
{
	*to++ = ',';
	for (int i = 0; i < 2; i++) {
		if (!endpoint_equal(endpoint, &ladder->ends[i]))
			continue;
		*to++ = (char)('0' + i);
		return to;
	}
	*to++ = '"';
	endpoint_format(endpoint, to);
	to += strlen(to);
	*to++ = '"';
	return to;
}

static char *put_message(char *to, const struct ladder *ladder,
                         const struct message_record *m)
{
	const char *transport = transport_names[m->transport];
	to = put(to, ladder->len ? ",[" : "[[", 2);
	to = put_signed(to, (int64_t)m->id);
	*to++ = ',';
	to = put_signed(to, ns_to_us(m->at));
	*to++ = ',';
	to = put_number(to, m->frame);
	to = put_endpoint(to, ladder, &m->src);
	to = put_endpoint(to, ladder, &m->dst);
	*to++ = ',';
	to = put_text(to, transport ? transport : "");
	*to++ = ',';
	to = put_text(to, m->summary);
	*to++ = ',';
	to = put_text(to, m->cseq);
	to = put(to, m->retransmission ? ",1" : ",0", 2);
	to = put(to, m->sdp ? ",1," : ",0,", 3);
	to = put_number(to, m->length);
	*to++ = ']';
	return to;
}

/* --- where it is kept ----------------------------------------------------------------- */

static struct piece *piece_at(const struct ladders *ladders, uint32_t number)
{
	return pool_at(&ladders->pieces, number);
}

/* Bytes that find room before another piece is needed. */
static size_t room_left(const struct ladder *ladder)
{
	const size_t own = sizeof ladder->bytes;
	const size_t piece = sizeof((struct piece){ 0 }.bytes);
	if (ladder->len <= own)
		return own - ladder->len;
	return (piece - (ladder->len - own) % piece) % piece;
}

static enum status add_piece(struct ladders *ladders, struct ladder *ladder)
{
	void *object;
	uint32_t number;
	const enum status status = pool_take(&ladders->pieces, &object, &number);
	if (status != OK)
		return status;
	if (ladder->last_piece)
		piece_at(ladders, ladder->last_piece - 1)->next = number + 1;
	else
		ladder->first_piece = number + 1;
	ladder->last_piece = number + 1;
	return OK;
}

static enum status append(struct ladders *ladders, struct ladder *ladder, const char *bytes,
                          size_t len)
{
	const size_t room = room_left(ladder);
	const size_t here = len < room ? len : room;
	char *end = ladder->bytes + ladder->len;
	if (ladder->last_piece) {
		struct piece *last = piece_at(ladders, ladder->last_piece - 1);
		end = last->bytes + sizeof last->bytes - room;
	}
	if (ladder->len + len + SPARE > LADDER_MAX_BYTES)
		return ERR_FULL;
	if (len > room) {
		const enum status status = add_piece(ladders, ladder);
		if (status != OK)
			return status;
		memcpy(piece_at(ladders, ladder->last_piece - 1)->bytes, bytes + here,
		       len - here);
	}
	memcpy(end, bytes, here);
	ladder->len += (uint32_t)len;
	return OK;
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
	const bool first = ladder->len == 0;
	char text[MESSAGE_ROOM];
	const char *end = put_message(text, ladder, message);
	status = append(ladders, ladder, text, (size_t)(end - text));
	if (status == OK && first) {
		ladder->ends[0] = message->src;
		ladder->ends[1] = message->dst;
	}
	return status;
}

bool ladders_allow_raw(struct ladders *ladders, uint64_t leg, size_t len)
{
	const uint32_t number = find(ladders, leg);
	if (number == MAP_NONE)
		return false;
	struct ladder *ladder = pool_at(&ladders->pool, number);
	if (len > LADDER_RAW_MAX - ladder->raw)
		return false;
	ladder->raw += (uint32_t)len;
	return true;
}

void ladders_restore(struct ladders *ladders, uint64_t leg, struct text text,
                     const struct endpoint ends[2])
{
	uint32_t number;
	if (text.len < 2 || text.at[0] != '[' || text.at[text.len - 1] != ']' ||
	    find(ladders, leg) != MAP_NONE || open_ladder(ladders, leg, &number) != OK)
		return;
	struct ladder *ladder = pool_at(&ladders->pool, number);
	ladder->ends[0] = ends[0];
	ladder->ends[1] = ends[1];
	text = text_head(text, text.len - SPARE);
	while (text.len) {
		const struct text part = text_head(text, MESSAGE_ROOM);
		if (append(ladders, ladder, part.at, part.len) != OK) {
			ladders_drop(ladders, leg);
			return;
		}
		text = text_skip(text, part.len);
	}
}

struct text ladders_text(const struct ladders *ladders, uint64_t leg)
{
	const uint32_t number = find(ladders, leg);
	if (number == MAP_NONE)
		return (struct text){ 0 };
	const struct ladder *ladder = pool_at(&ladders->pool, number);
	if (ladder->len == 0)
		return (struct text){ 0 };
	char *to = ladders->whole;
	size_t left = ladder->len;
	size_t here = left < sizeof ladder->bytes ? left : sizeof ladder->bytes;
	to = put(to, ladder->bytes, here);
	for (uint32_t next = ladder->first_piece; next && left > here;) {
		const struct piece *piece = piece_at(ladders, next - 1);
		left -= here;
		here = left < sizeof piece->bytes ? left : sizeof piece->bytes;
		to = put(to, piece->bytes, here);
		next = piece->next;
	}
	*to++ = ']';
	return (struct text){ ladders->whole, ladder->len + SPARE };
}

void ladders_drop(struct ladders *ladders, uint64_t leg)
{
	const uint32_t number = find(ladders, leg);
	if (number == MAP_NONE)
		return;
	const struct ladder *ladder = pool_at(&ladders->pool, number);
	for (uint32_t next = ladder->first_piece; next;) {
		const uint32_t piece = next - 1;
		next = piece_at(ladders, piece)->next;
		pool_give(&ladders->pieces, piece);
	}
	map_remove(&ladders->map, leg, number);
	pool_give(&ladders->pool, number);
}
