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

enum record_kind filter_kind(const struct filter *filter)
{
	return filter->kind;
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
