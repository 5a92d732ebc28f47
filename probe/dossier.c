#include "probe/dossier.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 8 };

/* The place behind the last record, not counted yet; NULL without memory. */
static struct record *next_place(struct dossier *dossier)
{
	if (dossier->count == dossier->room) {
		const size_t room = dossier->room ? 2 * dossier->room : ROOM_AT_FIRST;
		void *moved = reallocarray(dossier->records, room, sizeof(struct record));
		if (!moved) {
			dossier->no_memory = true;
			return NULL;
		}
		dossier->records = moved;
		dossier->room = room;
	}
	return &dossier->records[dossier->count];
}

static const struct span no_tail;

/* Empty without memory. */
static struct span copy_of(struct span tail)
{
	uint8_t *bytes = tail.len > 0 ? malloc(tail.len) : NULL;
	if (!bytes)
		return no_tail;
	memcpy(bytes, tail.at, tail.len);
	return (struct span){ bytes, tail.len };
}

static void free_tail(const struct record *record)
{
	free((void *)record->tail.at); /* made by copy_of */
}

void dossier_add(struct dossier *dossier, const struct record *record)
{
	struct record *copy = next_place(dossier);
	if (!copy)
		return;
	*copy = *record;
	copy->tail = record->kind == RECORD_STREAM ? copy_of(record->tail) : no_tail;
	if (record->kind == RECORD_STREAM && copy->tail.len < record->tail.len)
		dossier->no_memory = true;
	else
		dossier->count++;
}

/* Every row; `status` is how the question was taken. */
static enum status add_rows(struct dossier *dossier, enum status status, struct rows *rows)
{
	struct record record;
	while (status == OK && (status = rows_next(rows, &record)) == OK)
		dossier_add(dossier, &record);
	rows_end(rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status read_call(struct dossier *dossier, struct query *query,
                             const struct found *found)
{
	static const enum record_kind kinds[] = { RECORD_LEG, RECORD_STREAM, RECORD_REPORT,
		                                  RECORD_FINDING };
	const struct found call = { RECORD_CALL, found->call, found->call, found->run };
	struct rows rows;
	enum status status = query_one(query, &call, &rows);
	status = add_rows(dossier, status, &rows);
	for (size_t i = 0; status == OK && i < ARRAY_LEN(kinds); i++) {
		status = query_of_call(query, kinds[i], found->call, found->run, &rows);
		status = add_rows(dossier, status, &rows);
	}
	return status;
}

enum status dossier_read(struct dossier *dossier, struct query *query,
                         const struct found *found)
{
	struct rows rows;
	if (found->call)
		return read_call(dossier, query, found);
	enum status status = query_one(query, found, &rows);
	status = add_rows(dossier, status, &rows);
	if (status != OK || found->kind != RECORD_STREAM)
		return status;
	status = query_reports_of_stream(query, found, &rows);
	return add_rows(dossier, status, &rows);
}

const struct record *dossier_find(const struct dossier *dossier, enum record_kind kind,
                                  uint64_t id)
{
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (record->kind == kind && (id == 0 || record_id(record) == id))
			return record;
	}
	return NULL;
}

void dossier_move(struct dossier *to, struct dossier *from)
{
	for (size_t i = 0; i < from->count; i++) {
		struct record *place = next_place(to);
		if (place) {
			*place = from->records[i];
			to->count++;
		} else {
			free_tail(&from->records[i]);
		}
	}
	to->no_memory |= from->no_memory;
	free(from->records);
	*from = (struct dossier){ 0 };
}

static nstime time_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_LEG:
		return record->leg.start;
	case RECORD_STREAM:
		return record->stream.first;
	case RECORD_REPORT:
		return record->report.at;
	case RECORD_FINDING:
		return (nstime)record->finding.rank * NS_PER_US;
	default:
		return 0;
	}
}

static int three_way(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
	const struct record *a = left;
	const struct record *b = right;
	int order = three_way(a->kind, b->kind);
	if (order == 0 && a->kind == RECORD_STREAM)
		order = three_way(a->stream.direction, b->stream.direction);
	if (order == 0)
		order = three_way(time_of(a) / NS_PER_US, time_of(b) / NS_PER_US);
	if (order == 0)
		order = record_id(a) < record_id(b) ? -1 : record_id(a) > record_id(b);
	return order;
}

void dossier_sort(struct dossier *dossier)
{
	if (dossier->count > 1)
		qsort(dossier->records, dossier->count, sizeof *dossier->records, compare);
}

void dossier_free(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->count; i++)
		free_tail(&dossier->records[i]);
	free(dossier->records);
	*dossier = (struct dossier){ 0 };
}
