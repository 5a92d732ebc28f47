/* How long, deep and slow a filter may be, and what it bounds a time to. */
#include <stdlib.h>

#include "tests/unit/filtered.h"

/* `count` times `each`, joined by `between`. */
static char *repeated(const char *first, const char *each, const char *between,
                      size_t count, const char *last)
{
	const size_t size =
	        strlen(first) + strlen(last) + count * (strlen(each) + strlen(between)) + 1;
	char *text = malloc(size);
	assert_non_null(text);
	size_t len = (size_t)snprintf(text, size, "%s", first);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? between : "",
		                        each);
	snprintf(text + len, size - len, "%s", last);
	return text;
}

static enum status try_parse(char *text, struct filter_error *error)
{
	struct filter *filter = NULL;
	const enum status status =
	        filter_parse(text_from(text), RECORD_CALL, &filter, error);
	if (status == OK)
		count_found(filter, text);
	if (status == OK)
		matched(filter, &call);
	filter_free(filter);
	free(text);
	return status;
}

static void test_bounds(void **state)
{
	struct filter_error error;
	(void)state;
	assert_int_equal(
	        try_parse(repeated("", "(", "", 12, "one_way))))))))))))"), &error), OK);
	/* As deep as it goes in what SQLite nests most. */
	assert_int_equal(try_parse(repeated("", "one_way and (", "", 14,
	                                    "leg(held and stream(not lost = 1))"
	                                    "))))))))))))))"),
	                           &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("", "one_way and (", "", 11,
	                                    "leg(held and stream(not (lost = 1)))"
	                                    ")))))))))))"),
	                           &error),
	                 OK);
	assert_int_equal(try_parse(repeated("", "(", "", 4000, ""), &error), ERR_TOO_LONG);
	assert_int_equal(error.column, FILTER_DEPTH_MAX + 1);
	assert_int_equal(try_parse(repeated("", "not", " ", 1000, " held"), &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("leg(", "leg(", "", 100, "held"), &error),
	                 ERR_MALFORMED);
	assert_int_equal(try_parse(repeated("", "one_way", " or ", 200, ""), &error), OK);
	assert_int_equal(try_parse(repeated("", "held", " or ", 500, ""), &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("status in (", "1", ",", 400, ")"), &error),
	                 OK);
	assert_int_equal(try_parse(repeated("status in (", "1", ",", 600, ")"), &error),
	                 ERR_TOO_LONG);
	/* Each value twice, once for each field of the name, and aliases of codecs. */
	assert_int_equal(
	        try_parse(repeated("party in (", "\"0123456789\"", ",", 250, ")"), &error),
	        OK);
	assert_int_equal(try_parse(repeated("from = \"", "x", "", 4000, "\""), &error), OK);
	assert_int_equal(try_parse(repeated("from = \"", "x", "", 5000, "\""), &error),
	                 ERR_TOO_LONG);
}

/* Of a list of minutes from 100 s to 200 s, asked at 150 s. */
static void test_times_that_all_must_hold(void **state)
{
	static const struct {
		const char *text;
		int64_t from_us, to_us;
		bool only; /* there is no more that it says of the time */
	} cases[] = {
		{ "start > 1970-01-01T00:02:00Z", 120000001, 200000000, true },
		{ "start >= 1970-01-01T00:02:00Z and seen > 1", 120000000, 200000000,
		  true },
		{ "start < 1970-01-01T00:02:00Z", 100000000, 120000000, true },
		{ "trunk = a and start <= 1970-01-01T00:02:00Z", 100000000, 120000001,
		  true },
		{ "start = 1970-01-01T00:02:00Z", 120000000, 120000001, true },
		{ "start > -40s and start < -10s", 110000001, 140000000, true },
		{ "start > 1970-01-01T00:00:00Z", 100000000, 200000000, true },
		{ "start > 1970-01-01T00:02:00Z or seen > 1", 100000000, 200000000, false },
		{ "not start > 1970-01-01T00:02:00Z", 100000000, 200000000, false },
		{ "start > -40s and not start = 1970-01-01T00:02:00Z", 110000001, 200000000,
		  false },
		{ "seen > 1", 100000000, 200000000, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter *filter;
		struct filter_error error;
		nstime from = 100 * NS_PER_SEC;
		nstime to = 200 * NS_PER_SEC;
		if (filter_parse(text_from(cases[i].text), RECORD_KPI, &filter, &error) !=
		    OK)
			fail_msg("%s: %s", cases[i].text, error.text);
		const bool only =
		        filter_bounds(filter, "start", 150 * NS_PER_SEC, &from, &to);
		if (from != cases[i].from_us * NS_PER_US ||
		    to != cases[i].to_us * NS_PER_US || only != cases[i].only)
			fail_msg("%s: %lld to %lld", cases[i].text, (long long)from,
			         (long long)to);
		filter_free(filter);
	}
}

/* An expression that would take until tomorrow is given up, in both ways. */
static void test_endless_pattern(void **state)
{
	(void)state;
	const struct record *const records[] = { &parts[0], &parts[1] };
	memset(parts[0].leg.reason, 'a', sizeof parts[0].leg.reason - 1);
	struct filter *filter = parsed("reason ~ \"^(a+)+$x\"", RECORD_LEG);
	assert_false(matched(filter, records[0]));
	parts[0].leg.reason[0] = '\0';
	filter_free(filter);
	check_truth("from ~ \"(((a|b)*)*)*z$\"", RECORD_LEG, records, 2, 0);
}

static void test_now_unknown(void **state)
{
	(void)state;
	struct filter_subject subject = { .record = &call, .now = NSTIME_NONE };
	struct filter *filter = parsed("start > -9999d", RECORD_CALL);
	assert_true(filter_is_relative(filter));
	assert_false(filter_matches(filter, &subject));
	subject.now = NOW;
	assert_true(filter_matches(filter, &subject));
	filter_free(filter);
	filter = parsed("start > 2026-01-01", RECORD_CALL);
	assert_false(filter_is_relative(filter));
	filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_now_unknown),
		cmocka_unit_test(test_endless_pattern),
		cmocka_unit_test(test_times_that_all_must_hold),
	};
	return cmocka_run_group_tests(tests, make_database, remove_database);
}
