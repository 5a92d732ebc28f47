/* Rules as JSON, there and back. */
#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "web/rule_body.h"

static bool read(const char *text, struct rule *said, char error[RULE_ERROR_SIZE])
{
	json_error_t where;
	json_t *body = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
	assert_non_null(body);
	const bool good = rule_body_read(body, said, error);
	json_decref(body);
	return good;
}

static void what_is_no_rule_is_refused_by_its_member(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "[]", "a rule: is an object" },
		{ "{\"nme\": \"a\"}", "nme: is no member" },
		{ "{\"name\": 7}", "name: is no text" },
		{ "{\"name\": \"\"}", "name: is no text" },
		{ "{\"name\": \"0123456789012345678901234567890123456789012345678\"}",
		  "name: is no text, or a long one" },
		{ "{\"doc\": \"a\\u0000b\"}", "doc: is no text" },
		{ "{\"scope\": \"everything\"}", "scope: is none" },
		{ "{\"condition\": 1}", "condition: is none" },
		{ "{\"severity\": \"loud\"}", "severity: is none" },
		{ "{\"threshold\": \"1\"}", "threshold: is no number" },
		{ "{\"threshold\": 1e300}", "threshold: is no number" },
		{ "{\"window_s\": -1}", "window_s: is no number of seconds" },
		{ "{\"window_s\": 1e15}", "window_s: is no number of seconds" },
		{ "{\"min_samples\": 1.5}", "min_samples: is no whole" },
		{ "{\"min_samples\": -1}", "min_samples: is no whole" },
		{ "{\"enabled\": 1}", "enabled: is not true or false" },
		{ "{\"muted_by\": \"a\"}", "muted_by: is no list" },
		{ "{\"muted_by\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}", "at most 4" },
		{ "{\"muted_by\": [\"a\", 7]}", "muted_by: has what is no name" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rule said;
		char error[RULE_ERROR_SIZE] = "";
		if (read(cases[i].text, &said, error) || !strstr(error, cases[i].words))
			fail_msg("%s: %s", cases[i].text, error);
	}
}

static void what_is_not_said_stays(void **state)
{
	struct rule_list list;
	struct rule said;
	char error[RULE_ERROR_SIZE];
	(void)state;
	rule_list_default(&list);
	const struct rule before = *rule_list_find(&list, TEXT("asr_low"));
	assert_true(read("{\"name\": \"asr_low\", \"threshold\": 20, \"clear\": null, "
	                 "\"window_s\": 600.0, \"muted_by\": [], \"min_samples\": 7, "
	                 "\"severity\": \"critical\", \"enabled\": false}",
	                 &said, error));
	assert_true(rule_list_say(&list, &said, error));
	const struct rule *now = rule_list_find(&list, TEXT("asr_low"));
	assert_true(now->threshold == 20);
	assert_true(isnan(now->clear)); /* that of another threshold is gone with it */
	assert_true(now->window == 600 * NS_PER_SEC);
	assert_int_equal(now->min_samples, 7);
	assert_int_equal(now->muter_count, 0);
	assert_int_equal(now->severity, SEVERITY_CRITICAL);
	assert_false(now->enabled);
	assert_true(now->clear_after == before.clear_after);
	assert_true(now->certainty == before.certainty);
	assert_int_equal(now->scope, before.scope);
	assert_string_equal(now->doc, before.doc);
}

static void a_rule_of_its_own_and_one_too_many(void **state)
{
	struct rule_list list = { .count = 0 };
	struct rule said;
	char error[RULE_ERROR_SIZE];
	char text[128];
	(void)state;
	assert_true(read("{\"name\": \"a\", \"metric\": \"asr\"}", &said, error));
	assert_false(rule_list_say(&list, &said, error));
	assert_non_null(strstr(error, "needs a threshold"));
	assert_int_equal(list.count, 0);
	for (int i = 0; i <= LIMIT_RULES; i++) {
		snprintf(text, sizeof text,
		         "{\"name\": \"r%d\", \"metric\": \"asr\", \"threshold\": 1}", i);
		assert_true(read(text, &said, error));
		assert_true(rule_list_say(&list, &said, error) == (i < LIMIT_RULES));
	}
	assert_non_null(strstr(error, "at most 128"));
	assert_int_equal(list.count, LIMIT_RULES);
}

static void the_shipped_rules_come_back_as_they_were(void **state)
{
	struct rule_list list;
	char error[RULE_ERROR_SIZE] = "";
	(void)state;
	rule_list_default(&list);
	for (size_t i = 0; i < list.count; i++) {
		struct rule_list other = { .count = 0 };
		struct rule said;
		json_t *body = rule_body_of(&list.rules[i]);
		assert_non_null(body);
		if (!rule_body_read(body, &said, error) ||
		    !rule_list_say(&other, &said, error))
			fail_msg("%s: %s", list.rules[i].name, error);
		json_t *again = rule_body_of(&other.rules[0]);
		if (!json_equal(body, again))
			fail_msg("%s is another", list.rules[i].name);
		json_decref(again);
		json_decref(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_rule_is_refused_by_its_member),
		cmocka_unit_test(what_is_not_said_stays),
		cmocka_unit_test(a_rule_of_its_own_and_one_too_many),
		cmocka_unit_test(the_shipped_rules_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
