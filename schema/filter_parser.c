/* filter_parser.c - the grammar of a filter, and what is said when it is broken. */
#include "schema/filter_parser.h"

#include <stdarg.h>
#include <stdio.h>

enum { SHOWN_MAX = 64 };

enum status parser_fail(struct parser *p, size_t at, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(p->error->text, sizeof p->error->text, format, arguments);
	va_end(arguments);
	p->error->column = 1;
	for (size_t i = 0; i < at && i < p->text.len; i++)
		p->error->column += ((unsigned char)p->text.at[i] & 0xc0) != 0x80;
	return ERR_MALFORMED;
}

/* How much of a word is repeated. */
static int parser_shown(struct text t)
{
	return t.len > SHOWN_MAX ? SHOWN_MAX : (int)t.len;
}

enum status parser_fail_here(struct parser *p, const char *expected)
{
	const struct lexeme *now = &p->now;
	if (now->kind == LEX_END)
		return parser_fail(p, now->at, "the filter ends where %s is expected",
		                   expected);
	if (now->kind == LEX_BAD_STRING)
		return parser_fail(p, now->at, "the quote that ends this text is missing");
	if (now->kind == LEX_BAD)
		return parser_fail(p, now->at,
		                   "a character that means nothing here; %s is expected",
		                   expected);
	return parser_fail(p, now->at, "'%.*s' where %s is expected",
	                   parser_shown(now->text), now->text.at, expected);
}

void parser_take(struct parser *p)
{
	p->now = lex_next(p->text, p->next, &p->next);
}

bool parser_taken(struct parser *p, enum lex_kind kind)
{
	if (p->now.kind != kind)
		return false;
	parser_take(p);
	return true;
}

/* --- building the tree ---------------------------------------------------------------- */

enum status parser_add(struct parser *p, struct filter_node node, size_t *out)
{
	struct filter *filter = p->filter;
	if (filter->node_count == FILTER_NODES_MAX) {
		parser_fail(p, p->now.at, "more than %d comparisons are too many",
		            FILTER_NODES_MAX / 2);
		return ERR_TOO_LONG;
	}
	*out = filter->node_count;
	filter->nodes[filter->node_count++] = node;
	return OK;
}

enum status parser_join(struct parser *p, enum filter_op op, size_t left, size_t right,
                        size_t *out)
{
	return parser_add(p, (struct filter_node){ .op = op, .left = left, .right = right },
	                  out);
}

enum status parser_negate(struct parser *p, size_t node, size_t *out)
{
	return parser_join(p, FILTER_NOT, node, 0, out);
}

/* --- the grammar ---------------------------------------------------------------------- */

/*
 * any    = all *( "or" all )
 * all    = one *( "and" one )
 * one    = "not" one / "(" any ")" / part "(" any ")" / name [ test ]
 * test   = ( "=" / "!=" / "<" / "<=" / ">" / ">=" / "~" ) value
 *        / [ "not" ] "in" ( value / "(" value *( "," value ) ")" )
 */
static enum status parse_any(struct parser *p, size_t *out);
static enum status parse_deeper(struct parser *p, size_t *out);

static enum status fail_name(struct parser *p, const struct lexeme *name)
{
	const char *nearest = filter_nearest_name(p->kind, name->text);
	return parser_fail(p, name->at, "'%.*s' is no field of a %s; %s%s%s",
	                   parser_shown(name->text), name->text.at,
	                   record_kind_names[p->kind],
	                   nearest ? "did you mean " : "the name of a field is expected",
	                   nearest ? nearest : "", nearest ? "?" : "");
}

/* leg(...): one and the same leg is all of it. */
static enum status parse_part(struct parser *p, enum record_kind part, size_t *out)
{
	const enum record_kind kind = p->kind;
	p->kind = part;
	enum status status = parse_any(p, out);
	p->kind = kind;
	if (status == OK && !parser_taken(p, LEX_CLOSE))
		return parser_fail_here(p, "')'");
	if (status == OK)
		status = parser_add(p,
		                    (struct filter_node){
		                            .op = FILTER_ANY, .kind = part, .left = *out },
		                    out);
	return status;
}

static enum status parse_named(struct parser *p, size_t *out)
{
	const struct lexeme name = p->now;
	enum record_kind part;
	parser_take(p);
	if (filter_part(p->kind, name.text, &part) && parser_taken(p, LEX_OPEN))
		return parse_part(p, part, out);
	const struct filter_name found =
	        filter_resolve(p->kind, name.text, !parser_at_test(p));
	if (found.count == 0)
		return fail_name(p, &name);
	return parser_test(p, &found, out);
}

static enum status parse_one(struct parser *p, size_t *out)
{
	enum status status;
	if (parser_taken(p, LEX_NOT)) {
		status = parse_deeper(p, out);
		return status == OK ? parser_negate(p, *out, out) : status;
	}
	if (parser_taken(p, LEX_OPEN)) {
		status = parse_any(p, out);
		if (status == OK && !parser_taken(p, LEX_CLOSE))
			return parser_fail_here(p, "')', 'and' or 'or'");
		return status;
	}
	if (p->now.kind == LEX_WORD)
		return parse_named(p, out);
	return parser_fail_here(p, "the name of a field");
}

/* One level down, so that nobody makes us run out of stack. */
static enum status parse_deeper(struct parser *p, size_t *out)
{
	if (p->depth == FILTER_DEPTH_MAX) {
		parser_fail(p, p->now.at, "more than %d levels are too deep",
		            FILTER_DEPTH_MAX);
		return ERR_TOO_LONG;
	}
	p->depth++;
	const enum status status = parse_one(p, out);
	p->depth--;
	return status;
}

static enum status parse_all(struct parser *p, size_t *out)
{
	enum status status = parse_deeper(p, out);
	while (status == OK && parser_taken(p, LEX_AND)) {
		size_t right = 0;
		status = parse_deeper(p, &right);
		if (status == OK)
			status = parser_join(p, FILTER_AND, *out, right, out);
	}
	return status;
}

static enum status parse_any(struct parser *p, size_t *out)
{
	enum status status = parse_all(p, out);
	while (status == OK && parser_taken(p, LEX_OR)) {
		size_t right = 0;
		status = parse_all(p, &right);
		if (status == OK)
			status = parser_join(p, FILTER_OR, *out, right, out);
	}
	return status;
}

enum status parser_run(struct parser *p)
{
	parser_take(p);
	enum status status = parse_any(p, &p->filter->root);
	if (status == OK && p->now.kind != LEX_END)
		status = parser_fail_here(p, "'and' or 'or'");
	if (status == ERR_NOMEM)
		parser_fail(p, 0, "memory ran out");
	return status;
}
