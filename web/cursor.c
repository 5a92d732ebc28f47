#include "web/cursor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LATEST (INT64_MAX / 2) /* of times within, in the year 2116 */

/*
 * version | known, real | question | now | reached | value | id: numbers big endian, as
 * hexadecimal.
 */
enum { CURSOR_VERSION = 2, KNOWN = 1, REAL = 2, WORD_DIGITS = 16, HEAD_DIGITS = 4 };

static uint64_t bits_of(double real)
{
	uint64_t bits;
	memcpy(&bits, &real, sizeof bits);
	return bits;
}

void cursor_write(const struct cursor *cursor, uint64_t question, char to[CURSOR_SIZE])
{
	const struct query_place *place = &cursor->place;
	const uint64_t value = place->is_real ? place->known ? bits_of(place->real) : 0
	                                      : (uint64_t)place->number;
	snprintf(to, CURSOR_SIZE, "%02x%02x%016llx%016llx%016llx%016llx%016llx",
	         (unsigned int)CURSOR_VERSION,
	         (place->known ? KNOWN : 0U) | (place->is_real ? REAL : 0U),
	         (unsigned long long)question, (unsigned long long)cursor->now,
	         (unsigned long long)cursor->reached, (unsigned long long)value,
	         (unsigned long long)place->id);
}

static bool read_word(struct text *rest, uint64_t *out)
{
	uint32_t high;
	uint32_t low;
	if (text_hex32(text_head(*rest, 8), &high) != OK ||
	    text_hex32(text_head(text_skip(*rest, 8), 8), &low) != OK)
		return false;
	*rest = text_skip(*rest, WORD_DIGITS);
	*out = (uint64_t)high << 32 | low;
	return true;
}

enum status cursor_read(struct text t, uint64_t question, struct cursor *out)
{
	uint32_t head;
	uint64_t words[5];
	if (t.len != CURSOR_SIZE - 1 || text_find(t, 'x') < t.len ||
	    text_find(t, 'X') < t.len ||
	    text_hex32(text_head(t, HEAD_DIGITS), &head) != OK ||
	    head >> 8 != CURSOR_VERSION || (head & 0xff) > (KNOWN | REAL))
		return ERR_MALFORMED;
	t = text_skip(t, HEAD_DIGITS);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!read_word(&t, &words[i]))
			return ERR_MALFORMED;
	}
	if (words[0] != question)
		return ERR_NOT_FOUND;
	*out = (struct cursor){
		.now = (nstime)words[1],
		.reached = (nstime)words[2],
		.place = { .known = head & KNOWN, .is_real = head & REAL, .id = words[4] }
	};
	if (out->place.is_real)
		memcpy(&out->place.real, &words[3], sizeof out->place.real);
	else
		out->place.number = (int64_t)words[3];
	/* Whoever made it: to a time of ours whatever a filter may name can be added. */
	if (isnan(out->place.real) || out->now < 0 || out->now > LATEST ||
	    out->reached < 0 || out->reached > LATEST)
		return ERR_MALFORMED;
	return OK;
}
