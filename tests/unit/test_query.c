#include "schema/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/store.h"
#include "tests/unit/database.h"
#include "tests/unit/records.h"

static char path[64];
static struct query *query;

enum { CALLS = 5 };

static const struct query_list all_calls = { .kind = RECORD_CALL, .limit = 100 };
static const struct query_list one_call = { .kind = RECORD_CALL, .limit = 1 };

/* Ids with beginnings in common, on both sides of the sign. */
static const uint64_t call_ids[CALLS] = {
	UINT64_C(0x1000000000000001), UINT64_C(0x1000000000000002),
	UINT64_C(0x1f00000000000003), UINT64_C(0xfff0000000000004),
	UINT64_C(0xfff0000000000005),
};

static void add(struct store *store, const struct record *record)
{
	if (store_add(store, record) != OK)
		fail_msg("%s", store_error(store));
}

/* Two legs to a call, the later one first; two streams; two messages. */
static void add_call(struct store *store, uint64_t id, nstime start)
{
	struct record record;
	for (uint64_t n = 2; n-- > 0;) {
		const nstime at = start + (nstime)n * NS_PER_MS;
		records_fill(&record, RECORD_MESSAGE, "INVITE");
		record.message.call = id;
		record.message.leg = id + 0x100 + n;
		record.message.id = id + 0x300 + 0x10 * n;
		record.message.at = at;
		record.tail = (struct span){ (const uint8_t *)"INVITE\0\xff", 8 };
		add(store, &record);
		records_fill(&record, RECORD_STREAM, "network");
		record.stream.call = id;
		record.stream.id = id + 0x200 + n;
		record.stream.first = at;
		add(store, &record);
		records_fill(&record, RECORD_LEG, "text");
		snprintf(record.leg.sip_call_id, RECORD_TEXT, "%llx@host",
		         (unsigned long long)id);
		record.leg.call = id;
		record.leg.id = id + 0x100 + n;
		record.leg.start = at;
		add(store, &record);
	}
	records_fill(&record, RECORD_CALL, "text");
	record.call.id = id;
	record.call.start = start;
	add(store, &record);
}

/* The second run sees the first two calls again, an hour later by its broken clock. */
static void write_run(struct store *store, size_t calls, nstime shift, uint8_t digest)
{
	static const struct run_info info = { .options = "", .sensor = "", .program = "" };
	const struct run_result result = { .digest = { digest } };
	bool already_there;
	assert_int_equal(store_begin_run(store, &info), OK);
	for (size_t i = 0; i < calls; i++)
		add_call(store, call_ids[i], RECORDS_TIME + (nstime)i * NS_PER_SEC + shift);
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	assert_false(already_there);
}

static int open_database(void **state)
{
	struct store *store = NULL;
	struct db_error error;
	(void)state;
	strcpy(path, "/tmp/earshot-query-XXXXXX");
	const int fd = mkstemp(path);
	if (fd < 0 || close(fd) != 0 || store_open(path, &store, &error) != OK)
		return -1;
	write_run(store, CALLS, 0, 1);
	write_run(store, 2, 3600 * NS_PER_SEC, 2);
	store_close(store);
	return query_open(path, &query, &error) == OK ? 0 : -1;
}

static int close_database(void **state)
{
	(void)state;
	query_close(query);
	return unlink(path);
}

static void calls_come_newest_first_and_once(void **state)
{
	static const size_t order[] = { 1, 0, 4, 3, 2 };
	struct record call;
	struct rows rows;
	(void)state;
	assert_int_equal(query_list(query, &all_calls, &rows), OK);
	for (size_t i = 0; i < CALLS; i++) {
		assert_int_equal(rows_next(&rows, &call), OK);
		assert_true(call.call.id == call_ids[order[i]]);
		assert_int_equal(rows.run, i < 2 ? 2 : 1);
	}
	assert_int_equal(rows_next(&rows, &call), ERR_NOT_FOUND);
	rows_end(&rows);
}

static void a_list_is_limited(void **state)
{
	struct record call;
	struct rows rows;
	(void)state;
	assert_int_equal(query_list(query, &one_call, &rows), OK);
	assert_int_equal(rows_next(&rows, &call), OK);
	assert_int_equal(rows_next(&rows, &call), ERR_NOT_FOUND);
	rows_end(&rows);
}

static void parts_of_a_call_come_by_time_and_of_one_run(void **state)
{
	static const enum record_kind kinds[] = { RECORD_LEG, RECORD_STREAM,
		                                  RECORD_MESSAGE };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct record parts[2];
		struct record more;
		struct rows rows;
		assert_int_equal(query_of_call(query, kinds[i], call_ids[1], 1, &rows), OK);
		assert_int_equal(rows_next(&rows, &parts[0]), OK);
		assert_int_equal(rows_next(&rows, &parts[1]), OK);
		assert_int_equal(rows_next(&rows, &more), ERR_NOT_FOUND);
		rows_end(&rows);
		const nstime start = RECORDS_TIME + NS_PER_SEC;
		for (size_t k = 0; k < 2; k++) {
			const nstime at = kinds[i] == RECORD_LEG ? parts[k].leg.start
			                  : kinds[i] == RECORD_STREAM
			                          ? parts[k].stream.first
			                          : parts[k].message.at;
			assert_true(at == start + (nstime)k * NS_PER_MS);
		}
	}
}

static void a_message_has_its_bytes(void **state)
{
	struct record message;
	struct rows rows;
	(void)state;
	assert_int_equal(query_of_call(query, RECORD_MESSAGE, call_ids[0], 1, &rows), OK);
	assert_int_equal(rows_next(&rows, &message), OK);
	assert_int_equal(message.tail.len, 8);
	assert_memory_equal(message.tail.at, "INVITE\0\xff", 8);
	rows_end(&rows);
}

static int64_t latest_run(void)
{
	sqlite3 *db = NULL;
	struct db_error error;
	assert_int_equal(db_open_read(path, &db, &error), OK);
	const int64_t run = database_number(db, "SELECT max(id) FROM run");
	db_close(db);
	return run;
}

/* Stores the record in a run of its own and reads it back. */
static void round_trip(const struct record *in, struct record *out)
{
	static const struct run_info info = { .options = "", .sensor = "", .program = "" };
	const struct run_result result = { .digest = { (uint8_t)(latest_run() + 1) } };
	struct store *store = NULL;
	struct db_error error;
	bool already_there;
	assert_int_equal(store_open(path, &store, &error), OK);
	assert_int_equal(store_begin_run(store, &info), OK);
	add(store, in);
	if (in->kind == RECORD_MESSAGE) { /* it is kept in its leg's row */
		struct record leg;
		records_fill(&leg, RECORD_LEG, "text");
		leg.leg.id = in->message.leg;
		add(store, &leg);
	}
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	store_close(store);
	const struct found found = { in->kind, record_id(in), 0, latest_run() };
	assert_int_equal(query_read(query, &found, out), OK);
}

static void every_field_comes_back(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct record in;
		struct record out;
		/* A ladder is JSON: what is no UTF-8 is not kept byte for byte there. */
		records_fill(&in, kind,
		             kind == RECORD_MESSAGE ? "J\xc3\xb6rg \"\\\x01"
		                                    : "J\xc3\xb6rg \xff");
		round_trip(&in, &out);
		const char *differs = records_differ(&in, &out);
		if (differs)
			fail_msg("%s.%s", record_kind_names[kind], differs);
	}
}

static void what_is_not_known_stays_so(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct record in;
		struct record out;
		if (kind == RECORD_MESSAGE)
			continue; /* always known: its leg, its time, its ends */
		records_fill(&in, kind, "");
		const uint64_t id = record_id(&in);
		record_clear(&in, kind);
		*(uint64_t *)((char *)&in + record_fields(kind).fields[0].offset) = id;
		round_trip(&in, &out);
		const struct field_table table = record_fields(kind);
		for (size_t i = 0; i < table.count; i++) {
			const void *value = field_at(&out, &table.fields[i]);
			if (table.fields[i].type == FIELD_REAL)
				assert_true(*(const double *)value !=
				            *(const double *)value);
			if (table.fields[i].type == FIELD_TIME)
				assert_true(*(const nstime *)value == NSTIME_NONE);
			if (table.fields[i].type == FIELD_TEXT)
				assert_int_equal(*(const char *)value, '\0');
		}
	}
}

static void codecs_of_one_name_are_told_by_their_clock(void **state)
{
	struct record in;
	struct record out;
	(void)state;
	records_fill(&in, RECORD_STREAM, "network");
	in.stream.codec = CODEC_SPEEX_WB;
	in.stream.clock_hz = 16000;
	round_trip(&in, &out);
	assert_int_equal(out.stream.codec, CODEC_SPEEX_WB);
}

static const struct {
	const char *name;
	size_t count;
	enum record_kind kind; /* of the first */
	uint64_t id;
} names[] = {
	{ "1000000000000001@host", 1, RECORD_CALL, UINT64_C(0x1000000000000001) },
	{ "1000000000000001@HOST", 0, 0, 0 }, /* Call-IDs are case-sensitive */
	{ "1000000000000001", 1, RECORD_CALL, UINT64_C(0x1000000000000001) },
	{ "1f", 5, RECORD_CALL, UINT64_C(0x1f00000000000003) },
	{ "1f00000000000003", 1, RECORD_CALL, UINT64_C(0x1f00000000000003) },
	{ "FFF0000000000004", 1, RECORD_CALL, UINT64_C(0xfff0000000000004) },
	{ "fff0000000000104", 1, RECORD_LEG, UINT64_C(0xfff0000000000104) },
	{ "1f00000000000203", 1, RECORD_STREAM, UINT64_C(0x1f00000000000203) },
	{ "1", 8, RECORD_CALL, UINT64_C(0x1000000000000001) },
	{ "2", 0, 0, 0 },
	{ "", 0, 0, 0 },
	{ "10000000000000010", 0, 0, 0 },
	{ "0x1f00000000000003", 0, 0, 0 },
	{ "'; DROP TABLE call; --", 0, 0, 0 },
	{ "\xff", 0, 0, 0 },
};

static void things_are_found_by_what_people_call_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct found found[8];
		size_t count = 0;
		assert_int_equal(query_find(query, names[i].name, found, 8, &count), OK);
		if (count != names[i].count)
			fail_msg("'%s': %zu", names[i].name, count);
		if (count && (found[0].kind != names[i].kind || found[0].id != names[i].id))
			fail_msg("'%s': %llx", names[i].name,
			         (unsigned long long)found[0].id);
	}
}

static void the_latest_run_is_found(void **state)
{
	struct found found;
	struct record call;
	size_t count = 0;
	(void)state;
	assert_int_equal(query_find(query, "1000000000000002@host", &found, 1, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(found.run, 2);
	assert_int_equal(query_read(query, &found, &call), OK);
	assert_true(call.call.start == RECORDS_TIME + 3601 * NS_PER_SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_come_newest_first_and_once),
		TEST(a_list_is_limited),
		TEST(parts_of_a_call_come_by_time_and_of_one_run),
		TEST(a_message_has_its_bytes),
		TEST(every_field_comes_back),
		TEST(what_is_not_known_stays_so),
		TEST(codecs_of_one_name_are_told_by_their_clock),
		TEST(things_are_found_by_what_people_call_them),
		TEST(the_latest_run_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
