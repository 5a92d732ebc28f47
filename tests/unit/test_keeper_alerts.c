/* What the keeper tells the rules of the probe itself; the time is the test's. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "probe/keeper_alerts.h"

#define T0 (INT64_C(1800000000) * NS_PER_SEC)
#define AFTER(s) (T0 + (s)*NS_PER_SEC)

static struct monitor_options options;

static void open_alerts(struct keeper_alerts *a, const char *watch)
{
	memset(a, 0, sizeof *a);
	options = (struct monitor_options){ .config = config_new(), .watch = watch };
	assert_non_null(options.config);
	assert_int_equal(keeper_alerts_open(a, &options), OK);
}

static void close_alerts(struct keeper_alerts *a)
{
	keeper_alerts_free(a);
	config_free((struct config *)options.config);
}

static void account(struct keeper_alerts *a, const char *text, nstime now)
{
	const struct keeper_interface eth0 = { .name = "eth0" };
	keeper_alerts_account(a, &eth0, 1, text_from(text), now);
	keeper_alerts_time(a, now, 0);
}

/* Does an alert of that rule fire? */
static bool fires(const struct keeper_alerts *a, const char *rule)
{
	bool is = false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->waiting[i].alert.rule, rule) == 0)
			is = a->waiting[i].alert.state == ALERT_FIRING;
	return is;
}

static void records_that_are_lost_are_told(void **state)
{
	(void)state;
	struct keeper_alerts a;
	open_alerts(&a, NULL);
	account(&a, "{\"records_not_kept\":{}}", T0);
	account(&a, "{\"records_not_kept\":{}}", AFTER(20));
	assert_false(fires(&a, "records_lost"));
	account(&a, "{\"records_not_kept\":{\"message\":2,\"call\":1}}", AFTER(40));
	account(&a, "{\"records_not_kept\":{\"message\":2,\"call\":1}}", AFTER(60));
	assert_true(fires(&a, "records_lost"));
	assert_true(a.waiting[a.count - 1].alert.value == 3);
	close_alerts(&a);
}

static void drops_of_an_interface_are_told(void **state)
{
	(void)state;
	struct keeper_alerts a;
	open_alerts(&a, NULL);
	account(&a, "{\"kernel\":[{\"received\":1000,\"dropped\":0}]}", T0);
	account(&a, "{\"kernel\":[{\"received\":2000,\"dropped\":5}]}", AFTER(20));
	account(&a, "{\"kernel\":[{\"received\":3000,\"dropped\":5}]}", AFTER(40));
	assert_false(fires(&a, "capture_drops"));
	account(&a, "{\"kernel\":[{\"received\":4000,\"dropped\":105}]}", AFTER(60));
	account(&a, "{\"kernel\":[{\"received\":5000,\"dropped\":205}]}", AFTER(80));
	assert_true(fires(&a, "capture_drops"));
	close_alerts(&a);
}

/* Captures of another year: the wall clock must not end what fires in them. */
static void in_a_folder_time_is_that_of_the_records(void **state)
{
	(void)state;
	struct keeper_alerts a;
	struct record record = { .kind = RECORD_EVENT, .at = T0 };
	open_alerts(&a, "folder");
	record.event.type = EVENT_PEER_DOWN;
	record.event.peer.port = 5060;
	keeper_alerts_record(&a, 1, true, &record);
	account(&a, "{\"records_not_kept\":{\"call\":1}}", AFTER(86400 * 300));
	record.kind = RECORD_FINDING;
	record.at = AFTER(60);
	keeper_alerts_record(&a, 2, true, &record);
	assert_true(fires(&a, "peer_down"));
	assert_true(fires(&a, "records_lost"));
	for (size_t i = 0; i < a.count; i++)
		assert_true(a.waiting[i].at <= AFTER(60));
	close_alerts(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_that_are_lost_are_told),
		cmocka_unit_test(drops_of_an_interface_are_told),
		cmocka_unit_test(in_a_folder_time_is_that_of_the_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
