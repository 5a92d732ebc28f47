#include "web/login_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S(seconds) ((nstime)(1000 + (seconds)) * NS_PER_SEC)

static struct login_attempt at(const char *address, const char *account, nstime now)
{
	static struct address parsed;
	assert_int_equal(address_parse(text_from(address), &parsed), OK);
	return (struct login_attempt){ &parsed, text_from(account), now };
}

static unsigned int check(const struct login_limits *limits, const char *address,
                          const char *account, nstime now)
{
	const struct login_attempt attempt = at(address, account, now);
	return login_limits_check(limits, &attempt);
}

static void fails(struct login_limits *limits, const char *address, const char *account,
                  nstime now)
{
	const struct login_attempt attempt = at(address, account, now);
	login_limits_failed(limits, &attempt);
}

static struct login_limits *fresh(void)
{
	struct login_limits *limits = calloc(1, sizeof *limits);
	assert_non_null(limits);
	limits->seed[0] = 1;
	return limits;
}

static void five_failures_a_minute_close_the_door_for_longer_each_time(void **state)
{
	(void)state;
	static const unsigned int delays[] = { 60, 120, 240, 480, 900, 900 };
	struct login_limits *limits = fresh();
	unsigned int now = 0;
	for (size_t round = 0; round < ARRAY_LEN(delays); round++) {
		for (unsigned int i = 0; i < LOGIN_FAILURES; i++, now++) {
			assert_int_equal(check(limits, "10.0.0.1", "a", S(now)), 0);
			fails(limits, "10.0.0.1", "a", S(now));
		}
		assert_int_equal(check(limits, "10.0.0.1", "a", S(now - 1)), delays[round]);
		/* others are not concerned */
		assert_int_equal(check(limits, "10.0.0.2", "a", S(now)), 0);
		now += delays[round];
		assert_int_equal(check(limits, "10.0.0.1", "a", S(now)), 0);
	}
	/* who is quiet for half an hour begins anew */
	now += 2 * LOGIN_DELAY_MOST_S + 1;
	for (unsigned int i = 0; i < LOGIN_FAILURES; i++)
		fails(limits, "10.0.0.1", "a", S(now));
	assert_int_equal(check(limits, "10.0.0.1", "a", S(now)), 60);
	free(limits);
}

static void a_slow_person_is_not_shut_out(void **state)
{
	(void)state;
	struct login_limits *limits = fresh();
	for (unsigned int i = 0; i < 50; i++) {
		assert_int_equal(check(limits, "10.0.0.1", "a", S(16 * i)), 0);
		fails(limits, "10.0.0.1", "a", S(16 * i));
	}
	free(limits);
}

static void success_forgives(void **state)
{
	(void)state;
	struct login_limits *limits = fresh();
	const struct login_attempt attempt = at("10.0.0.1", "a", S(1));
	for (unsigned int i = 0; i + 1 < LOGIN_FAILURES; i++)
		fails(limits, "10.0.0.1", "a", S(0));
	login_limits_succeeded(limits, &attempt);
	for (unsigned int i = 0; i + 1 < LOGIN_FAILURES; i++)
		fails(limits, "10.0.0.1", "a", S(2));
	assert_int_equal(check(limits, "10.0.0.1", "a", S(2)), 0);
	free(limits);
}

static void many_accounts_and_many_addresses_have_limits_too(void **state)
{
	(void)state;
	char name[32];
	struct login_limits *limits = fresh();
	for (int i = 0; i < LOGIN_FAILURES_OF_ADDRESS; i++) {
		snprintf(name, sizeof name, "user%d", i);
		/* one network of a customer's is one address */
		fails(limits, i % 2 ? "2001:db8::1" : "2001:db8::ffff", name, S(0));
	}
	assert_int_equal(check(limits, "2001:db8::7", "somebody", S(0)), 60);
	assert_int_equal(check(limits, "2001:db8:0:1::7", "somebody", S(0)), 0);
	for (int i = 0; i < LOGIN_FAILURES_OF_ACCOUNT; i++) {
		snprintf(name, sizeof name, "10.0.%d.1", i);
		fails(limits, name, "admin", S(100));
	}
	assert_int_equal(check(limits, "10.9.9.9", "admin", S(100)), 60);
	assert_int_equal(check(limits, "10.9.9.9", "other", S(100)), 0);
	free(limits);
}

static void the_table_is_bounded_and_forgets_the_oldest(void **state)
{
	(void)state;
	char name[32];
	struct login_limits *limits = fresh();
	for (int i = 0; i < 5 * LOGIN_ENTRIES; i++) {
		snprintf(name, sizeof name, "10.%d.%d.1", i / 200, i % 200);
		fails(limits, name, name, S(i / 100));
	}
	for (unsigned int i = 0; i < LOGIN_FAILURES; i++)
		fails(limits, "192.0.2.1", "last", S(60));
	assert_int_equal(check(limits, "192.0.2.1", "last", S(60)), 60);
	free(limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		        five_failures_a_minute_close_the_door_for_longer_each_time),
		cmocka_unit_test(a_slow_person_is_not_shut_out),
		cmocka_unit_test(success_forgives),
		cmocka_unit_test(many_accounts_and_many_addresses_have_limits_too),
		cmocka_unit_test(the_table_is_bounded_and_forgets_the_oldest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
