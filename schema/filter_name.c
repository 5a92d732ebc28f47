/* filter_name.c - which field of which record a name in a filter stands for. */
#include <string.h>

#include "schema/filter_tree.h"

/* The records that others consist of, in the order in which names are looked for. */
static const struct {
	enum record_kind of, part;
} parts[] = {
	{ RECORD_CALL, RECORD_LEG },
	{ RECORD_CALL, RECORD_STREAM },
	{ RECORD_LEG, RECORD_STREAM },
};

/* One name for several fields: true of any is true. */
static const struct {
	const char *name, *fields[FILTER_ALIASES];
	bool digits;
} aliases[] = {
	{ "trunk", { "trunk_src", "trunk_dst" } },
	{ "address", { "src", "dst" } },
	{ "party", { "from", "to" } },
	{ "number", { "number_from", "number_to", "asserted", "diverted_from" }, true },
};

static size_t find_field(struct field_table table, struct text name)
{
	size_t i = 0;
	while (i < table.count && !text_equal(text_from(table.fields[i].name), name))
		i++;
	return i;
}

/* A field of that kind, or what stands for several. */
static struct filter_name own_field(enum record_kind kind, struct text name)
{
	const struct field_table table = record_fields(kind);
	struct filter_name found = { .kind = kind, .fields = { find_field(table, name) } };
	found.count = found.fields[0] < table.count;
	for (size_t i = 0; found.count == 0 && i < ARRAY_LEN(aliases); i++) {
		if (!text_equal(text_from(aliases[i].name), name))
			continue;
		found.digits = aliases[i].digits;
		for (size_t k = 0; k < FILTER_ALIASES && aliases[i].fields[k]; k++) {
			const size_t field =
			        find_field(table, text_from(aliases[i].fields[k]));
			if (field < table.count)
				found.fields[found.count++] = field;
		}
	}
	return found;
}

static struct filter_name own_flag(enum record_kind kind, struct text name)
{
	const struct field_table table = record_fields(kind);
	struct filter_name found = { .kind = kind };
	for (size_t i = 0; i < table.count; i++) {
		const struct field *field = &table.fields[i];
		for (size_t k = 0; field->type == FIELD_FLAGS && k < field->name_count;
		     k++) {
			if (!field->names[k] ||
			    !text_equal(text_from(field->names[k]), name))
				continue;
			found.fields[0] = i;
			found.count = 1;
			found.flag = field->names[k];
			return found;
		}
	}
	return found;
}

bool filter_part(enum record_kind kind, struct text name, enum record_kind *out)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].of == kind &&
		    text_equal(text_from(record_kind_names[parts[i].part]), name)) {
			*out = parts[i].part;
			return true;
		}
	}
	return false;
}

typedef struct filter_name lookup(enum record_kind kind, struct text name);

static struct filter_name look_through(enum record_kind kind, struct text name,
                                       lookup *look)
{
	struct filter_name found = look(kind, name);
	for (size_t i = 0; found.count == 0 && i < ARRAY_LEN(parts); i++) {
		if (parts[i].of == kind)
			found = look(parts[i].part, name);
	}
	return found;
}

/* A field that is true or false. */
static struct filter_name own_truth(enum record_kind kind, struct text name)
{
	const struct filter_name found = own_field(kind, name);
	const struct field *const fields = record_fields(kind).fields;
	if (found.count && fields[found.fields[0]].type == FIELD_FLAG)
		return found;
	return (struct filter_name){ 0 };
}

struct filter_name filter_resolve(enum record_kind kind, struct text name, bool alone)
{
	const size_t dot = text_find(name, '.');
	if (dot < name.len) {
		enum record_kind part;
		if (!filter_part(kind, text_head(name, dot), &part))
			return (struct filter_name){ 0 };
		return filter_resolve(part, text_skip(name, dot + 1), alone);
	}
	const struct filter_name truth = look_through(kind, name, own_truth);
	const struct filter_name flag = look_through(kind, name, own_flag);
	if (alone && (truth.count || flag.count))
		return truth.count ? truth : flag;
	const struct filter_name found = look_through(kind, name, own_field);
	return found.count ? found : flag;
}

/* --- what was meant ------------------------------------------------------------------- */

enum { NAME_MAX = 48, FAR_AWAY = 99 };

static bool letter_equal(struct text a, size_t i, struct text b, size_t k)
{
	return ascii_lower(a.at[i]) == ascii_lower(b.at[k]);
}

/* How many letters are missing, too many or wrong; neighbours swapped count as one. */
static size_t distance(struct text a, const char *name)
{
	const struct text b = text_from(name);
	size_t rows[3][NAME_MAX + 1];
	if (a.len > NAME_MAX || b.len > NAME_MAX)
		return FAR_AWAY;
	for (size_t k = 0; k <= b.len; k++)
		rows[0][k] = k;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3];
		row[0] = i;
		for (size_t k = 1; k <= b.len; k++) {
			const bool same = letter_equal(a, i - 1, b, k - 1);
			size_t least = above[k - 1] + !same;
			if (above[k] + 1 < least)
				least = above[k] + 1;
			if (row[k - 1] + 1 < least)
				least = row[k - 1] + 1;
			if (i > 1 && k > 1 && letter_equal(a, i - 1, b, k - 2) &&
			    letter_equal(a, i - 2, b, k - 1) &&
			    rows[(i - 2) % 3][k - 2] + 1 < least)
				least = rows[(i - 2) % 3][k - 2] + 1;
			row[k] = least;
		}
	}
	return rows[a.len % 3][b.len];
}

struct nearest {
	struct text t;
	const char *name;
	size_t distance; /* what is further away is not like it */
};

static struct nearest nearest_to(struct text t)
{
	return (struct nearest){ .t = t, .distance = t.len / 3 + (t.len > 2) };
}

static void offer(struct nearest *nearest, const char *name)
{
	const size_t far = name ? distance(nearest->t, name) : FAR_AWAY;
	if (far < nearest->distance || (far == nearest->distance && !nearest->name)) {
		nearest->distance = far;
		nearest->name = name;
	}
}

const char *filter_nearest(const char *const *names, size_t count, struct text t)
{
	struct nearest nearest = nearest_to(t);
	for (size_t i = 0; i < count; i++)
		offer(&nearest, names[i]);
	return nearest.name;
}

static void offer_kind(struct nearest *nearest, enum record_kind kind)
{
	const struct field_table table = record_fields(kind);
	for (size_t i = 0; i < table.count; i++)
		offer(nearest, table.fields[i].name);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		if (own_field(kind, text_from(aliases[i].name)).count)
			offer(nearest, aliases[i].name);
	}
	for (size_t i = 0; i < table.count; i++) {
		const struct field *field = &table.fields[i];
		for (size_t k = 0; field->type == FIELD_FLAGS && k < field->name_count; k++)
			offer(nearest, field->names[k]);
	}
}

const char *filter_nearest_name(enum record_kind kind, struct text name)
{
	const size_t dot = text_find(name, '.');
	enum record_kind part;
	if (dot < name.len && filter_part(kind, text_head(name, dot), &part))
		return filter_nearest_name(part, text_skip(name, dot + 1));
	struct nearest nearest = nearest_to(name);
	offer_kind(&nearest, kind);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].of == kind)
			offer_kind(&nearest, parts[i].part);
	}
	return nearest.name;
}
