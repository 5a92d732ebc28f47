#include "probe/call_filter.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 14 };

/* A record of an open call, and its tail behind it. */
struct held_record {
	struct held_record *next; /* of its bucket, newest first */
	uint64_t call;
	size_t tail_len;
	struct record record;
	uint8_t tail[];
};

struct call_filter {
	struct filter *filter;   /* owned */
	const struct sink *sink; /* borrowed */
	FILE *file;              /* owned; NULL: records need not wait for now */
	nstime now;
	size_t bytes;
	uint64_t left_out;
	enum status status;
	struct held_record *buckets[BUCKETS]; /* owned */
};

struct call_filter *call_filter_new(struct filter *filter, const struct sink *sink)
{
	struct call_filter *calls = calloc(1, sizeof *calls);
	if (!calls) {
		filter_free(filter);
		warnx("memory ran out");
		return NULL;
	}
	calls->filter = filter;
	calls->sink = sink;
	calls->now = NSTIME_NONE;
	if (filter_is_relative(filter) && !(calls->file = tmpfile())) {
		warn("--filter: a temporary file");
		call_filter_free(calls);
		return NULL;
	}
	return calls;
}

/* The call that a record belongs to or is; 0: none. */
static uint64_t call_of(const struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	if (record->kind == RECORD_CALL)
		return record->call.id;
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type == FIELD_ID &&
		    strcmp(table.fields[i].name, "call") == 0)
			return *(const uint64_t *)field_at(record, &table.fields[i]);
	}
	return 0;
}

/* Ids are hashes with a key already. */
static struct held_record **bucket_of(struct call_filter *calls, uint64_t call)
{
	return &calls->buckets[call % BUCKETS];
}

static void hold(struct call_filter *calls, uint64_t call, const struct record *record)
{
	const size_t size = sizeof(struct held_record) + record->tail.len;
	struct held_record **bucket = bucket_of(calls, call);
	struct held_record *held =
	        calls->bytes + size > CALL_FILTER_MAX_BYTES ? NULL : malloc(size);
	if (!held) {
		calls->left_out++;
		return;
	}
	held->call = call;
	held->record = *record;
	held->tail_len = record->tail.len;
	if (record->tail.len)
		memcpy(held->tail, record->tail.at, record->tail.len);
	held->record.tail = (struct span){ held->tail, record->tail.len };
	held->next = *bucket;
	*bucket = held;
	calls->bytes += size;
}

/* Takes what is held of a call, oldest first. */
static struct held_record *take_held(struct call_filter *calls, uint64_t call,
                                     size_t *count)
{
	struct held_record *list = NULL;
	struct held_record **link = bucket_of(calls, call);
	*count = 0;
	while (*link) {
		struct held_record *held = *link;
		if (held->call != call) {
			link = &held->next;
			continue;
		}
		*link = held->next;
		held->next = list;
		list = held;
		calls->bytes -= sizeof *held + held->tail_len;
		++*count;
	}
	return list;
}

static void free_list(struct held_record *list)
{
	while (list) {
		struct held_record *next = list->next;
		free(list);
		list = next;
	}
}

static bool matches(const struct call_filter *calls, const struct record *call,
                    const struct held_record *list, size_t count)
{
	struct filter_subject subject = { .record = call, .now = calls->now };
	const struct record **parts = calloc(count + 1, sizeof *parts);
	if (!parts)
		return false;
	for (; list; list = list->next)
		parts[subject.part_count++] = &list->record;
	subject.parts = parts;
	const bool match = filter_matches(calls->filter, &subject);
	free(parts);
	return match;
}

static void end_call(struct call_filter *calls, const struct record *call)
{
	size_t count;
	struct held_record *list = take_held(calls, call->call.id, &count);
	if (matches(calls, call, list, count)) {
		for (const struct held_record *held = list; held; held = held->next)
			calls->sink->accept(calls->sink->self, &held->record);
		calls->sink->accept(calls->sink->self, call);
	}
	free_list(list);
}

static void sort_record(struct call_filter *calls, const struct record *record)
{
	const uint64_t call = call_of(record);
	if (record->kind == RECORD_CALL)
		end_call(calls, record);
	else if (call)
		hold(calls, call, record);
}

/* --- until now is known --------------------------------------------------------------- */

static bool file_bytes(struct call_filter *calls, const void *bytes, size_t len)
{
	return len == 0 || fwrite(bytes, len, 1, calls->file) == 1;
}

static void file_record(struct call_filter *calls, const struct record *record)
{
	if (calls->status == OK && (!file_bytes(calls, record, sizeof *record) ||
	                            !file_bytes(calls, record->tail.at, record->tail.len)))
		calls->status = ERR_IO;
}

/* OK; ERR_NOT_FOUND behind the last.  *tail grows as needed. */
static enum status read_filed(struct call_filter *calls, struct record *record,
                              uint8_t **tail, size_t *room)
{
	if (fread(record, sizeof *record, 1, calls->file) != 1)
		return ferror(calls->file) ? ERR_IO : ERR_NOT_FOUND;
	const size_t len = record->tail.len;
	if (len > *room) {
		uint8_t *grown = realloc(*tail, len);
		if (!grown)
			return ERR_NOMEM;
		*tail = grown;
		*room = len;
	}
	if (len && fread(*tail, len, 1, calls->file) != 1)
		return ERR_IO;
	record->tail.at = *tail;
	return OK;
}

static enum status sort_filed(struct call_filter *calls)
{
	struct record record;
	uint8_t *tail = NULL;
	size_t room = 0;
	if (fflush(calls->file) != 0 || fseek(calls->file, 0, SEEK_SET) != 0)
		return ERR_IO;
	enum status status;
	while ((status = read_filed(calls, &record, &tail, &room)) == OK)
		sort_record(calls, &record);
	free(tail);
	return status == ERR_NOT_FOUND ? OK : status;
}

/* --- from outside --------------------------------------------------------------------- */

void call_filter_record(struct call_filter *calls, const struct record *record)
{
	if (calls->file)
		file_record(calls, record);
	else
		sort_record(calls, record);
}

bool call_filter_finish(struct call_filter *calls, nstime now)
{
	calls->now = now;
	if (calls->file && calls->status == OK)
		calls->status = sort_filed(calls);
	if (calls->status != OK)
		warnx("--filter: the temporary file: %s", status_name(calls->status));
	if (calls->left_out)
		warnx("--filter: too many calls at once: %llu records were not looked at",
		      (unsigned long long)calls->left_out);
	return calls->status == OK && !calls->left_out;
}

void call_filter_free(struct call_filter *calls)
{
	if (!calls)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		free_list(calls->buckets[i]);
	if (calls->file)
		fclose(calls->file);
	filter_free(calls->filter);
	free(calls);
}
