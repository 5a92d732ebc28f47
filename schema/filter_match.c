/* filter_match.c - a filter looks at records in memory, and sees what the database would.
 */
#include <math.h>
#include <string.h>

#include "schema/field_text.h"
#include "schema/filter_tree.h"

/* A field's value as the database has it. */
struct cell {
	enum { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_ENDPOINT } type;
	int64_t integer;
	double real;
	struct text text; /* of the record, or in `list` */
	struct endpoint endpoint;
	char *list; /* FIELD_LIST_SIZE; borrowed */
};

static void integer_cell(struct cell *cell, int64_t integer, bool known)
{
	cell->type = known ? CELL_INTEGER : CELL_NULL;
	cell->integer = integer;
}

static void text_cell(struct cell *cell, const char *string)
{
	cell->text = text_from(string ? string : "");
	cell->type = cell->text.len ? CELL_TEXT : CELL_NULL;
}

/* Without elements a list is as good as unknown. */
static void list_cell(struct cell *cell, const struct field *field,
                      const struct record *record)
{
	const size_t len = field_format_list(field, record, cell->list);
	cell->text = (struct text){ cell->list, len };
	cell->type = len > 2 ? CELL_TEXT : CELL_NULL;
}

static void endpoint_cell(struct cell *cell, const struct endpoint *endpoint)
{
	static const struct endpoint unknown;
	cell->type = endpoint_equal(endpoint, &unknown) ? CELL_NULL : CELL_ENDPOINT;
	cell->endpoint = *endpoint;
}

static void read_cell(const struct field *field, const struct record *record,
                      struct cell *cell)
{
	const void *value = field_at(record, field);
	cell->type = CELL_NULL;
	switch (field->type) {
	case FIELD_ID:
	case FIELD_NUMBER:
		integer_cell(cell, *(const int64_t *)value, *(const uint64_t *)value != 0);
		break;
	case FIELD_COUNT:
		integer_cell(cell, *(const int64_t *)value, true);
		break;
	case FIELD_FLAG:
		integer_cell(cell, *(const bool *)value, true);
		break;
	case FIELD_SSRC:
		integer_cell(cell, *(const uint32_t *)value, true);
		break;
	case FIELD_SSRC_IF:
		integer_cell(cell, *(const int64_t *)value, *(const int64_t *)value >= 0);
		break;
	case FIELD_TIME:
		if (*(const nstime *)value != NSTIME_NONE)
			integer_cell(cell, ns_to_us(*(const nstime *)value), true);
		break;
	case FIELD_REAL:
		cell->real = *(const double *)value;
		cell->type = isnan(cell->real) ? CELL_NULL : CELL_REAL;
		break;
	case FIELD_TEXT:
		text_cell(cell, value);
		break;
	case FIELD_NAME:
	case FIELD_CODEC:
		text_cell(cell, field_name_of(field, record));
		break;
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		endpoint_cell(cell, value);
		break;
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
		list_cell(cell, field, record);
		break;
	case FIELD_BUFFERS:
	case FIELD_HISTOGRAM:
		break;
	}
}

struct matcher {
	const struct filter *filter;
	const struct filter_subject *subject;
};

/* The number that a value is; false: of a relative time, when now is not known. */
static bool value_number(const struct matcher *m, const struct filter_value *value,
                         int64_t *integer)
{
	*integer = value->integer;
	if (value->form != FORM_RELATIVE)
		return true;
	if (m->subject->now == NSTIME_NONE)
		return false;
	*integer += ns_to_us(m->subject->now);
	return true;
}

/* Below, at or above zero. */
static int order(const struct cell *cell, const struct filter_value *value, int64_t integer)
{
	if (cell->type == CELL_INTEGER && value->form != FORM_REAL)
		return (cell->integer > integer) - (cell->integer < integer);
	const double left = cell->type == CELL_REAL ? cell->real : (double)cell->integer;
	const double right = value->form == FORM_REAL ? value->real : (double)integer;
	return (left > right) - (left < right);
}

static bool equal_number(const struct matcher *m, const struct cell *cell,
                         const struct filter_value *value)
{
	int64_t integer;
	return value_number(m, value, &integer) && order(cell, value, integer) == 0;
}

static bool equal(const struct matcher *m, const struct cell *cell,
                  const struct filter_value *value)
{
	const struct text t = filter_text(m->filter, value);
	int64_t key;
	switch (value->form) {
	case FORM_INTEGER:
	case FORM_REAL:
	case FORM_RELATIVE:
		return equal_number(m, cell, value);
	case FORM_RANGE:
		return cell->integer >= value->integer && cell->integer <= value->last;
	case FORM_TEXT:
		return text_equal(cell->text, t);
	case FORM_ITEM:
		return text_find_text(cell->text, t) < cell->text.len;
	case FORM_ENDPOINT:
		return endpoint_equal(&cell->endpoint, &value->endpoint);
	case FORM_HOST:
		return address_equal(&cell->endpoint.address, &value->endpoint.address);
	case FORM_NETWORK:
		return filter_holds(&value->endpoint.address, value->prefix,
		                    &cell->endpoint.address);
	case FORM_PATTERN:
		return pattern_matches(value->pattern, cell->text);
	case FORM_DIGITS:
		return digits_key(cell->text, &key) && digits_match(&value->digits, key);
	}
	return false;
}

static bool any_equal(const struct matcher *m, const struct cell *cell,
                      const struct filter_node *node)
{
	for (size_t i = 0; i < node->value_count; i++) {
		if (equal(m, cell, &m->filter->values[node->value + i]))
			return true;
	}
	return false;
}

static bool compare(const struct matcher *m, const struct filter_node *node,
                    const struct record *record)
{
	char list[FIELD_LIST_SIZE];
	struct cell cell = { .list = list };
	int64_t integer = 0;
	const struct filter_value *value = &m->filter->values[node->value];
	read_cell(filter_field(node), record, &cell);
	if (cell.type == CELL_NULL)
		return false;
	if (node->op == FILTER_KNOWN)
		return true;
	if (node->op == FILTER_EQUAL || node->op == FILTER_MATCHES)
		return any_equal(m, &cell, node);
	if (!value_number(m, value, &integer))
		return false;
	const int sign = order(&cell, value, integer);
	switch (node->op) {
	case FILTER_LESS:
		return sign < 0;
	case FILTER_AT_MOST:
		return sign <= 0;
	case FILTER_GREATER:
		return sign > 0;
	default:
		return sign >= 0;
	}
}

/* Is `part` one of what `whole` consists of? */
static bool belongs(const struct record *part, const struct record *whole)
{
	const uint64_t call = part->kind == RECORD_LEG ? part->leg.call : part->stream.call;
	if (whole->kind == RECORD_CALL)
		return call == whole->call.id;
	return call == whole->leg.call && call && part->stream.leg == whole->leg.id;
}

static bool holds(const struct matcher *m, size_t at, const struct record *record);

static bool any_part(const struct matcher *m, const struct filter_node *node,
                     const struct record *whole)
{
	const struct filter_subject *subject = m->subject;
	for (size_t i = 0; i < subject->part_count; i++) {
		const struct record *part = subject->parts[i];
		if (part->kind == node->kind && belongs(part, whole) &&
		    holds(m, node->left, part))
			return true;
	}
	return false;
}

static bool holds(const struct matcher *m, size_t at, const struct record *record)
{
	const struct filter_node *node = &m->filter->nodes[at];
	switch (node->op) {
	case FILTER_AND:
		return holds(m, node->left, record) && holds(m, node->right, record);
	case FILTER_OR:
		return holds(m, node->left, record) || holds(m, node->right, record);
	case FILTER_NOT:
		return !holds(m, node->left, record);
	case FILTER_ANY:
		return any_part(m, node, record);
	default:
		return compare(m, node, record);
	}
}

bool filter_matches(const struct filter *filter, const struct filter_subject *subject)
{
	const struct matcher m = { filter, subject };
	return holds(&m, filter->root, subject->record);
}
