/*
 * buffer.h - text under construction: grows as needed and is written out in one go.
 *
 * When memory runs out the buffer is `failed` from then on and what is added is lost; who
 * writes it out asks once.
 */
#ifndef EARSHOT_WEB_BUFFER_H
#define EARSHOT_WEB_BUFFER_H

#include <stdio.h>

#include "analyzer/base/text.h"

struct buffer {
	char *at; /* owned; not terminated */
	size_t len, size;
	bool failed;
};

/* Room for n more bytes, to be counted into len by the caller; NULL when memory ran out. */
char *buffer_room(struct buffer *b, size_t n);

void buffer_add(struct buffer *b, struct text t);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_string(struct buffer *b, const char *string); /* of our own making */
void buffer_add_number(struct buffer *b, uint64_t number);    /* decimal */
void buffer_add_blanks(struct buffer *b, size_t n);
/* At the right of `width` columns, as printf does: "%*llu", and "%*.*f" of a finite value.
 */
void buffer_add_number_right(struct buffer *b, size_t width, uint64_t number);
void buffer_add_fixed(struct buffer *b, size_t width, unsigned int decimals, double value);
__attribute__((format(printf, 2, 3))) void buffer_format(struct buffer *b,
                                                         const char *format, ...);

struct text buffer_text(const struct buffer *b); /* borrowed until the next change */

/* Writes it all and empties it; false when it had failed or the file does. */
bool buffer_write(struct buffer *b, FILE *file);

void buffer_free(struct buffer *b);

#endif
