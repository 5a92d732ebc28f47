/* filter_compare.c - a name in a filter and what it is compared with. */
#include <stdlib.h>

#include "schema/filter_parser.h"

/* Values of one comparison, read anew for each field that a name stands for. */
struct values {
	struct lexeme lexemes[FILTER_VALUES_MAX];
	size_t count;
};

static struct text value_text(struct parser *p, const struct lexeme *lexeme)
{
	if (lexeme->kind != LEX_STRING)
		return lexeme->text;
	return (struct text){ p->string, lex_unquote(lexeme->text, p->string) };
}

static enum status read_pattern(struct parser *p, const struct lexeme *lexeme,
                                struct filter_value *out)
{
	char why[PATTERN_ERROR_MAX];
	size_t at = 0;
	*out = (struct filter_value){ .form = FORM_PATTERN };
	const enum status status =
	        pattern_new(value_text(p, lexeme), &out->pattern, &at, why);
	if (status == ERR_MALFORMED)
		return parser_fail(p, lexeme->at + (lexeme->kind == LEX_STRING) + at,
		                   "no regular expression: %s", why);
	return status;
}

static enum status read_value(struct parser *p, const struct field *field, bool digits,
                              const struct lexeme *lexeme, struct filter_value *out)
{
	char expected[FILTER_EXPECTED_MAX];
	const struct text t = value_text(p, lexeme);
	const enum status status =
	        digits ? filter_read_digits(t, out, expected)
	               : filter_read_value(p->filter, field, t, out, expected);
	if (status == ERR_MALFORMED)
		return parser_fail(p, lexeme->at, "%s is compared with %s", field->name,
		                   expected);
	return status;
}

static enum status add_values(struct parser *p, enum filter_op op,
                              const struct field *field, bool digits,
                              const struct values *values, struct filter_node *node)
{
	struct filter *filter = p->filter;
	node->value = filter->value_count;
	node->value_count = values->count;
	for (size_t i = 0; i < values->count; i++) {
		if (filter->value_count == FILTER_VALUES_MAX) {
			parser_fail(p, values->lexemes[i].at,
			            "more than %d values are too many",
			            FILTER_VALUES_MAX / 2);
			return ERR_TOO_LONG;
		}
		struct filter_value *value = &filter->values[filter->value_count];
		const enum status status =
		        op == FILTER_MATCHES
		                ? read_pattern(p, &values->lexemes[i], value)
		                : read_value(p, field, digits, &values->lexemes[i], value);
		if (status != OK)
			return status;
		filter->value_count++;
	}
	return OK;
}

/* The values of each field that the name stands for; NULL for FILTER_KNOWN. */
struct comparison {
	enum filter_op op;
	struct filter_name name;
	size_t value[FILTER_ALIASES];
	size_t value_count;
};

static enum status read_comparison(struct parser *p, const struct filter_name *name,
                                   enum filter_op op, const struct values *values,
                                   struct comparison *out)
{
	*out = (struct comparison){ .op = op, .name = *name, .value_count = values->count };
	for (size_t i = 0; i < name->count; i++) {
		struct filter_node node = { 0 };
		const struct field *const fields = record_fields(name->kind).fields;
		const enum status status = add_values(p, op, &fields[name->fields[i]],
		                                      name->digits, values, &node);
		if (status != OK)
			return status;
		out->value[i] = node.value;
	}
	return OK;
}

/* Asks it of any of the fields, and of any part when the name is a part's. */
static enum status add_comparison(struct parser *p, const struct comparison *comparison,
                                  enum filter_op op, size_t *out)
{
	const struct filter_name *name = &comparison->name;
	enum status status = OK;
	for (size_t i = 0; status == OK && i < name->count; i++) {
		const struct filter_node node = { .op = op,
			                          .kind = name->kind,
			                          .field = name->fields[i],
			                          .value = comparison->value[i],
			                          .value_count = comparison->value_count };
		size_t added = 0;
		status = parser_add(p, node, &added);
		if (status == OK && i > 0)
			status = parser_join(p, FILTER_OR, *out, added, &added);
		*out = added;
	}
	if (status == OK && name->kind != p->kind)
		status = parser_add(p,
		                    (struct filter_node){ .op = FILTER_ANY,
		                                          .kind = name->kind,
		                                          .left = *out },
		                    out);
	return status;
}

/* Something is known, and nothing of it is equal. */
static enum status add_unequal(struct parser *p, const struct comparison *comparison,
                               size_t *out)
{
	size_t known = 0;
	size_t equal = 0;
	enum status status = add_comparison(p, comparison, FILTER_KNOWN, &known);
	if (status == OK)
		status = add_comparison(p, comparison, comparison->op, &equal);
	if (status == OK)
		status = parser_negate(p, equal, &equal);
	return status == OK ? parser_join(p, FILTER_AND, known, equal, out) : status;
}

/* --- comparisons ---------------------------------------------------------------------- */

static const struct {
	enum lex_kind symbol;
	enum filter_op op;
} operators[] = {
	{ LEX_EQUAL, FILTER_EQUAL },     { LEX_UNEQUAL, FILTER_EQUAL },
	{ LEX_LESS, FILTER_LESS },       { LEX_AT_MOST, FILTER_AT_MOST },
	{ LEX_GREATER, FILTER_GREATER }, { LEX_AT_LEAST, FILTER_AT_LEAST },
	{ LEX_MATCHES, FILTER_MATCHES }, { LEX_IN, FILTER_EQUAL },
};

static bool operator_of(enum lex_kind symbol, enum filter_op *out)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		if (operators[i].symbol == symbol) {
			*out = operators[i].op;
			return true;
		}
	}
	return false;
}

bool parser_at_test(const struct parser *p)
{
	enum filter_op op;
	return p->now.kind == LEX_NOT || operator_of(p->now.kind, &op);
}

static enum status take_value(struct parser *p, struct values *values)
{
	if (p->now.kind != LEX_WORD && p->now.kind != LEX_STRING)
		return parser_fail_here(p, "a value");
	if (values->count == FILTER_VALUES_MAX) {
		parser_fail(p, p->now.at, "more than %d values are too many",
		            FILTER_VALUES_MAX / 2);
		return ERR_TOO_LONG;
	}
	values->lexemes[values->count++] = p->now;
	parser_take(p);
	return OK;
}

static enum status take_list(struct parser *p, struct values *values)
{
	if (!parser_taken(p, LEX_OPEN))
		return take_value(p, values);
	enum status status = take_value(p, values);
	while (status == OK && parser_taken(p, LEX_COMMA))
		status = take_value(p, values);
	if (status == OK && !parser_taken(p, LEX_CLOSE))
		return parser_fail_here(p, "',' or ')'");
	return status;
}

static bool is_word(const struct lexeme *lexeme, const char *word)
{
	return lexeme->kind == LEX_WORD && text_equal_nocase(lexeme->text, text_from(word));
}

static const struct field *first_field(const struct filter_name *name)
{
	const struct field *const fields = record_fields(name->kind).fields;
	return &fields[name->fields[0]];
}

static enum status check_operator(struct parser *p, const struct filter_name *name,
                                  enum lex_kind symbol, size_t at)
{
	const struct field *field = first_field(name);
	enum filter_op op = FILTER_EQUAL;
	operator_of(symbol, &op);
	if (field->type == FIELD_BUFFERS || field->type == FIELD_HISTOGRAM)
		return parser_fail(p, at,
		                   "%s cannot be compared; another field is expected",
		                   field->name);
	if (op == FILTER_MATCHES && !filter_is_text(field->type))
		return parser_fail(p, at, "%s is no text; =, != or in is expected",
		                   field->name);
	if (op != FILTER_EQUAL && op != FILTER_MATCHES && !filter_is_ordered(field->type))
		return parser_fail(p, at, "%s has no order; =, != or in is expected",
		                   field->name);
	return OK;
}

/* name = true, name != false ... */
static enum status add_truth(struct parser *p, const struct filter_name *name, bool wanted,
                             size_t *out)
{
	struct comparison comparison = { .op = FILTER_EQUAL,
		                         .name = *name,
		                         .value = { p->filter->value_count },
		                         .value_count = 1 };
	enum status status = OK;
	if (name->flag) {
		struct values values = { .count = 1 };
		values.lexemes[0] =
		        (struct lexeme){ LEX_WORD, text_from(name->flag), p->now.at };
		status = read_comparison(p, name, FILTER_EQUAL, &values, &comparison);
	} else if (p->filter->value_count == FILTER_VALUES_MAX) {
		parser_fail(p, p->now.at, "more than %d values are too many",
		            FILTER_VALUES_MAX / 2);
		status = ERR_TOO_LONG;
	} else {
		p->filter->values[p->filter->value_count++] =
		        (struct filter_value){ .form = FORM_INTEGER, .integer = 1 };
	}
	if (status == OK)
		status = add_comparison(p, &comparison, FILTER_EQUAL, out);
	return status == OK && !wanted ? parser_negate(p, *out, out) : status;
}

static bool is_any_word(const struct lexeme *lexeme, const char *const words[3])
{
	return is_word(lexeme, words[0]) || is_word(lexeme, words[1]) ||
	       is_word(lexeme, words[2]);
}

static enum status parse_truth(struct parser *p, const struct filter_name *name,
                               enum lex_kind symbol, size_t at, size_t *out)
{
	static const char *const yes[] = { "true", "yes", "1" };
	static const char *const no[] = { "false", "no", "0" };
	const bool truth = is_any_word(&p->now, yes);
	if (symbol != LEX_EQUAL && symbol != LEX_UNEQUAL)
		return parser_fail(p, at, "%s is true or false; = or != is expected",
		                   name->flag ? name->flag : first_field(name)->name);
	if (!truth && !is_any_word(&p->now, no))
		return parser_fail_here(p, "true or false");
	parser_take(p);
	return add_truth(p, name, truth == (symbol == LEX_EQUAL), out);
}

static enum status parse_null(struct parser *p, const struct filter_name *name, bool equal,
                              size_t *out)
{
	const struct comparison known = { .op = FILTER_KNOWN, .name = *name };
	parser_take(p);
	const enum status status = add_comparison(p, &known, FILTER_KNOWN, out);
	return status == OK && equal ? parser_negate(p, *out, out) : status;
}

static enum status parse_values(struct parser *p, const struct filter_name *name,
                                enum lex_kind symbol, bool negative, size_t *out)
{
	struct values *values = calloc(1, sizeof *values);
	struct comparison comparison;
	enum filter_op op = FILTER_EQUAL;
	if (!values)
		return ERR_NOMEM;
	operator_of(symbol, &op);
	enum status status =
	        symbol == LEX_IN ? take_list(p, values) : take_value(p, values);
	if (status == OK)
		status = read_comparison(p, name, op, values, &comparison);
	if (status == OK)
		status = negative ? add_unequal(p, &comparison, out)
		                  : add_comparison(p, &comparison, op, out);
	free(values);
	return status;
}

/* After the name; it may stand alone where it is true or false. */
enum status parser_test(struct parser *p, const struct filter_name *name, size_t *out)
{
	const size_t at = p->now.at;
	const bool truth = first_field(name)->type == FIELD_FLAG || name->flag;
	enum filter_op op;
	if (truth && !parser_at_test(p))
		return add_truth(p, name, true, out);
	const bool negated = parser_taken(p, LEX_NOT);
	const enum lex_kind symbol = p->now.kind;
	const bool negative = negated || symbol == LEX_UNEQUAL;
	if (negated && symbol != LEX_IN)
		return parser_fail_here(p, "in");
	if (!operator_of(symbol, &op))
		return parser_fail(p, at, "%s alone says nothing; a comparison is expected",
		                   first_field(name)->name);
	parser_take(p);
	if (truth)
		return parse_truth(p, name, symbol, at, out);
	const enum status status = check_operator(p, name, symbol, at);
	if (status != OK)
		return status;
	if (is_word(&p->now, "null") && (symbol == LEX_EQUAL || symbol == LEX_UNEQUAL))
		return parse_null(p, name, !negative, out);
	return parse_values(p, name, symbol, negative, out);
}
