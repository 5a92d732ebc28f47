/* What is known of a contact as long as it is registered; rules: docs/figures.md "binding".
 */
#include "tests/unit/registrations.h"

static const struct binding_record *binding(const struct scene *scene, size_t n)
{
	return &scene_record(scene, RECORD_BINDING, n)->binding;
}

static void tick(struct scene *scene, double ms)
{
	scene_bytes(scene, ms, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

static void a_binding_has_a_state(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct says lines[MOST_LINES];
		size_t count;
		double until_ms;
		enum binding_state state;
		uint64_t refreshes, failures;
	} rows[] = {
		{ "just before its time is over",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL) },
		  2,
		  60019,
		  BINDING_REGISTERED,
		  0,
		  0 },
		{ "when its time is over",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL) },
		  2,
		  60021,
		  BINDING_EXPIRED,
		  0,
		  0 },
		{ "refreshed",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL),
		    REGISTER(50000, "2", CONTACT("60")),
		    ANSWER(50020, "200 OK", "2", NULL) },
		  4,
		  109000,
		  BINDING_REGISTERED,
		  1,
		  0 },
		{ "registered anew after its time",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL),
		    REGISTER(70000, "2", CONTACT("60")),
		    ANSWER(70020, "200 OK", "2", NULL) },
		  4,
		  109000,
		  BINDING_REGISTERED,
		  0,
		  0 },
		{ "a refresh that was refused does not end it",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL),
		    REGISTER(9000, "2", CONTACT("60")), ANSWER(9020, "500 No", "2", NULL) },
		  4,
		  20000,
		  BINDING_REGISTERED,
		  0,
		  1 },
		{ "taken back",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL),
		    REGISTER(9000, "2", CONTACT("0")), ANSWER(9020, "200 OK", "2", NULL) },
		  4,
		  20000,
		  BINDING_REMOVED,
		  0,
		  0 },
		{ "taken back with all the others",
		  { REGISTER(0, "1", CONTACT("60")), ANSWER(20, "200 OK", "1", NULL),
		    REGISTER(9000, "2", "Contact: *\r\nExpires: 0\r\n"),
		    ANSWER(9020, "200 OK", "2", NULL) },
		  4,
		  20000,
		  BINDING_REMOVED,
		  0,
		  0 },
		{ "nobody said for how long",
		  { REGISTER(0, "1", "Contact: <sip:alice@198.18.0.1>\r\n"),
		    ANSWER(20, "200 OK", "1", NULL) },
		  2,
		  9e6,
		  BINDING_REGISTERED,
		  0,
		  0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		scene_script(scene, rows[i].lines, rows[i].count);
		tick(scene, rows[i].until_ms);
		scene_run(scene);
		assert_int_equal(scene_count(scene, RECORD_BINDING), 1);
		const struct binding_record *b = binding(scene, 0);
		if (b->state != rows[i].state || b->refreshes != rows[i].refreshes ||
		    b->failures != rows[i].failures)
			fail_msg("%s: state %d, %ju refreshes, %ju failures", rows[i].what,
			         b->state, (uintmax_t)b->refreshes, (uintmax_t)b->failures);
		assert_int_equal(b->registrations, rows[i].count / 2);
		scene_free(scene);
	}
}

static void without_success_there_is_no_binding(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { REGISTER(0, "1", CONTACT("60")),
		                             ANSWER(20, "403 Forbidden", "1", NULL),
		                             REGISTER(50, "2", NULL),
		                             ANSWER(70, "200 OK", "2", CONTACT("60")) };
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REGISTRATION), 2);
	assert_int_equal(scene_count(scene, RECORD_BINDING), 0);
	scene_free(scene);
}

static void a_phone_that_moves_is_told(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct says lines[] = {
		REGISTER(0, "1", CONTACT("60")),
		ANSWER(20, "200 OK", "1", NULL),
		/* the same host, another port: no move */
		{ 1000, "198.18.0.1:6060", REGISTRAR, "REGISTER", "2 REGISTER", "a", NULL,
		  NULL, NULL, CONTACT("60") },
		{ 1020, REGISTRAR, "198.18.0.1:6060", "200 OK", "2 REGISTER", "a", "r",
		  NULL, NULL, NULL },
		{ 2000, "203.0.113.5:5060", REGISTRAR, "REGISTER", "3 REGISTER", "a", NULL,
		  NULL, NULL, CONTACT("60") },
		{ 2020, REGISTRAR, "203.0.113.5:5060", "200 OK", "3 REGISTER", "a", "r",
		  NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct registration_record *moved =
	        &scene_record(scene, RECORD_REGISTRATION, 2)->registration;
	const struct endpoint before = scene_endpoint("198.18.0.1:6060");
	const struct endpoint now = scene_endpoint("203.0.113.5:5060");
	const struct endpoint none = { 0 };
	assert_true(endpoint_equal(&moved->src_before, &before));
	assert_true(endpoint_equal(
	        &scene_record(scene, RECORD_REGISTRATION, 1)->registration.src_before,
	        &none));
	assert_int_equal(scene_count(scene, RECORD_BINDING), 1);
	assert_true(endpoint_equal(&binding(scene, 0)->src, &now));
	assert_int_equal(binding(scene, 0)->source_changes, 1);
	assert_int_equal(binding(scene, 0)->refreshes, 2);
	scene_free(scene);
}

static void bindings_are_bounded(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.bindings = 50;
	for (unsigned int i = 0; i < 300; i++) {
		char call_id[32], headers[96];
		snprintf(call_id, sizeof call_id, "c%u", i);
		snprintf(headers, sizeof headers,
		         "Contact: <sip:c%u@198.18.0.1>;expires=600\r\n", i);
		const struct says lines[] = {
			{ i, PHONE, REGISTRAR, "REGISTER", "1 REGISTER", "a", NULL, NULL,
			  call_id, headers },
			{ i + 0.5, REGISTRAR, PHONE, "200 OK", "1 REGISTER", "a", "r", NULL,
			  call_id, headers },
		};
		SCENE_SCRIPT(scene, lines);
	}
	scene_run(scene);
	/* All of one owner: 32 at once, whatever the table holds. */
	assert_int_equal(scene->counters.of[COUNT_BINDINGS_EVICTED], 300 - 32);
	assert_int_equal(scene_count(scene, RECORD_BINDING), 300);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_binding_has_a_state),
		cmocka_unit_test(without_success_there_is_no_binding),
		cmocka_unit_test(a_phone_that_moves_is_told),
		cmocka_unit_test(bindings_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
