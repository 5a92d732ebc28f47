#include "web/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct request *read_target(const char *target, struct problem *problem, bool *good)
{
	struct request *request = calloc(1, sizeof *request);
	assert_non_null(request);
	*problem = (struct problem){ 0 };
	*good = request_read_target(request, text_from(target), problem);
	return request;
}

/* The segments and parameters with | between them, so that one text says it all. */
static void a_target_is_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *target, *parts;
	} cases[] = {
		{ "/", "" },
		{ "/a/b", "|a|b" },
		{ "/a/", "|a|" },
		{ "/a%2Fb/c", "|a/b|c" },
		{ "/a+b", "|a+b" },
		{ "/%C3%A4", "|\u00e4" },
		{ "/a?x=1&y=2", "|a?x=1?y=2" },
		{ "/a?x=a+b%2B%26", "|a?x=a b+&" },
		{ "/a?x", "|a?x=" },
		{ "/a?&&x=1&", "|a?x=1" },
		{ "/a?x=1=2?/3", "|a?x=1=2?/3" },
		{ "/a?", "|a" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct problem problem;
		bool good;
		char parts[128] = "";
		size_t len = 0;
		struct request *r = read_target(cases[i].target, &problem, &good);
		if (!good)
			fail_msg("%s: %s", cases[i].target, problem.detail);
		for (size_t k = 0; k < r->segment_count; k++)
			len += (size_t)snprintf(parts + len, sizeof parts - len, "|%.*s",
			                        (int)r->segments[k].len, r->segments[k].at);
		for (size_t k = 0; k < r->parameter_count; k++)
			len += (size_t)snprintf(
			        parts + len, sizeof parts - len, "?%.*s=%.*s",
			        (int)r->parameters[k].name.len, r->parameters[k].name.at,
			        (int)r->parameters[k].value.len, r->parameters[k].value.at);
		assert_string_equal(parts, cases[i].parts);
		free(r);
	}
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		unsigned int status;
		const char *parameter;
		size_t column;
	} cases[] = {
		{ "", 400, "path", 0 },
		{ "*", 400, "path", 0 },
		{ "http://host/a", 400, "path", 0 },
		{ "/a%", 400, "path", 2 },
		{ "/a%4", 400, "path", 2 },
		{ "/a%0x", 400, "path", 2 },
		{ "/%00", 400, "path", 1 },
		{ "/a b", 400, "path", 2 },
		{ "/a\x80", 400, "path", 0 },
		{ "/%c0%af", 400, "path", 0 },
		{ "/%ed%a0%80", 400, "path", 0 },
		{ "/1/2/3/4/5/6/7/8/9", 404, "", 0 },
		{ "/a?x=1&x=2", 400, "x", 0 },
		{ "/a?x=12%zz", 400, "x", 3 },
		{ "/a?%zz=1", 400, "query", 1 },
		{ "/a?1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g&h", 400, "query", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct problem problem;
		bool good;
		free(read_target(cases[i].target, &problem, &good));
		if (good)
			fail_msg("%s was taken", cases[i].target);
		assert_int_equal(problem.status, cases[i].status);
		assert_string_equal(problem.parameter, cases[i].parameter);
		assert_int_equal(problem.column, cases[i].column);
	}
}

static void a_target_may_be_as_long_as_that(void **state)
{
	(void)state;
	char target[REQUEST_TARGET_MAX + 2];
	struct problem problem;
	bool good;
	memset(target, 'a', sizeof target);
	target[0] = '/';
	target[REQUEST_TARGET_MAX] = '\0';
	free(read_target(target, &problem, &good));
	assert_true(good);
	target[REQUEST_TARGET_MAX] = 'a';
	target[REQUEST_TARGET_MAX + 1] = '\0';
	free(read_target(target, &problem, &good));
	assert_false(good);
	assert_int_equal(problem.status, 414);
}

static void a_parameter_nobody_knows_is_named(void **state)
{
	(void)state;
	static const char *const known[] = { "limit", "sort", NULL };
	struct problem problem;
	bool good;
	struct request *r = read_target("/a?sort=x&limits=1", &problem, &good);
	assert_true(good);
	assert_false(request_allows(r, known, &problem));
	assert_string_equal(problem.parameter, "limits");
	assert_null(request_parameter(r, "limit").at);
	assert_non_null(request_parameter(r, "sort").at);
	free(r);
}

static void only_names_of_this_machine_are_local(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		bool local;
	} cases[] = {
		{ "localhost", true },
		{ "LocalHost:8080", true },
		{ "127.0.0.1", true },
		{ "127.255.0.1:80", true },
		{ "[::1]", true },
		{ "[::1]:8080", true },
		{ "[::ffff:127.0.0.1]", true },
		{ "", false },
		{ ":80", false },
		{ "localhost.", false },
		{ "localhost.example", false },
		{ "127.0.0.1.example", false },
		{ "128.0.0.1", false },
		{ "[::2]", false },
		{ "[::]", false },
		{ "0.0.0.0", false },
		{ "localhost:", true },
		{ "localhost:x", false },
		{ "localhost:99999", false },
		{ "localhost:1:2", false },
		{ "[::1", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (request_host_is_local(text_from(cases[i].host)) != cases[i].local)
			fail_msg("%s", cases[i].host);
	}
}

/* RFC 9110 section 12.5.1, with its own example. */
static void accept_weighs_media_types(void **state)
{
	(void)state;
	static const char example[] =
	        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
	        "text/plain;format=fixed;q=0.4, */*;q=0.5";
	static const struct {
		const char *accept, *type;
		unsigned int quality;
	} cases[] = {
		{ NULL, "text/csv", 1000 },
		{ "", "text/csv", 0 },
		{ "*/*", "text/csv", 1000 },
		{ "text/csv", "text/csv", 1000 },
		{ "TEXT/CSV ; q=0.5", "text/csv", 500 },
		{ "text/*", "text/csv", 1000 },
		{ "text/*", "texts/csv", 0 },
		{ "application/json, text/csv;q=0.25", "text/csv", 250 },
		{ "text/csv;q=0, */*", "text/csv", 0 },
		{ "*/*, text/csv;q=0", "text/csv", 0 },
		{ "text/csv;q=1.000", "text/csv", 1000 },
		{ "text/csv;q=2", "text/csv", 0 },
		{ "text/csv;q=", "text/csv", 0 },
		{ "text/csv;q=0.1234", "text/csv", 0 },
		{ "text/csv;q=-1", "text/csv", 0 },
		{ ",,;;,", "text/csv", 0 },
		{ example, "text/html", 300 },
		{ example, "image/jpeg", 500 },
		{ example, "text/plain", 700 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const unsigned int quality = accept_quality(cases[i].accept, cases[i].type);
		if (quality != cases[i].quality)
			fail_msg("%s in %s: %u", cases[i].type,
			         cases[i].accept ? cases[i].accept : "nothing", quality);
	}
}

static void gzip_is_taken_by_who_says_so(void **state)
{
	(void)state;
	assert_false(accept_gzip(NULL));
	assert_false(accept_gzip(""));
	assert_false(accept_gzip("identity"));
	assert_false(accept_gzip("gzip;q=0"));
	assert_false(accept_gzip("br, xgzip"));
	assert_true(accept_gzip("gzip"));
	assert_true(accept_gzip("br;q=1.0, GZIP;q=0.8, *;q=0.1"));
}

/* RFC 9110 section 8.8.3.2, the weak comparison. */
static void tags_are_compared_weakly(void **state)
{
	(void)state;
	static const char tag[] = "W/\"1a\"";
	assert_true(etag_matches("W/\"1a\"", tag));
	assert_true(etag_matches("\"1a\"", tag));
	assert_true(etag_matches("\"x\", W/\"1a\"", tag));
	assert_true(etag_matches("*", tag));
	assert_false(etag_matches("\"1A\"", tag));
	assert_false(etag_matches("1a", tag));
	assert_false(etag_matches("", tag));
	assert_false(etag_matches(NULL, tag));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_taken_apart),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(a_target_may_be_as_long_as_that),
		cmocka_unit_test(a_parameter_nobody_knows_is_named),
		cmocka_unit_test(only_names_of_this_machine_are_local),
		cmocka_unit_test(accept_weighs_media_types),
		cmocka_unit_test(gzip_is_taken_by_who_says_so),
		cmocka_unit_test(tags_are_compared_weakly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
