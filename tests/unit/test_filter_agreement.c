/*
 * A filter says the same of records in memory as of their rows: thousands of made-up
 * filters over everything that the captures in pcaps/ hold, with values out of those
 * records.
 */
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "probe/pipeline.h"
#include "probe/read_capture.h"
#include "schema/field_text.h"
#include "schema/filter_tree.h"
#include "schema/query.h"
#include "schema/store.h"
#include "tests/unit/unit.h"

enum { RECORDS_MAX = 4096, FILTERS = 3000, VALUE = 700 };

static struct record *records[RECORDS_MAX];
static const struct record *parts[RECORDS_MAX];
static size_t record_count, part_count;
static uint64_t seed = 20260131;
static nstime now;

static const enum record_kind kinds[] = { RECORD_CALL,   RECORD_LEG,
	                                  RECORD_STREAM, RECORD_REGISTRATION,
	                                  RECORD_REPORT, RECORD_BINDING,
	                                  RECORD_PEER,   RECORD_EVENT };

static void keep(void *self, const struct record *record)
{
	if (store_add(self, record) != OK)
		fail_msg("%s", store_error(self));
	if (record->kind == RECORD_MESSAGE)
		return;
	assert_true(record_count < RECORDS_MAX);
	struct record *copy = malloc(sizeof *copy);
	assert_non_null(copy);
	*copy = *record;
	records[record_count++] = copy;
	if (record->kind == RECORD_LEG || record->kind == RECORD_STREAM)
		parts[part_count++] = copy;
}

static void analyse(char *const *files, size_t count, struct store *store)
{
	char error[PIPELINE_ERROR_SIZE];
	struct source_error source_error;
	struct source *source;
	struct pipeline *pipeline;
	const struct sink sink = { keep, store };
	struct pipeline_options options = { .settings = settings_default(), .sink = &sink };
	assert_int_equal(source_open_files(files, count, &source, &source_error), OK);
	assert_int_equal(pipeline_new(&options, &pipeline, error), OK);
	assert_true(read_capture(source, pipeline, false));
	pipeline_finish(pipeline);
	now = pipeline_latest(pipeline);
	pipeline_free(pipeline);
	source_close(source);
}

static void fill(const char *path)
{
	const struct run_info info = { .options = "",
		                       .sensor = "local",
		                       .program = "test" };
	const struct run_result result = { .frames = 1, .summary = "{}" };
	struct db_error error;
	struct store *store;
	glob_t files;
	bool there;
	assert_int_equal(glob("pcaps/*.pcap", 0, NULL, &files), 0);
	assert_int_equal(store_open(path, &store, &error), OK);
	assert_int_equal(store_begin_run(store, &info), OK);
	analyse(files.gl_pathv, files.gl_pathc, store);
	assert_int_equal(store_end_run(store, &result, &there), OK);
	store_close(store);
	globfree(&files);
}

/* --- made-up filters ------------------------------------------------------------------ */

static uint32_t below(uint32_t n)
{
	return disorder_below(&seed, n);
}

static const struct record *any_record(enum record_kind kind)
{
	const size_t first = below((uint32_t)record_count);
	for (size_t i = 0; i < record_count; i++) {
		const struct record *record = records[(first + i) % record_count];
		if (record->kind == kind)
			return record;
	}
	return NULL;
}

static void quote(const char *text, char *to)
{
	size_t len = 0;
	to[len++] = '"';
	for (; *text && len < VALUE - 4; text++) {
		if (*text == '"' || *text == '\\')
			to[len++] = '\\';
		to[len++] = *text;
	}
	to[len++] = '"';
	to[len] = '\0';
}

static void write_endpoint(const struct field *field, const struct record *record, char *to)
{
	char text[ENDPOINT_TEXT_SIZE];
	const struct endpoint *endpoint = field_at(record, field);
	address_format(&endpoint->address, text);
	const bool v4 = address_is_ipv4(&endpoint->address);
	if (below(3) == 0)
		sprintf(to, "%s/%u", text, below(v4 ? 33 : 129));
	else if (below(2) && field->type == FIELD_ENDPOINT)
		endpoint_format(endpoint, to);
	else
		strcpy(to, text);
}

static void write_time(nstime t, char *to)
{
	t += ((nstime)below(3) - 1) * NS_PER_US;
	if (below(2)) {
		const nstime behind = now / NS_PER_SEC - t / NS_PER_SEC;
		sprintf(to, "%c%llds", behind < 0 ? '+' : '-', llabs((long long)behind));
		return;
	}
	const time_t seconds = t / NS_PER_SEC;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	const size_t len = strftime(to, VALUE, "%Y-%m-%dT%H:%M:%S", &tm);
	sprintf(to + len, ".%06lldZ", (long long)(t % NS_PER_SEC / NS_PER_US));
}

/* An element of the JSON list, without its quotes. */
static void write_item(const struct field *field, const struct record *record, char *to)
{
	char list[FIELD_LIST_SIZE];
	field_format_list(field, record, list);
	const char *open = strchr(list, '"');
	if (!open) {
		strcpy(to, field->type == FIELD_CODECS ? "G729" : "0");
		if (field->type == FIELD_FLAGS)
			strcpy(to, field->names[below((uint32_t)field->name_count)]);
		return;
	}
	const size_t len = strcspn(open + 1, "\"");
	memcpy(to, open + 1, len);
	to[len] = '\0';
}

/* The record's own value, or one near it. */
static void write_value(const struct field *field, const struct record *record, char *to)
{
	const void *value = field_at(record, field);
	const char *name;
	switch (field->type) {
	case FIELD_ID:
		id_format(*(const uint64_t *)value, to);
		to[1 + below(16)] = '\0';
		break;
	case FIELD_TEXT:
		quote(value, to);
		break;
	case FIELD_TIME:
		write_time(*(const nstime *)value == NSTIME_NONE ? now
		                                                 : *(const nstime *)value,
		           to);
		break;
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		write_endpoint(field, record, to);
		break;
	case FIELD_COUNT:
	case FIELD_NUMBER:
		sprintf(to, "%llu%s", (unsigned long long)*(const uint64_t *)value,
		        below(4) ? "" : ".5");
		break;
	case FIELD_REAL:
		sprintf(to, "%.9f",
		        isnan(*(const double *)value) ? 1 : *(const double *)value);
		break;
	case FIELD_NAME:
	case FIELD_CODEC:
		name = field_name_of(field, record);
		strcpy(to, name ? name
		           : field->type == FIELD_CODEC
		                   ? "opus"
		                   : field->names[field->name_count - 1]);
		break;
	case FIELD_FLAG:
		strcpy(to, below(2) ? "true" : "false");
		break;
	case FIELD_SSRC:
		sprintf(to, "0x%x", *(const uint32_t *)value);
		break;
	case FIELD_SSRC_IF:
		sprintf(to, "%llu", (unsigned long long)(*(const uint32_t *)value));
		break;
	default:
		write_item(field, record, to);
		break;
	}
}

static const char *any_operator(const struct field *field)
{
	static const char *const ordered[] = { "<", "<=", ">", ">=", "=", "!=" };
	static const char *const equal[] = { "=", "!=", "in", "not in" };
	switch (field->type) {
	case FIELD_COUNT:
	case FIELD_NUMBER:
	case FIELD_REAL:
	case FIELD_TIME:
		return ordered[below(ARRAY_LEN(ordered))];
	case FIELD_FLAG:
		return equal[below(2)];
	default:
		return equal[below(ARRAY_LEN(equal))];
	}
}

static void write_comparison(enum record_kind kind, bool dotted, FILE *to)
{
	const struct field_table table = record_fields(kind);
	const struct field *field;
	char value[VALUE];
	do
		field = &table.fields[below((uint32_t)table.count)];
	while (field->type == FIELD_BUFFERS || field->type == FIELD_HISTOGRAM);
	write_value(field, any_record(kind), value);
	fprintf(to, "%s%s%s ", dotted ? record_kind_names[kind] : "", dotted ? "." : "",
	        field->name);
	if (below(10) == 0 && field->type != FIELD_FLAG)
		fprintf(to, "%s null", below(2) ? "=" : "!=");
	else if (field->type == FIELD_TEXT && below(3) == 0)
		fprintf(to, "~ \"%c.*%c\"", 'a' + (char)below(26), '0' + (char)below(10));
	else
		fprintf(to, "%s %s", any_operator(field), value);
}

/* Of the record itself, of one of its parts, or of one part all of it. */
static void write_filter(enum record_kind kind, unsigned int depth, FILE *to)
{
	const bool has_parts = kind == RECORD_CALL || kind == RECORD_LEG;
	const enum record_kind part =
	        kind == RECORD_CALL && below(2) ? RECORD_LEG : RECORD_STREAM;
	const uint32_t dice = below(6);
	if (dice == 0 && has_parts && depth) {
		fprintf(to, "%s(", record_kind_names[part]);
		write_filter(part, depth - 1, to);
		fputc(')', to);
	} else if (dice == 1 && depth) {
		fputs("not (", to);
		write_filter(kind, depth - 1, to);
		fputc(')', to);
	} else if (dice <= 3 && depth) {
		fputc('(', to);
		write_filter(kind, depth - 1, to);
		fputs(below(2) ? " and " : " or ", to);
		fputs(below(4) ? "" : "not ", to);
		write_filter(kind, depth - 1, to);
		fputc(')', to);
	} else if (has_parts && below(2)) {
		write_comparison(part, true, to);
	} else {
		write_comparison(kind, false, to);
	}
}

/* --- the comparison ------------------------------------------------------------------- */

static uint64_t *ids_in_memory(const struct filter *filter, size_t *count)
{
	uint64_t *ids = calloc(record_count + 1, sizeof *ids);
	assert_non_null(ids);
	*count = 0;
	for (size_t i = 0; i < record_count; i++) {
		const struct filter_subject subject = { records[i], parts, part_count,
			                                now };
		if (records[i]->kind == filter->kind && filter_matches(filter, &subject))
			ids[(*count)++] = record_id(records[i]);
	}
	return ids;
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *left = a;
	const uint64_t *right = b;
	return (*left > *right) - (*left < *right);
}

static uint64_t *ids_in_database(struct query *query, const struct filter *filter,
                                 size_t *count)
{
	const struct query_list list = { filter->kind, filter, now, RECORDS_MAX };
	uint64_t *ids = calloc(RECORDS_MAX, sizeof *ids);
	struct record record;
	struct rows rows;
	*count = 0;
	enum status status = query_list(query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		ids[(*count)++] = record_id(&record);
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		fail_msg("%s", query_error(query));
	return ids;
}

/* How many records match, and how many there were to. */
static size_t check_filter(struct query *query, const char *text, enum record_kind kind)
{
	struct filter_error error;
	struct filter *filter;
	size_t seen;
	size_t found;
	if (filter_parse(text_from(text), kind, &filter, &error) != OK)
		fail_msg("%s\n column %zu: %s", text, error.column, error.text);
	uint64_t *memory = ids_in_memory(filter, &seen);
	uint64_t *database = ids_in_database(query, filter, &found);
	qsort(memory, seen, sizeof *memory, compare_ids);
	qsort(database, found, sizeof *database, compare_ids);
	if (seen != found || memcmp(memory, database, seen * sizeof *memory) != 0)
		fail_msg("%s of %s: %zu in memory, %zu in the database", text,
		         record_kind_names[kind], seen, found);
	free(memory);
	free(database);
	filter_free(filter);
	return seen;
}

static void test_agreement(void **state)
{
	char path[64];
	struct db_error error;
	struct query *query;
	size_t some = 0;
	(void)state;
	snprintf(path, sizeof path, "/tmp/earshot-agreement-%d.db", (int)getpid());
	unlink(path);
	fill(path);
	assert_int_equal(query_open(path, &query, &error), OK);
	for (size_t i = 0; i < FILTERS; i++) {
		const enum record_kind kind = kinds[below(ARRAY_LEN(kinds))];
		char text[FILTER_TEXT_MAX + 1];
		FILE *to = fmemopen(text, sizeof text, "w");
		write_filter(kind, below(5), to);
		assert_int_equal(fclose(to), 0);
		const size_t seen = check_filter(query, text, kind);
		some += seen > 0;
	}
	/* Most are about something: else this would prove nothing. */
	assert_in_range(some, FILTERS / 3, FILTERS);
	query_close(query);
	unlink(path);
	for (size_t i = 0; i < record_count; i++)
		free(records[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_agreement) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
