/*
 * filter_parser.h - a filter being read, for schema/filter*.c alone: filter_parser.c has
 * the grammar, filter_compare.c what stands between ands and ors.
 */
#ifndef EARSHOT_SCHEMA_FILTER_PARSER_H
#define EARSHOT_SCHEMA_FILTER_PARSER_H

#include "schema/filter_lex.h"
#include "schema/filter_tree.h"

struct parser {
	struct text text;
	size_t next;           /* where the lexeme after this one is sought */
	struct lexeme now;     /* not yet taken */
	enum record_kind kind; /* of the records asked about here */
	unsigned int depth;
	struct filter *filter;
	struct filter_error *error;
	char string[FILTER_TEXT_MAX]; /* the value being read */
};

/* Fills p->error; ERR_MALFORMED.  `at`: octets from the beginning of the filter. */
__attribute__((format(printf, 3, 4))) enum status parser_fail(struct parser *p, size_t at,
                                                              const char *format, ...);
/* The lexeme at hand is not what should be here. */
enum status parser_fail_here(struct parser *p, const char *expected);

void parser_take(struct parser *p);
/* Is this at hand?  Then it is taken. */
bool parser_taken(struct parser *p, enum lex_kind kind);

/* A whole filter, up to the end of the text. */
MUST_CHECK enum status parser_run(struct parser *p);

/* A node of the tree.  ERR_TOO_LONG when there are too many. */
MUST_CHECK enum status parser_add(struct parser *p, struct filter_node node, size_t *out);
MUST_CHECK enum status parser_join(struct parser *p, enum filter_op op, size_t left,
                                   size_t right, size_t *out);
MUST_CHECK enum status parser_negate(struct parser *p, size_t node, size_t *out);

/* Is the beginning of a comparison at hand? */
bool parser_at_test(const struct parser *p);

/* What follows the name of a field: a comparison, or nothing where it is true or false. */
MUST_CHECK enum status parser_test(struct parser *p, const struct filter_name *name,
                                   size_t *out);

#endif
