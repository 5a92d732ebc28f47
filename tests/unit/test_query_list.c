#include "schema/query.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/store.h"
#include "tests/unit/records.h"

/* Legs by start and pdd_ms: equal values, values not known, ids on both sides of the sign.
 */
static const struct {
	uint64_t id;
	int64_t start_s; /* after RECORDS_TIME; -1 = not known */
	double pdd_ms;
} legs[] = {
	{ 1, 0, 5.5 },
	{ 2, 0, NAN },
	{ 3, 1, 5.5 },
	{ UINT64_MAX, 1, 0.1 },
	{ UINT64_C(1) << 63, 1, NAN },
	{ 6, -1, 7 },
	{ 7, -1, 5.5 },
	{ UINT64_MAX - 7, 2, -1 },
	{ 9, 3, NAN },
};
enum { LEGS = ARRAY_LEN(legs) };

static char path[64];
static struct query *query;

static void add_leg(struct store *store, size_t i)
{
	struct record record;
	records_fill(&record, RECORD_LEG, "text");
	record.leg.id = legs[i].id;
	record.leg.call = legs[i].id;
	record.leg.start = legs[i].start_s < 0
	                           ? NSTIME_NONE
	                           : RECORDS_TIME + legs[i].start_s * NS_PER_SEC;
	record.leg.pdd_ms = legs[i].pdd_ms;
	if (store_add(store, &record) != OK)
		fail_msg("%s", store_error(store));
}

static int set_up(void **state)
{
	(void)state;
	static const struct run_info info = { .options = "",
		                              .sensor = "",
		                              .program = "0.1" };
	const struct run_result result = { .digest = { 1 }, .frames = 12 };
	struct store *store = NULL;
	struct db_error error;
	bool already_there;
	snprintf(path, sizeof path, "/tmp/earshot-list-XXXXXX");
	close(mkstemp(path));
	unlink(path);
	if (store_open(path, &store, &error) != OK || store_begin_run(store, &info) != OK)
		return 1;
	for (size_t i = 0; i < LEGS; i++)
		add_leg(store, i);
	if (store_end_run(store, &result, &already_there) != OK)
		return 1;
	store_close(store);
	return query_open(path, &query, &error) != OK;
}

static int tear_down(void **state)
{
	(void)state;
	query_close(query);
	return unlink(path);
}

/* One page; how many ids there were. */
static size_t read_page(const struct query_list *list, uint64_t *ids,
                        struct query_place *last)
{
	struct rows rows;
	struct record record;
	enum status status = query_list(query, list, &rows);
	size_t count = 0;
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		ids[count++] = record_id(&record);
		*last = query_place(list->sort, &record);
	}
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		fail_msg("%s", query_error(query));
	return count;
}

/* All pages of that size give what one large one gives. */
static void check_pages(struct query_list list, const uint64_t *whole, size_t size)
{
	struct query_place last;
	uint64_t ids[LEGS + 1];
	size_t count = 0;
	size_t page;
	list.limit = size;
	list.after = NULL;
	while ((page = read_page(&list, ids, &last)) > 0) {
		assert_true(page <= size && count + page <= LEGS);
		for (size_t i = 0; i < page; i++)
			assert_true(ids[i] == whole[count + i]);
		count += page;
		list.after = &last;
	}
	assert_int_equal(count, LEGS);
}

/* Written down by hand: what is not known comes last, ids are signed as SQLite has them. */
static void pages_of_any_size_make_the_sorted_list(void **state)
{
	(void)state;
	static const struct {
		const char *sort;
		bool ascending;
		uint64_t ids[LEGS];
	} cases[] = {
		{ "start",
		  false,
		  { 9, UINT64_MAX - 7, 3, UINT64_MAX, UINT64_C(1) << 63, 2, 1, 7, 6 } },
		{ "start",
		  true,
		  { 6, 7, 1, 2, UINT64_C(1) << 63, UINT64_MAX, 3, UINT64_MAX - 7, 9 } },
		{ "pdd_ms",
		  false,
		  { 6, 7, 3, 1, UINT64_MAX, UINT64_MAX - 7, 9, 2, UINT64_C(1) << 63 } },
		{ "pdd_ms",
		  true,
		  { UINT64_MAX - 7, UINT64_MAX, 1, 3, 7, 6, UINT64_C(1) << 63, 2, 9 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct query_list list = {
			.kind = RECORD_LEG,
			.sort = query_sort_field(RECORD_LEG, text_from(cases[i].sort)),
			.ascending = cases[i].ascending
		};
		assert_non_null(list.sort);
		for (size_t size = 1; size <= LEGS + 1; size++)
			check_pages(list, cases[i].ids, size);
	}
}

static void times_bound_a_list(void **state)
{
	(void)state;
	struct query_place last;
	uint64_t ids[LEGS + 1];
	struct query_list list = { .kind = RECORD_LEG,
		                   .limit = LEGS,
		                   .sort = query_sort_field(RECORD_LEG, TEXT("")) };
	list.from = RECORDS_TIME + NS_PER_SEC;
	assert_int_equal(read_page(&list, ids, &last), 5);
	list.until = RECORDS_TIME + 2 * NS_PER_SEC;
	assert_int_equal(read_page(&list, ids, &last), 3);
	list.from = 0;
	assert_int_equal(read_page(&list, ids, &last), 5);
}

static void only_times_and_numbers_sort(void **state)
{
	(void)state;
	static const char *const none[] = { "state",  "from",
		                            "src",    "codecs",
		                            "id",     "nothing",
		                            "start ", "start; DROP TABLE leg" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(query_sort_field(RECORD_LEG, text_from(none[i])));
	assert_string_equal(query_sort_field(RECORD_LEG, TEXT(""))->name, "start");
	assert_string_equal(query_sort_field(RECORD_BINDING, TEXT(""))->name, "last");
	assert_string_equal(query_sort_field(RECORD_PEER, TEXT(""))->name, "last");
}

/*
 * What is asked of millions is answered by an index: the one that is named, and no table is
 * gone through without any.
 */
static const struct {
	const char *what;
	enum record_kind kind;
	const char *filter, *sort, *index;
	bool bounded, few;
} plans[] = {
	{ "the newest", RECORD_CALL, NULL, "", "call_start" },
	{ "the oldest", RECORD_CALL, NULL, "start", "call_start" },
	{ "an hour", RECORD_CALL, NULL, "", "call_start", true },
	{ "what the calls say", RECORD_CALL, "mos_lq_min < 2", "", "call_start", true },
	{ "what legs say", RECORD_CALL, "status = 503 and trunk = a", "", "leg_call",
	  true },
	{ "what streams say", RECORD_CALL, "codec = PCMU", "", "stream_call", true },
	{ "the worst", RECORD_CALL, NULL, "mos_lq_min", "call_mos" },
	{ "the best", RECORD_CALL, NULL, "-mos_lq_min", "call_mos" },
	{ "the worst of an hour", RECORD_CALL, NULL, "mos_lq_min", "call_start", true,
	  true },
	{ "any order", RECORD_CALL, NULL, "-ended", "call_start", true, true },
	{ "a number", RECORD_CALL, "number = 4567", "", "leg_digits_to", false, true },
	{ "two", RECORD_CALL, "number = 4567 and number = 89012", "", "leg_digits_diverted",
	  false, true },
	{ "a Call-ID", RECORD_CALL, "sip_call_id = x", "", "leg_sip_call_id", false, true },
	{ "an id", RECORD_CALL, "id = 12ab34cd", "", "call_id", false, true },
	{ "legs", RECORD_LEG, NULL, "", "leg_start" },
	{ "legs of calls", RECORD_LEG, "call in (0000000000000001, 0000000000000002)", "",
	  "leg_call", false, true },
	{ "a leg's number", RECORD_LEG, "number = 4567", "", "leg_digits_from", false,
	  true },
	{ "long legs", RECORD_LEG, NULL, "-duration_s", "leg_start", true, true },
	{ "streams", RECORD_STREAM, NULL, "", "stream_first" },
	{ "bad streams", RECORD_STREAM, "mos_lq < 2", "", "stream_first", true },
	{ "streams of calls", RECORD_STREAM, "call in (0000000000000001)", "",
	  "stream_call", false, true },
	{ "findings", RECORD_FINDING, "code = sip_alg", "", "finding_at", true },
};

static void check_plan(size_t i, sqlite3_stmt *statement)
{
	char sql[1 << 14];
	sqlite3_stmt *plan = NULL;
	bool found = false;
	int subqueries = 0; /* whose rows are gone through once, as they come */
	snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(statement));
	assert_int_equal(sqlite3_prepare_v2(query_db(query), sql, -1, &plan, NULL),
	                 SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(plan, 3);
		subqueries += strcmp(detail, "CO-ROUTINE t") == 0;
		if (strncmp(detail, "SCAN", 4) == 0 && !strstr(detail, "USING") &&
		    subqueries-- == 0)
			fail_msg("%s: %s", plans[i].what, detail);
		found |= strstr(detail, plans[i].index) != NULL;
	}
	sqlite3_finalize(plan);
	if (!found)
		fail_msg("%s: not by %s", plans[i].what, plans[i].index);
}

static void no_table_is_gone_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		struct query_list list = { .kind = plans[i].kind,
			                   .now = RECORDS_TIME,
			                   .limit = 101,
			                   .few = plans[i].few,
			                   .ascending = plans[i].sort[0] &&
			                                plans[i].sort[0] != '-' };
		struct filter *filter = NULL;
		struct filter_error error;
		struct rows rows;
		list.sort = query_sort_field(
		        list.kind, text_from(plans[i].sort + (plans[i].sort[0] == '-')));
		if (plans[i].bounded) {
			list.from = RECORDS_TIME;
			list.until = RECORDS_TIME + NS_PER_SEC;
		}
		if (plans[i].filter && filter_parse(text_from(plans[i].filter), list.kind,
		                                    &filter, &error) != OK)
			fail_msg("%s: %s", plans[i].what, error.text);
		list.filter = filter;
		if (filter && filter_is_indexed(filter) != plans[i].few)
			fail_msg("%s: an index answers it?", plans[i].what);
		assert_int_equal(query_list(query, &list, &rows), OK);
		check_plan(i, rows.statement);
		rows_end(&rows);
		filter_free(filter);
	}
}

/* Rows from where a list by time begins; by hand, out of the legs above. */
static const struct {
	const char *what, *sort;
	size_t rows;
	int64_t after_s, until_s; /* after RECORDS_TIME; -1 = none */
	int64_t reached_s;        /* -1 = it does not go so far */
} reaches[] = {
	{ "from the newest", "-start", 0, -1, -1, 3 },
	{ "two from the newest", "-start", 2, -1, -1, 1 },
	{ "the last of those whose time is known", "-start", 6, -1, -1, 0 },
	{ "further than there are any", "-start", 7, -1, -1, -1 },
	{ "from a place, ties with it first", "-start", 1, 1, -1, 1 },
	{ "from an end", "-start", 1, -1, 2, 1 },
	{ "from the oldest", "start", 2, -1, -1, 1 },
	{ "in another order: back from the newest", "-pdd_ms", 2, -1, -1, 1 },
	{ "in another order the place says nothing of time", "pdd_ms", 0, 0, -1, 3 },
};

static void a_list_is_told_how_far_to_look(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reaches); i++) {
		const bool down = reaches[i].sort[0] == '-';
		const struct query_place after = {
			.known = true,
			.number = (RECORDS_TIME + reaches[i].after_s * NS_PER_SEC) /
			          NS_PER_US,
		};
		const struct query_list list = {
			.kind = RECORD_LEG,
			.sort = query_sort_field(RECORD_LEG,
			                         text_from(reaches[i].sort + down)),
			.ascending = !down,
			.after = reaches[i].after_s < 0 ? NULL : &after,
			.until = reaches[i].until_s < 0
			                 ? 0
			                 : RECORDS_TIME + reaches[i].until_s * NS_PER_SEC,
		};
		nstime reached = 0;
		const enum status status =
		        query_reach(query, &list, reaches[i].rows, &reached);
		const bool as_told =
		        reaches[i].reached_s < 0
		                ? status == ERR_NOT_FOUND
		                : status == OK &&
		                          reached == RECORDS_TIME + reaches[i].reached_s *
		                                                            NS_PER_SEC;
		if (!as_told)
			fail_msg("%s: %lld", reaches[i].what, (long long)reached);
	}
}

static void the_run_is_told_of(void **state)
{
	(void)state;
	struct run_facts facts;
	struct found found;
	assert_int_equal(query_run(query, &facts), OK);
	assert_int_equal(facts.runs, 1);
	assert_int_equal(facts.frames, 12);
	assert_true(text_equal(facts.program, TEXT("0.1")));
	run_facts_end(&facts);
	assert_int_equal(query_by_id(query, RECORD_LEG, UINT64_MAX, &found), OK);
	assert_true(found.call == UINT64_MAX && found.id == UINT64_MAX && found.run == 1);
	assert_int_equal(query_by_id(query, RECORD_LEG, 4, &found), ERR_NOT_FOUND);
	assert_int_equal(query_by_id(query, RECORD_CALL, 1, &found), ERR_NOT_FOUND);
}

/* The brake of 0 ms before is none; one that has gone by stops what takes many steps. */
static void what_takes_too_long_is_stopped(void **state)
{
	(void)state;
	struct query_place last;
	uint64_t ids[LEGS + 1];
	struct record record;
	struct rows rows;
	struct filter *filter;
	struct filter_error error;
	char text[FILTER_TEXT_MAX];
	size_t len = 0;
	for (size_t i = 0; i < 250; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "pdd_ms<-5 or ");
	snprintf(text + len, sizeof text - len, "messages > 1");
	assert_int_equal(filter_parse(text_from(text), RECORD_LEG, &filter, &error), OK);
	const struct query_list list = { .kind = RECORD_LEG,
		                         .filter = filter,
		                         .sort = query_sort_field(RECORD_LEG, TEXT("")),
		                         .limit = LEGS };
	const size_t all = read_page(&list, ids, &last);
	query_brake(query, 1);
	while (!query_was_braked(query))
		;
	enum status status = query_list(query, &list, &rows);
	while (status == OK)
		status = rows_next(&rows, &record);
	rows_end(&rows);
	assert_int_equal(status, ERR_IO);
	query_brake(query, 0);
	assert_false(query_was_braked(query));
	assert_int_equal(read_page(&list, ids, &last), all);
	filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_any_size_make_the_sorted_list),
		cmocka_unit_test(times_bound_a_list),
		cmocka_unit_test(only_times_and_numbers_sort),
		cmocka_unit_test(no_table_is_gone_through),
		cmocka_unit_test(a_list_is_told_how_far_to_look),
		cmocka_unit_test(the_run_is_told_of),
		cmocka_unit_test(what_takes_too_long_is_stopped),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
