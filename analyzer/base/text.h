/*
 * text.h - borrowed characters of a message, and the comparisons and cuts that the
 * parsers need.  Nothing here expects a NUL; a NUL in the text is a character like
 * any other.
 */
#ifndef EARSHOT_BASE_TEXT_H
#define EARSHOT_BASE_TEXT_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

struct text {
	const char *at; /* borrowed, not terminated */
	size_t len;
};

/* A string literal as a text. */
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

static inline struct text text_of(struct span bytes)
{
	return (struct text){ (const char *)bytes.at, bytes.len };
}

static inline struct span text_bytes(struct text t)
{
	return (struct span){ (const uint8_t *)t.at, t.len };
}

/* A NUL-terminated string of our own making; never for bytes from the wire. */
struct text text_from(const char *string);

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_space(char c)
{
	return c == ' ' || c == '\t';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool text_equal(struct text a, struct text b);
bool text_equal_nocase(struct text a, struct text b); /* ASCII only */
bool text_starts(struct text t, struct text prefix);
bool text_starts_nocase(struct text t, struct text prefix);
bool text_ends_nocase(struct text t, struct text suffix);

/* Index of the first c (or of needle), or t.len where there is none. */
size_t text_find(struct text t, char c);
size_t text_find_text(struct text t, struct text needle);

/* t without its first n characters; empty when n is beyond the end. */
static inline struct text text_skip(struct text t, size_t n)
{
	if (n >= t.len)
		return (struct text){ 0 };
	return (struct text){ t.at + n, t.len - n };
}

/* The first n characters of t, or all of it. */
static inline struct text text_head(struct text t, size_t n)
{
	return (struct text){ t.at, n < t.len ? n : t.len };
}

/* Without leading and trailing blanks, tabs, CR and LF (SIP's folding white space). */
struct text text_trim(struct text t);

/*
 * Cuts the part before the first c off the front of *rest and returns it; *rest is
 * what follows c.  Without any c the whole is returned and *rest becomes empty.
 */
struct text text_cut(struct text *rest, char c);

/* The next line without its CRLF, LF or CR; advances *rest over the line end. */
struct text text_cut_line(struct text *rest);

/* The next run of non-blank characters; skips blanks before it. */
struct text text_cut_word(struct text *rest);

/*
 * Decimal digits only: no sign, no blanks, no wrap.  ERR_MALFORMED for anything else
 * or nothing, ERR_TOO_LONG for a value above max.
 */
MUST_CHECK enum status text_number(struct text t, uint64_t max, uint64_t *out);
/* 1 to 8 hexadecimal digits, with or without 0x. */
MUST_CHECK enum status text_hex32(struct text t, uint32_t *out);

/*
 * Copies at most size - 1 characters into a fixed array and terminates it; returns
 * whether all of it fitted.
 */
bool text_copy(char *to, size_t size, struct text from);

#endif
