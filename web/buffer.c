#include "web/buffer.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SIZE = 1024,
	NUMBER_DIGITS = 20,
	DOUBLE_BITS = 53,
	EXACT_DECIMALS = 3, /* 1000 times the 53 bits of a double still fits 64 */
};

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

/* Decimal digits before `end`; returns where they begin. */
static char *put_digits(char *end, uint64_t number)
{
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return end;
}

void buffer_add_number(struct buffer *b, uint64_t number)
{
	buffer_add_number_right(b, 0, number);
}

void buffer_add_blanks(struct buffer *b, size_t n)
{
	char *room = buffer_room(b, n);
	if (!room)
		return;
	memset(room, ' ', n);
	b->len += n;
}

static void add_right(struct buffer *b, size_t width, struct text t)
{
	if (t.len < width)
		buffer_add_blanks(b, width - t.len);
	buffer_add(b, t);
}

void buffer_add_number_right(struct buffer *b, size_t width, uint64_t number)
{
	char digits[NUMBER_DIGITS];
	char *const end = digits + sizeof digits;
	const char *first = put_digits(end, number);
	add_right(b, width, (struct text){ first, (size_t)(end - first) });
}

/*
 * value * scale as the nearest whole number, the even one of two: exact, for the value is
 * a whole number of 53 bits over a power of two.  It must be below 2^53.
 */
static uint64_t nearest(double value, uint64_t scale)
{
	int exponent;
	const double mantissa = frexp(value, &exponent);
	const uint64_t scaled = (uint64_t)ldexp(mantissa, DOUBLE_BITS) * scale;
	const unsigned int shift = (unsigned int)(DOUBLE_BITS - exponent);
	if (shift == 0)
		return scaled;
	if (shift >= 64)
		return 0; /* below a half */
	const uint64_t whole = scaled >> shift;
	const uint64_t rest = scaled & ((UINT64_C(1) << shift) - 1);
	const uint64_t half = UINT64_C(1) << (shift - 1);
	return whole + (rest > half || (rest == half && whole % 2));
}

/* Reports hold little else than such figures: not worth a trip through printf. */
void buffer_add_fixed(struct buffer *b, size_t width, unsigned int decimals, double value)
{
	static const uint64_t scales[EXACT_DECIMALS + 1] = { 1, 10, 100, 1000 };
	char digits[1 + NUMBER_DIGITS + 1];
	char *const end = digits + sizeof digits;
	if (decimals > EXACT_DECIMALS || fabs(value) >= (double)(UINT64_C(1) << 53)) {
		buffer_format(b, "%*.*f", (int)width, (int)decimals, value);
		return;
	}
	uint64_t number = nearest(fabs(value), scales[decimals]);
	char *first = end;
	for (unsigned int i = 0; i < decimals; i++, number /= 10)
		*--first = (char)('0' + number % 10);
	if (decimals)
		*--first = '.';
	first = put_digits(first, number);
	if (signbit(value))
		*--first = '-';
	add_right(b, width, (struct text){ first, (size_t)(end - first) });
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
	/* An empty one may have no memory, and fwrite takes no null pointer. */
	const bool done =
	        !b->failed && (b->len == 0 || fwrite(b->at, 1, b->len, file) == b->len);
	b->len = 0;
	return done;
}

void buffer_free(struct buffer *b)
{
	free(b->at);
	*b = (struct buffer){ 0 };
}
