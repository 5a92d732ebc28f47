/* filter.c - the life of a filter; schema/filter_parser.c reads it. */
#include "schema/filter.h"

#include <stdlib.h>
#include <string.h>

#include "schema/filter_parser.h"
#include "schema/utf8.h"

/* Names twice (a field and what else it may be), texts as typed, quotes around items. */
enum { TEXT_ROOM = 4 * FILTER_TEXT_MAX + FILTER_VALUES_MAX * 64 };

static struct filter *filter_new(enum record_kind kind)
{
	struct filter *filter = calloc(1, sizeof *filter);
	if (!filter)
		return NULL;
	filter->kind = kind;
	filter->nodes = calloc(FILTER_NODES_MAX, sizeof *filter->nodes);
	filter->values = calloc(FILTER_VALUES_MAX, sizeof *filter->values);
	filter->text = malloc(TEXT_ROOM);
	if (filter->nodes && filter->values && filter->text)
		return filter;
	filter_free(filter);
	return NULL;
}

/* What is no text at all: the place of the first octet that is wrong. */
static enum status check_text(struct parser *p)
{
	if (p->text.len > FILTER_TEXT_MAX) {
		parser_fail(p, FILTER_TEXT_MAX, "more than %d octets are too many",
		            FILTER_TEXT_MAX);
		return ERR_TOO_LONG;
	}
	for (struct text rest = p->text; rest.len > 0;) {
		size_t len;
		const uint32_t code_point = utf8_next(rest, &len);
		if (code_point == UTF8_INVALID || code_point == 0)
			return parser_fail(p, p->text.len - rest.len,
			                   "text in UTF-8 is expected");
		rest = text_skip(rest, len);
	}
	return OK;
}

enum status filter_parse(struct text t, enum record_kind kind, struct filter **out,
                         struct filter_error *error)
{
	struct parser *p = calloc(1, sizeof *p);
	struct filter *filter = filter_new(kind);
	enum status status = ERR_NOMEM;
	*error = (struct filter_error){ 1, "memory ran out" };
	if (p && filter) {
		*p = (struct parser){
			.text = t, .kind = kind, .filter = filter, .error = error
		};
		status = check_text(p);
		if (status == OK)
			status = parser_run(p);
	}
	free(p);
	if (status != OK) {
		filter_free(filter);
		return status;
	}
	*out = filter;
	return OK;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; filter->values && i < FILTER_VALUES_MAX; i++)
		pattern_free(filter->values[i].pattern);
	free(filter->nodes);
	free(filter->values);
	free(filter->text);
	free(filter);
}

bool filter_is_relative(const struct filter *filter)
{
	return filter->relative;
}

bool filter_names(const struct filter *filter, const char *field)
{
	const struct field *const fields = record_fields(filter->kind).fields;
	for (size_t i = 0; i < filter->node_count; i++) {
		const struct filter_node *node = &filter->nodes[i];
		if (node->op >= FILTER_KNOWN && node->kind == filter->kind &&
		    text_equal(text_from(fields[node->field].name), text_from(field)))
			return true;
	}
	return false;
}

/* --- bounds of a time ----------------------------------------------------------------- */

struct bounds {
	const struct filter *filter;
	size_t field;
	nstime now;
	nstime *from, *to;
	size_t count; /* comparisons that are in them */
};

static void narrow(struct bounds *b, nstime from, nstime to)
{
	*b->from = from > *b->from ? from : *b->from;
	if (to != NSTIME_NONE && (*b->to == NSTIME_NONE || to < *b->to))
		*b->to = to;
	b->count++;
}

static void bound_by(struct bounds *b, const struct filter_node *node)
{
	const struct filter_value *value = &b->filter->values[node->value];
	const bool relative = value->form == FORM_RELATIVE;
	const nstime least = INT64_MIN / NS_PER_US / 2;
	if (node->value_count != 1 || (!relative && value->form != FORM_INTEGER) ||
	    (relative && b->now == NSTIME_NONE) || value->integer < least ||
	    value->integer > -least)
		return;
	const nstime at = value->integer * NS_PER_US +
	                  (relative ? b->now / NS_PER_US * NS_PER_US : 0);
	if (node->op == FILTER_GREATER || node->op == FILTER_AT_LEAST)
		narrow(b, node->op == FILTER_GREATER ? at + NS_PER_US : at, NSTIME_NONE);
	else if (node->op == FILTER_LESS || node->op == FILTER_AT_MOST)
		narrow(b, NSTIME_NONE, node->op == FILTER_LESS ? at : at + NS_PER_US);
	else if (node->op == FILTER_EQUAL)
		narrow(b, at, at + NS_PER_US);
}

static void bound(struct bounds *b, size_t at)
{
	const struct filter_node *node = &b->filter->nodes[at];
	if (node->op == FILTER_AND) {
		bound(b, node->left);
		bound(b, node->right);
	} else if (node->op >= FILTER_EQUAL && node->kind == b->filter->kind &&
	           node->field == b->field) {
		bound_by(b, node);
	}
}

bool filter_bounds(const struct filter *filter, const char *field, nstime now, nstime *from,
                   nstime *to)
{
	const struct field_table table = record_fields(filter->kind);
	struct bounds b = { .filter = filter, .now = now, .from = from, .to = to };
	size_t named = 0;
	while (strcmp(table.fields[b.field].name, field) != 0)
		b.field++;
	bound(&b, filter->root);
	for (size_t i = 0; i < filter->node_count; i++) {
		const struct filter_node *node = &filter->nodes[i];
		named += node->op >= FILTER_KNOWN && node->kind == filter->kind &&
		         node->field == b.field;
	}
	return named == b.count;
}

/* One digit or two are the end of many numbers. */
static bool all_are_long(const struct filter *filter, const struct filter_node *node)
{
	bool all = true;
	for (size_t i = 0; i < node->value_count; i++)
		all &= digits_are_many(&filter->values[node->value + i].digits);
	return all;
}

static bool is_indexed_equal(const struct filter *filter, const struct filter_node *node)
{
	static const char *const keys[] = { "id", "call", "sip_call_id" };
	const char *name = filter_field(node)->name;
	if (filter->values[node->value].form == FORM_DIGITS)
		return all_are_long(filter, node);
	if (node->op != FILTER_EQUAL ||
	    (node->kind != RECORD_CALL && node->kind != RECORD_LEG &&
	     node->kind != RECORD_STREAM))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i], name) == 0)
			return true;
	}
	return false;
}

bool filter_node_is_indexed(const struct filter *filter, size_t at)
{
	const struct filter_node *node = &filter->nodes[at];
	switch (node->op) {
	case FILTER_AND:
		return filter_node_is_indexed(filter, node->left) ||
		       filter_node_is_indexed(filter, node->right);
	case FILTER_OR:
		return filter_node_is_indexed(filter, node->left) &&
		       filter_node_is_indexed(filter, node->right);
	case FILTER_ANY:
		return filter_node_is_indexed(filter, node->left);
	case FILTER_EQUAL:
		return is_indexed_equal(filter, node);
	default:
		return false;
	}
}

bool filter_has_parts(const struct filter *filter)
{
	for (size_t i = 0; i < filter->node_count; i++) {
		if (filter->nodes[i].op == FILTER_ANY)
			return true;
	}
	return false;
}

bool filter_is_indexed(const struct filter *filter)
{
	return filter_node_is_indexed(filter, filter->root);
}

const struct field *filter_asks_for(const struct filter *filter,
                                    bool (*hides)(const struct field *field))
{
	for (size_t i = 0; i < filter->node_count; i++) {
		const struct filter_node *node = &filter->nodes[i];
		if (node->op >= FILTER_KNOWN && hides(filter_field(node)))
			return filter_field(node);
	}
	return NULL;
}
