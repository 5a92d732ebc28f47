/*
 * filter_tree.h - a parsed filter, for the files schema/filter*.c alone.
 *
 * The tree is an array; a node names its children by their places, which are below its own.
 * Comparisons are positive here: `x != 5` is `x known and not x = 5`, and `status = 503`
 * asked of a call is ANY of its legs with `status = 503`.
 */
#ifndef EARSHOT_SCHEMA_FILTER_TREE_H
#define EARSHOT_SCHEMA_FILTER_TREE_H

#include "schema/digits.h"
#include "schema/filter.h"
#include "schema/pattern.h"

enum filter_op {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_ANY, /* one of the parts, of node.kind, of the record looked at */
	FILTER_KNOWN,
	FILTER_EQUAL, /* to one of the values */
	FILTER_LESS,
	FILTER_AT_MOST,
	FILTER_GREATER,
	FILTER_AT_LEAST,
	FILTER_MATCHES, /* a regular expression */
};

struct filter_node {
	enum filter_op op;
	enum record_kind kind; /* of the record that it looks at; of ANY: of the parts */
	size_t left, right;    /* of AND and OR both, of NOT and ANY left */
	size_t field;          /* of comparisons: index in the kind's table */
	size_t value, value_count;
};

enum filter_form {
	FORM_INTEGER, /* also times (microseconds), flags, SSRCs */
	FORM_REAL,
	FORM_RELATIVE, /* a time: integer, microseconds from now */
	FORM_RANGE,    /* integer to last: the ids that begin alike */
	FORM_TEXT,
	FORM_ITEM,     /* text: what a list has as JSON, from its opening quote */
	FORM_ENDPOINT, /* address and port */
	FORM_HOST,     /* address, any port */
	FORM_NETWORK,  /* address, prefix bits of it */
	FORM_PATTERN,
	FORM_DIGITS, /* the end of a telephone number */
};

struct filter_value {
	enum filter_form form;
	int64_t integer, last;
	double real;
	size_t text, text_len; /* within filter.text */
	struct endpoint endpoint;
	unsigned int prefix;     /* bits, of 128 */
	struct pattern *pattern; /* owned by the filter */
	struct digits_wanted digits;
};

struct filter {
	enum record_kind kind;
	bool relative;
	size_t root;
	struct filter_node *nodes;   /* owned */
	struct filter_value *values; /* owned */
	char *text;                  /* owned: the texts of values */
	size_t node_count, value_count, text_len;
};

static inline struct text filter_text(const struct filter *filter,
                                      const struct filter_value *value)
{
	return (struct text){ filter->text + value->text, value->text_len };
}

static inline const struct field *filter_field(const struct filter_node *node)
{
	const struct field *const fields = record_fields(node->kind).fields;
	return &fields[node->field];
}

/* Does the network `value` hold the address?  Families never hold each other. */
bool filter_holds(const struct address *network, unsigned int prefix,
                  const struct address *address);

/* Do few rows fulfil it, which an index names? */
bool filter_node_is_indexed(const struct filter *filter, size_t at);

/* --- names (filter_name.c) ------------------------------------------------------------ */

enum { FILTER_ALIASES = 4 };

/* What a name stands for: one or more fields of one kind, or a bit of its flags. */
struct filter_name {
	enum record_kind kind;
	size_t fields[FILTER_ALIASES];
	size_t count;     /* of fields; 0: nothing is called so */
	const char *flag; /* NULL, or the one name in the flags field that is meant */
	bool digits;      /* equal are numbers that end so, however they are written */
};

/*
 * `name` as asked of records of `kind`: their own fields first, then those of their legs,
 * then of their streams, then flags in the same order.  leg.NAME and stream.NAME say whose.
 * `alone`: nothing is compared with it, so that flags go before what is not true or false.
 */
struct filter_name filter_resolve(enum record_kind kind, struct text name, bool alone);

/* Is it the name of a kind of which records of `kind` have parts? */
bool filter_part(enum record_kind kind, struct text name, enum record_kind *out);

/* The name most like it, in one of the lists that filter_resolve goes through; or NULL. */
const char *filter_nearest_name(enum record_kind kind, struct text name);

/* The one of `names` (some may be NULL) most like `t`, if any is like it; else NULL. */
const char *filter_nearest(const char *const *names, size_t count, struct text t);

/* --- values (filter_value.c) ---------------------------------------------------------- */

/*
 * Reads `t` as a value of that field.  `word`: it stood without quotes.  ERR_MALFORMED:
 * `expected` says what it should have been.  Texts go behind filter->text, which has room
 * for FILTER_TEXT_MAX and a few octets for each value.
 */
enum { FILTER_EXPECTED_MAX = 256 };
MUST_CHECK enum status filter_read_value(struct filter *filter, const struct field *field,
                                         struct text t, struct filter_value *out,
                                         char expected[FILTER_EXPECTED_MAX]);

/* The same of names that say `digits`. */
MUST_CHECK enum status filter_read_digits(struct text t, struct filter_value *out,
                                          char expected[FILTER_EXPECTED_MAX]);

/* Can values of that field be put in order, or be matched against a pattern? */
bool filter_is_ordered(enum field_type type);
bool filter_is_text(enum field_type type);
bool filter_is_list(enum field_type type);

#endif
