/* filter_lex.h - a filter's text as words, for schema/filter.c. */
#ifndef EARSHOT_SCHEMA_FILTER_LEX_H
#define EARSHOT_SCHEMA_FILTER_LEX_H

#include "analyzer/base/text.h"

enum lex_kind {
	LEX_END,
	LEX_WORD,   /* letters, digits and what addresses, times and numbers are made of */
	LEX_STRING, /* between quotes, still with its backslashes */
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_AND,
	LEX_OR,
	LEX_NOT,
	LEX_IN,
	LEX_EQUAL,
	LEX_UNEQUAL,
	LEX_LESS,
	LEX_AT_MOST,
	LEX_GREATER,
	LEX_AT_LEAST,
	LEX_MATCHES,
	LEX_BAD_STRING, /* without its end */
	LEX_BAD,        /* a character that has no business here */
};

struct lexeme {
	enum lex_kind kind;
	struct text text; /* of a string without its quotes */
	size_t at;        /* octets from the beginning of the filter */
};

/* The lexeme that begins at or behind `at`; *next is where the one after it is sought. */
struct lexeme lex_next(struct text filter, size_t at, size_t *next);

/*
 * A string's text with \" and \\ (and \' between single quotes) made one character; any
 * other backslash stands for itself.  `to` holds s.len; returns the length.
 */
size_t lex_unquote(struct text s, char *to);

#endif
