#include "probe/buffer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 1024, NUMBER_DIGITS = 20 };

char *buffer_room(struct buffer *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (!b->at || n > b->size - b->len) { /* even no byte has a place */
		size_t size = b->size ? b->size : FIRST_SIZE;
		while (size - b->len < n)
			size *= 2;
		char *grown = realloc(b->at, size);
		if (!grown) {
			b->failed = true;
			return NULL;
		}
		b->at = grown;
		b->size = size;
	}
	return b->at + b->len;
}

void buffer_add(struct buffer *b, struct text t)
{
	char *room = buffer_room(b, t.len);
	if (!room || t.len == 0)
		return;
	memcpy(room, t.at, t.len);
	b->len += t.len;
}

void buffer_add_char(struct buffer *b, char c)
{
	char *room = buffer_room(b, 1);
	if (!room)
		return;
	*room = c;
	b->len++;
}

void buffer_add_string(struct buffer *b, const char *string)
{
	buffer_add(b, text_from(string));
}

void buffer_add_number(struct buffer *b, uint64_t number)
{
	char digits[NUMBER_DIGITS];
	size_t first = NUMBER_DIGITS;
	do {
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buffer_add(b, (struct text){ digits + first, NUMBER_DIGITS - first });
}

void buffer_add_blanks(struct buffer *b, size_t n)
{
	char *room = buffer_room(b, n);
	if (!room)
		return;
	memset(room, ' ', n);
	b->len += n;
}

void buffer_format(struct buffer *b, const char *format, ...)
{
	enum {
		USUAL = 256
	}; /* most of what is formatted is shorter: then once is enough */
	va_list arguments;
	va_list again;
	va_start(arguments, format);
	va_copy(again, arguments);
	char *room = buffer_room(b, USUAL);
	int len = room ? vsnprintf(room, USUAL, format, arguments) : -1;
	if (len >= USUAL) {
		room = buffer_room(b, (size_t)len + 1);
		len = room ? vsnprintf(room, (size_t)len + 1, format, again) : -1;
	}
	if (len > 0)
		b->len += (size_t)len;
	va_end(again);
	va_end(arguments);
}

struct text buffer_text(const struct buffer *b)
{
	return (struct text){ b->at, b->len };
}

bool buffer_write(struct buffer *b, FILE *file)
{
	const bool done = !b->failed && fwrite(b->at, 1, b->len, file) == b->len;
	b->len = 0;
	return done;
}

void buffer_free(struct buffer *b)
{
	free(b->at);
	*b = (struct buffer){ 0 };
}
