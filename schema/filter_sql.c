/*
 * filter_sql.c - a filter as the condition of a SELECT.  Names of tables and columns come
 * from our own tables, by index; whatever the user wrote is bound.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/field_text.h"
#include "schema/filter_tree.h"
#include "schema/utf8.h"

enum { NETWORK_BYTES = 17 /* address, prefix */, TABLES_MAX = FILTER_DEPTH_MAX + 2 };

/* Pointers are only taken by who knows this very string (sqlite3_bind_pointer). */
static const char pattern_tag[] = "earshot pattern";

/* --- functions ------------------------------------------------------------------------ */

/* matches(text, pattern): NULL is not matched. */
static void sql_matches(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct pattern *pattern = sqlite3_value_pointer(arguments[1], pattern_tag);
	if (count != 2 || !pattern || sqlite3_value_type(arguments[0]) == SQLITE_NULL) {
		sqlite3_result_int(context, 0);
		return;
	}
	const void *bytes = sqlite3_value_blob(arguments[0]);
	const size_t len = (size_t)sqlite3_value_bytes(arguments[0]);
	const struct text t = { bytes, bytes ? len : 0 };
	sqlite3_result_int(context, pattern_matches(pattern, t));
}

/* within("198.18.0.1:5060" or "198.18.0.1", address and prefix): is it in that network? */
static void sql_within(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct endpoint endpoint = { 0 };
	struct address network;
	const uint8_t *blob = sqlite3_value_blob(arguments[1]);
	const void *bytes = sqlite3_value_blob(arguments[0]);
	const struct text t = { bytes, (size_t)sqlite3_value_bytes(arguments[0]) };
	bool within = false;
	if (count == 2 && bytes && blob &&
	    sqlite3_value_bytes(arguments[1]) == NETWORK_BYTES &&
	    (address_parse(t, &endpoint.address) == OK ||
	     endpoint_parse(t, &endpoint) == OK)) {
		memcpy(network.bytes, blob, sizeof network.bytes);
		within = filter_holds(&network, blob[sizeof network.bytes],
		                      &endpoint.address);
	}
	sqlite3_result_int(context, within);
}

int filter_register(sqlite3 *db)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	const int code = sqlite3_create_function_v2(db, "matches", 2, flags, NULL,
	                                            sql_matches, NULL, NULL, NULL);
	return code == SQLITE_OK ? sqlite3_create_function_v2(db, "within", 2, flags, NULL,
	                                                      sql_within, NULL, NULL, NULL)
	                         : code;
}

/* --- the condition -------------------------------------------------------------------- */

struct composer {
	const struct filter *filter;
	FILE *out;
	int parameter; /* the next one */
	/* The kinds of the tables around: table number n is called t, t1, t2, ... */
	enum record_kind kinds[TABLES_MAX];
	unsigned int table;
};

/* What a bucket does not know is not NULL there (insert.c). */
static const char *unknown_of(const struct composer *c, const struct field *field)
{
	if (c->kinds[c->table] != RECORD_KPI)
		return NULL;
	if (field->type == FIELD_TEXT || field->type == FIELD_NAME ||
	    field->type == FIELD_CODEC)
		return "''";
	return field->type == FIELD_NUMBER ? "0" : NULL;
}

static void add_column(const struct composer *c, unsigned int table, const char *column)
{
	if (table)
		fprintf(c->out, "t%u.\"%s\"", table, column);
	else
		fprintf(c->out, "t.\"%s\"", column);
}

static void add_parameter(struct composer *c)
{
	fprintf(c->out, "?%d", c->parameter++);
}

static void add_field(const struct composer *c, const struct field *field)
{
	const char *unknown = unknown_of(c, field);
	if (unknown)
		fputs("nullif(", c->out);
	add_column(c, c->table, field->name);
	if (unknown)
		fprintf(c->out, ", %s)", unknown);
}

/* column, then `between`, then a parameter, then `end` */
static void add_compared(struct composer *c, const struct field *field, const char *between,
                         const char *end)
{
	add_field(c, field);
	fputs(between, c->out);
	add_parameter(c);
	fputs(end, c->out);
}

/* The beginnings of what is stored as address and port, of which any port will do. */
static void add_host(struct composer *c, const struct field *field)
{
	if (field->type == FIELD_ADDRESS) {
		add_compared(c, field, " = ", "");
		return;
	}
	fputc('(', c->out);
	add_compared(c, field, " >= ", " AND ");
	add_compared(c, field, " < ", ")");
}

/* By the keys of numbers, which an index has. */
static void add_digits(struct composer *c, const struct field *field)
{
	static const char *const compared[] = {
		"(", " >= ", " AND ", " <= ", " OR ", " = "
	};
	size_t which = 0;
	while (strcmp(digits_fields[which].field, field->name) != 0)
		which++;
	for (size_t i = 0; i < ARRAY_LEN(compared); i += 2) {
		fputs(compared[i], c->out);
		add_column(c, c->table, digits_fields[which].column);
		fputs(compared[i + 1], c->out);
		add_parameter(c);
	}
	fputc(')', c->out);
}

static void add_equal(struct composer *c, const struct field *field,
                      const struct filter_value *value)
{
	switch (value->form) {
	case FORM_INTEGER:
	case FORM_REAL:
	case FORM_RELATIVE:
	case FORM_TEXT:
	case FORM_ENDPOINT:
		add_compared(c, field, " = ", "");
		break;
	case FORM_RANGE:
		add_compared(c, field, " BETWEEN ", " AND ");
		add_parameter(c);
		break;
	case FORM_ITEM:
		fputs("instr(", c->out);
		add_compared(c, field, ", ", ") > 0");
		break;
	case FORM_HOST:
		add_host(c, field);
		break;
	case FORM_NETWORK:
		fputs("within(", c->out);
		add_compared(c, field, ", ", ")");
		break;
	case FORM_PATTERN:
		fputs("matches(", c->out);
		add_compared(c, field, ", ", ")");
		break;
	case FORM_DIGITS:
		add_digits(c, field);
		break;
	}
}

static void add_any_value(struct composer *c, const struct filter_node *node)
{
	fputc('(', c->out);
	for (size_t i = 0; i < node->value_count; i++) {
		if (i)
			fputs(" OR ", c->out);
		add_equal(c, filter_field(node), &c->filter->values[node->value + i]);
	}
	fputc(')', c->out);
}

static void add_known(struct composer *c, const struct field *field)
{
	add_field(c, field);
	if (field->type == FIELD_PAYLOAD_TYPES)
		fputs(" <> '{}'", c->out);
	else if (filter_is_list(field->type))
		fputs(" <> '[]'", c->out);
	else
		fputs(" IS NOT NULL", c->out);
}

static void add_node(struct composer *c, size_t at);

/* The other way round: the parts are found by an index, and then what they are of. */
static void add_found_parts(struct composer *c, const struct filter_node *node,
                            unsigned int inner)
{
	fprintf(c->out,
	        "(t.id, t.run) IN (SELECT t%u.call, t%u.run FROM \"%s\" AS t%u WHERE ",
	        inner, inner, record_kind_names[node->kind], inner);
	add_node(c, node->left);
	fputc(')', c->out);
}

/* Is there a row of the part's table that belongs to the row around? */
static void add_part(struct composer *c, const struct filter_node *node)
{
	const unsigned int outer = c->table;
	const enum record_kind kind = c->kinds[outer];
	const unsigned int inner = c->table + 1;
	assert(inner < TABLES_MAX);
	c->table = inner;
	c->kinds[inner] = node->kind;
	if (kind == RECORD_CALL && filter_node_is_indexed(c->filter, node->left)) {
		add_found_parts(c, node, inner);
		c->table = outer;
		return;
	}
	fprintf(c->out, "EXISTS (SELECT 1 FROM \"%s\" AS t%u WHERE t%u.call = ",
	        record_kind_names[node->kind], inner, inner);
	add_column(c, outer, kind == RECORD_CALL ? "id" : "call");
	fprintf(c->out, " AND t%u.run = ", inner);
	add_column(c, outer, "run");
	if (kind == RECORD_LEG) {
		fprintf(c->out, " AND t%u.leg = ", inner);
		add_column(c, outer, "id");
	}
	fputs(" AND ", c->out);
	add_node(c, node->left);
	fputc(')', c->out);
	c->table = outer;
}

/* A chain of the same word needs no parentheses, of which SQLite takes a hundred or so. */
static void add_joined(struct composer *c, const struct filter_node *node, const char *word)
{
	const struct filter_node *left = &c->filter->nodes[node->left];
	if (left->op == node->op)
		add_joined(c, left, word);
	else
		add_node(c, node->left);
	fputs(word, c->out);
	add_node(c, node->right);
}

static void add_join(struct composer *c, const struct filter_node *node, const char *word)
{
	fputc('(', c->out);
	add_joined(c, node, word);
	fputc(')', c->out);
}

/* NULL counts as false: AND and OR keep it so, and NOT asks whether it is not true. */
static void add_node(struct composer *c, size_t at)
{
	const struct filter_node *node = &c->filter->nodes[at];
	switch (node->op) {
	case FILTER_AND:
		add_join(c, node, " AND ");
		break;
	case FILTER_OR:
		add_join(c, node, " OR ");
		break;
	case FILTER_NOT:
		fputc('(', c->out);
		add_node(c, node->left);
		fputs(" IS NOT TRUE)", c->out);
		break;
	case FILTER_ANY:
		add_part(c, node);
		break;
	case FILTER_KNOWN:
		add_known(c, filter_field(node));
		break;
	case FILTER_EQUAL:
	case FILTER_MATCHES:
		add_any_value(c, node);
		break;
	case FILTER_LESS:
		add_compared(c, filter_field(node), " < ", "");
		break;
	case FILTER_AT_MOST:
		add_compared(c, filter_field(node), " <= ", "");
		break;
	case FILTER_GREATER:
		add_compared(c, filter_field(node), " > ", "");
		break;
	case FILTER_AT_LEAST:
		add_compared(c, filter_field(node), " >= ", "");
		break;
	}
}

char *filter_condition(const struct filter *filter, int first)
{
	char *sql = NULL;
	size_t len = 0;
	struct composer c = { .filter = filter,
		              .out = open_memstream(&sql, &len),
		              .parameter = first,
		              .kinds = { filter->kind } };
	if (!c.out)
		return NULL;
	add_node(&c, filter->root);
	const bool whole = !ferror(c.out);
	if (fclose(c.out) == 0 && whole)
		return sql;
	free(sql);
	return NULL;
}

/* --- its parameters, in the same order ------------------------------------------------ */

struct binder {
	const struct filter *filter;
	sqlite3_stmt *statement;
	int parameter;
	int64_t now_us;
	bool now_known;
	int code; /* the first that was not SQLITE_OK */
};

static void bound(struct binder *b, int code)
{
	if (b->code == SQLITE_OK)
		b->code = code;
	b->parameter++;
}

static void bind_copy(struct binder *b, const char *at, size_t len)
{
	bound(b, sqlite3_bind_text(b->statement, b->parameter, at, (int)len,
	                           SQLITE_TRANSIENT));
}

/* Of "198.18.0.1:5060": from "198.18.0.1:" up to what follows any port, "198.18.0.1;". */
static void bind_host(struct binder *b, const struct field *field,
                      const struct filter_value *value)
{
	char text[ENDPOINT_TEXT_SIZE];
	if (field->type == FIELD_ADDRESS) {
		address_format(&value->endpoint.address, text);
		bind_copy(b, text, strlen(text));
		return;
	}
	const struct endpoint port_0 = { .address = value->endpoint.address };
	const size_t len = strlen(endpoint_format(&port_0, text)) - 1;
	bind_copy(b, text, len);
	text[len - 1]++;
	bind_copy(b, text, len);
}

static void bind_network(struct binder *b, const struct filter_value *value)
{
	uint8_t blob[NETWORK_BYTES];
	memcpy(blob, value->endpoint.address.bytes, sizeof value->endpoint.address.bytes);
	blob[NETWORK_BYTES - 1] = (uint8_t)value->prefix;
	bound(b, sqlite3_bind_blob(b->statement, b->parameter, blob, sizeof blob,
	                           SQLITE_TRANSIENT));
}

static void bind_integer(struct binder *b, int64_t integer)
{
	bound(b, sqlite3_bind_int64(b->statement, b->parameter, integer));
}

static void bind_value(struct binder *b, const struct field *field,
                       const struct filter_value *value)
{
	const struct text t = filter_text(b->filter, value);
	char text[ENDPOINT_TEXT_SIZE];
	switch (value->form) {
	case FORM_INTEGER:
		bind_integer(b, value->integer);
		break;
	case FORM_RELATIVE:
		if (b->now_known)
			bind_integer(b, b->now_us + value->integer);
		else
			bound(b, sqlite3_bind_null(b->statement, b->parameter));
		break;
	case FORM_REAL:
		bound(b, sqlite3_bind_double(b->statement, b->parameter, value->real));
		break;
	case FORM_RANGE:
		bind_integer(b, value->integer);
		bind_integer(b, value->last);
		break;
	case FORM_TEXT:
	case FORM_ITEM:
		bind_copy(b, t.at, t.len);
		break;
	case FORM_ENDPOINT:
		endpoint_format(&value->endpoint, text);
		bind_copy(b, text, strlen(text));
		break;
	case FORM_HOST:
		bind_host(b, field, value);
		break;
	case FORM_NETWORK:
		bind_network(b, value);
		break;
	case FORM_DIGITS:
		bind_integer(b, value->digits.first);
		bind_integer(b, value->digits.last);
		bind_integer(b, value->digits.national);
		break;
	case FORM_PATTERN:
		bound(b, sqlite3_bind_pointer(b->statement, b->parameter, value->pattern,
		                              pattern_tag, NULL));
		break;
	}
}

static void bind_node(struct binder *b, size_t at)
{
	const struct filter_node *node = &b->filter->nodes[at];
	switch (node->op) {
	case FILTER_AND:
	case FILTER_OR:
		bind_node(b, node->left);
		bind_node(b, node->right);
		break;
	case FILTER_NOT:
	case FILTER_ANY:
		bind_node(b, node->left);
		break;
	case FILTER_KNOWN:
		break;
	case FILTER_EQUAL:
	case FILTER_LESS:
	case FILTER_AT_MOST:
	case FILTER_GREATER:
	case FILTER_AT_LEAST:
	case FILTER_MATCHES:
		for (size_t i = 0; i < node->value_count; i++)
			bind_value(b, filter_field(node),
			           &b->filter->values[node->value + i]);
		break;
	}
}

int filter_bind(const struct filter *filter, sqlite3_stmt *statement, int first, nstime now)
{
	struct binder b = { .filter = filter,
		            .statement = statement,
		            .parameter = first,
		            .now_known = now != NSTIME_NONE };
	if (b.now_known)
		b.now_us = ns_to_us(now);
	bind_node(&b, filter->root);
	return b.code;
}
