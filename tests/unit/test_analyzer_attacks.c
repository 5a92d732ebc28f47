/*
 * Security observations from requests: each rule just below and just above its bound
 * (analyzer/model/threshold.h), and what must never be one.
 */
#include "tests/unit/attacks.h"

/* --- the rules, below and above ------------------------------------------------------ */

/* `n` of what is looked for, `good` of what is not, evenly over the rule's window. */
struct amount {
	unsigned int n, good;
	double over_ms;
};

static void guesses(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = "1001",
		                              .status = 403,
		                              .password = true });
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->good + 5000,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(2000 + i),
		                              .status = 200,
		                              .password = true });
	rest(scene, 1.2e6);
}

/* One account, from `good` sources, `n` guesses in all: fewer from each than are seen. */
static void spread_guesses(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = host(0, i % a->good),
		                              .dst = SERVER,
		                              .method = "INVITE",
		                              .from = "1001",
		                              .to = "0049301",
		                              .status = 407,
		                              .password = true });
	rest(scene, 1.2e6);
}

/* A nonce that is too old, then the same password with a new one. */
static void stale_nonces(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++) {
		const char *id = user(i);
		struct request r = { .ms = a->over_ms * i / a->n,
			             .src = SOURCE,
			             .dst = SERVER,
			             .method = "REGISTER",
			             .to = id,
			             .status = 401,
			             .password = true,
			             .call_id = id };
		ask(scene, &r);
		r.cseq = 2;
		r.ms += 50;
		r.status = 200;
		ask(scene, &r);
	}
	rest(scene, 1.2e6);
}

/* All passwords in one Call-ID: only the first failure can be an old nonce's. */
static void chained_guesses(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = 1000.0 * i,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = "1001",
		                              .status = 401,
		                              .password = true,
		                              .call_id = "chain",
		                              .cseq = i + 1 });
	rest(scene, 1.2e6);
}

static void users(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(1000 + 7 * i),
		                              .status = 404 });
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->good + 100,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "INVITE",
		                              .to = user(5000 + i),
		                              .status = 486,
		                              .rings = true });
	rest(scene, 1.2e6);
}

static void users_in_row(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(1000 + i),
		                              .status = 401 });
	rest(scene, 1.2e6);
}

/* Phones whose challenge is met at once. */
static void challenged(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++) {
		struct request r = { .ms = a->over_ms * i / a->n,
			             .src = SOURCE,
			             .dst = SERVER,
			             .method = "REGISTER",
			             .to = user(1000 + i),
			             .status = 401,
			             .call_id = user(i) };
		ask(scene, &r);
		r.ms += 50;
		r.cseq = 2;
		r.password = true;
		r.status = 200;
		ask(scene, &r);
	}
	rest(scene, 1.2e6);
}

static void sweep(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SERVER,
		                              .dst = host(0, i),
		                              .method = "OPTIONS" });
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->good + 7,
		                              .src = SERVER,
		                              .dst = host(2, i),
		                              .method = "OPTIONS",
		                              .status = 200 });
	rest(scene, 1.2e6);
}

/* All phones of a site answer, until its line is cut. */
static void site_gone(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		for (unsigned int round = 0; round < 3; round++)
			ask(scene, &(struct request){ .ms = 120e3 * round + 10.0 * i,
			                              .src = SERVER,
			                              .dst = host(0, i),
			                              .method = "OPTIONS",
			                              .status = round ? 0 : 200 });
	rest(scene, 1.2e6);
}

static void invite_flood(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "INVITE",
		                              .to = "100",
		                              .status = 503 });
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->good + 3,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "INVITE",
		                              .to = "200",
		                              .status = 480,
		                              .rings = true });
	rest(scene, 1.2e6);
}

static void register_flood(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / a->n,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = "100" });
	rest(scene, 1.2e6);
}

/* The registrar dies under the phones of a whole site: 20 register a minute, then all of
 * them try each few seconds. */
static void registrar_gone(struct scene *scene, const struct amount *a)
{
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = 3000.0 * i,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(i),
		                              .status = 200 });
	for (unsigned int i = 0; i < a->n; i++)
		ask(scene,
		    &(struct request){ .ms = 3000.0 * a->good + a->over_ms * i / a->n,
		                       .src = SOURCE,
		                       .dst = SERVER,
		                       .method = "REGISTER",
		                       .to = user(i % 100) });
	rest(scene, 1.2e6);
}

static void malformed(struct scene *scene, const struct amount *a)
{
	static const char text[] = "INVITE sip:a SIP/2.0\r\nCSeq: nonsense\r\n\r\n";
	for (unsigned int i = 0; i < a->n; i++)
		scene_bytes(scene, a->over_ms * i / a->n, SOURCE, SERVER, text,
		            sizeof text - 1);
	for (unsigned int i = 0; i < a->good; i++)
		ask(scene, &(struct request){ .ms = a->over_ms * i / (a->good + 1) + 5,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "OPTIONS",
		                              .status = 200 });
	rest(scene, 1.2e6);
}

static void agents(struct scene *scene, const struct amount *a)
{
	static const char *const names[] = { "Friendly Phone 1.0", "friendly-scanner",
		                             "my friendly-scanner", "sipcli/v1.8" };
	ask(scene, &(struct request){ .src = SOURCE,
	                              .dst = SERVER,
	                              .method = "OPTIONS",
	                              .status = 200,
	                              .agent = names[a->n] });
	rest(scene, 1.2e6);
}

static const struct {
	const char *what;
	void (*say)(struct scene *scene, const struct amount *amount);
	struct amount amount;
	enum observation_type type; /* NONE: none at all */
} rows[] = {
	/* clang-format off */
	{ "29 guesses", guesses, { 29, 0, 6e5 }, OBSERVATION_NONE },
	{ "30 guesses", guesses, { 30, 0, 6e5 }, OBSERVATION_BRUTE_FORCE },
	{ "30 guesses in 20 minutes", guesses, { 30, 0, 12e5 }, OBSERVATION_NONE },
	{ "30 guesses of 60 attempts", guesses, { 30, 30, 6e5 }, OBSERVATION_BRUTE_FORCE },
	{ "30 guesses of 63 attempts", guesses, { 30, 33, 6e5 }, OBSERVATION_NONE },
	{ "30 guesses of an account by 4", spread_guesses, { 30, 4, 5e5 }, OBSERVATION_NONE },
	{ "30 guesses of an account by 5", spread_guesses, { 30, 5, 5e5 },
	  OBSERVATION_BRUTE_FORCE },
	{ "29 guesses of an account by 29", spread_guesses, { 29, 29, 5e5 }, OBSERVATION_NONE },
	{ "200 old nonces", stale_nonces, { 200, 0, 6e5 }, OBSERVATION_NONE },
	{ "31 guesses in a row", chained_guesses, { 31, 0, 0 }, OBSERVATION_BRUTE_FORCE },
	{ "30 in a row, the first may be an old nonce", chained_guesses, { 30, 0, 0 },
	  OBSERVATION_NONE },
	{ "19 users", users, { 19, 0, 5e4 }, OBSERVATION_NONE },
	{ "20 users", users, { 20, 0, 5e4 }, OBSERVATION_EXTENSION_SCAN },
	{ "20 users in two minutes", users, { 20, 0, 12e4 }, OBSERVATION_NONE },
	{ "20 users, and 2 that ring", users, { 20, 2, 5e4 }, OBSERVATION_EXTENSION_SCAN },
	{ "20 users, and 3 that ring", users, { 20, 3, 5e4 }, OBSERVATION_NONE },
	{ "9 users in a row", users_in_row, { 9, 0, 5e4 }, OBSERVATION_NONE },
	{ "10 users in a row", users_in_row, { 10, 0, 5e4 }, OBSERVATION_EXTENSION_SCAN },
	{ "200 phones that are challenged", challenged, { 200, 0, 5e4 }, OBSERVATION_NONE },
	{ "19 addresses", sweep, { 19, 0, 5e4 }, OBSERVATION_NONE },
	{ "20 addresses", sweep, { 20, 0, 5e4 }, OBSERVATION_SWEEP },
	{ "20 addresses, and 5 that answer", sweep, { 20, 5, 5e4 }, OBSERVATION_SWEEP },
	{ "20 addresses, and 6 that answer", sweep, { 20, 6, 5e4 }, OBSERVATION_NONE },
	{ "a site that is gone", site_gone, { 100, 0, 0 }, OBSERVATION_NONE },
	{ "299 INVITEs", invite_flood, { 299, 0, 59e3 }, OBSERVATION_NONE },
	{ "300 INVITEs", invite_flood, { 300, 0, 59e3 }, OBSERVATION_INVITE_FLOOD },
	{ "300 INVITEs, and 15 that ring", invite_flood, { 300, 15, 59e3 },
	  OBSERVATION_INVITE_FLOOD },
	{ "300 INVITEs, and 16 that ring", invite_flood, { 300, 16, 59e3 }, OBSERVATION_NONE },
	{ "299 REGISTERs", register_flood, { 299, 0, 59e3 }, OBSERVATION_NONE },
	{ "300 REGISTERs", register_flood, { 300, 0, 59e3 }, OBSERVATION_REGISTER_FLOOD },
	{ "a registrar that is gone", registrar_gone, { 350, 100, 59e3 }, OBSERVATION_NONE },
	{ "59 that cannot be read", malformed, { 59, 0, 59e3 }, OBSERVATION_NONE },
	{ "60 that cannot be read", malformed, { 60, 0, 59e3 }, OBSERVATION_MALFORMED_FLOOD },
	{ "60 beside 60 that can", malformed, { 60, 60, 59e3 }, OBSERVATION_MALFORMED_FLOOD },
	{ "60 beside 63 that can", malformed, { 60, 63, 59e3 }, OBSERVATION_NONE },
	{ "a phone with a friendly name", agents, { 0, 0, 0 }, OBSERVATION_NONE },
	{ "a scanner", agents, { 1, 0, 0 }, OBSERVATION_SCANNER },
	{ "a name with a scanner's in it", agents, { 2, 0, 0 }, OBSERVATION_NONE },
	{ "another scanner", agents, { 3, 0, 0 }, OBSERVATION_SCANNER },
	/* clang-format on */
};

static void bounds_divide_what_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		rows[i].say(scene, &rows[i].amount);
		const struct seen seen = run(scene);
		size_t over = 0;
		for (size_t n = 0; n < seen.count; n++)
			over += seen.told[n].over;
		const size_t right = rows[i].type != OBSERVATION_NONE;
		if (over != right || count_of(&seen, rows[i].type) != right)
			fail_msg("%s: %zu observations, the first %s", rows[i].what, over,
			         seen.count ? observation_type_names[seen.told[0].type]
			                    : "none");
	}
}

static void an_observation_says_what_was_seen(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	for (unsigned int i = 0; i < 45; i++)
		ask(scene, &(struct request){ .ms = 1000.0 * i,
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(1000 + i % 9),
		                              .password = true,
		                              .status = i == 40 ? 200 : 403,
		                              .agent = "Tool 1" });
	rest(scene, 1.2e6);
	const struct seen seen = run(scene);
	const struct observation_record *o = only(&seen, OBSERVATION_BRUTE_FORCE);
	assert_int_equal(o->events, 44);
	assert_int_equal(o->others, 1);
	assert_int_equal(o->targets, 9);
	assert_int_equal(o->sources, 1);
	assert_int_equal(o->peak_per_min, 44);
	assert_int_equal(o->first, scene_time(0));
	assert_int_equal(o->last, scene_time(44000));
	assert_string_equal(o->subject, "1000");
	assert_string_equal(o->software, "Tool 1");
	assert_int_equal(o->examples.count, OBSERVATION_EXAMPLES);
	const struct endpoint source = scene_endpoint("198.18.0.1:0");
	assert_true(endpoint_equal(&o->src, &source));
	const struct endpoint server = scene_endpoint(SERVER);
	assert_true(endpoint_equal(&o->dst, &server));
	/* Found after the 30th, each of which is waited 4 s for. */
	assert_int_equal(seen.told[0].events, 30);
	assert_true(o->detected >= scene_time(33000) && o->detected < scene_time(36000));
}

static void an_attack_is_told_when_found_grown_and_over(void **state)
{
	(void)state;
	static const uint64_t events[] = { 30, 300, 310, 30, 40 };
	struct scene *scene = scene_new();
	for (unsigned int i = 0; i < 350; i++) /* then an hour of peace */
		ask(scene, &(struct request){ .ms = 1000.0 * i + (i < 310 ? 0 : 3.6e6),
		                              .src = SOURCE,
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = "1001",
		                              .status = 403,
		                              .password = true });
	const struct seen seen = run(scene);
	assert_int_equal(seen.count, ARRAY_LEN(events));
	for (size_t i = 0; i < seen.count; i++) {
		assert_int_equal(seen.told[i].events, events[i]);
		assert_int_equal(seen.told[i].over, i == 2 || i == 4);
	}
	assert_int_equal(seen.told[0].id, seen.told[2].id);
	assert_int_equal(seen.told[3].id, seen.told[4].id);
	assert_int_not_equal(seen.told[2].id, seen.told[3].id);
}

static void tables_are_bounded(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.watched = 3;
	scene->settings.limits.accounts = 2;
	for (unsigned int i = 0; i < 200; i++)
		ask(scene, &(struct request){ .ms = 10.0 * i,
		                              .src = host(0, i),
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(i),
		                              .status = i % 2 ? 200 : 404,
		                              .headers = "Contact: <sip:x@a>\r\n" });
	rest(scene, 1e6);
	const struct seen seen = run(scene);
	assert_int_equal(seen.count, 0);
	assert_true(seen.counters.of[COUNT_WATCHED_EVICTED] > 100);
	assert_true(seen.counters.of[COUNT_ACCOUNTS_EVICTED] > 50);
}

/* --- a busy hour --------------------------------------------------------------------- */

/* A PBX with a trunk, phones behind NAT and a few that are broken, at four calls a second.
 */
static void busy_minute(struct scene *scene, unsigned int minute, uint64_t *seed)
{
	static const unsigned int outcomes[] = { 200, 200, 200, 200, 486,
		                                 480, 487, 404, 503, 603 };
	for (unsigned int i = 0; i < 240; i++) {
		const unsigned int status =
		        outcomes[disorder_below(seed, ARRAY_LEN(outcomes))];
		ask(scene,
		    &(struct request){ .ms = minute * MINUTE_MS + 250.0 * i,
		                       .src = "198.18.50.1:5060",
		                       .dst = "198.19.9.9:5060",
		                       .method = "INVITE",
		                       .status = status,
		                       .from = user(2000 + disorder_below(seed, 300)),
		                       .to = user(700000 + disorder_below(seed, 90000)),
		                       .rings = status < 404 || status == 487 });
	}
	for (unsigned int i = 0; i < 150; i++) /* behind one address */
		ask(scene, &(struct request){ .ms = minute * MINUTE_MS + 390.0 * i,
		                              .src = "198.18.60.1:5060",
		                              .dst = SERVER,
		                              .method = "REGISTER",
		                              .to = user(3000 + i),
		                              .password = true,
		                              .agent = "Phone",
		                              .status = i % 50 ? 200 : 403 });
	for (unsigned int i = 0; i < 120; i++) /* every tenth is switched off */
		ask(scene, &(struct request){ .ms = minute * MINUTE_MS + 480.0 * i,
		                              .src = "198.18.50.1:5060",
		                              .dst = host(100, i),
		                              .method = "OPTIONS",
		                              .status = i % 10 ? 200 : 0 });
}

static void a_busy_hour_is_no_attack(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	uint64_t seed = 20260101;
	static struct number_plan plan;
	number_plan_default(&plan);
	strcpy(plan.country_code, "49");
	scene->settings.numbers = &plan;
	for (unsigned int minute = 0; minute < 60; minute++)
		busy_minute(scene, minute, &seed);
	const struct seen seen = run(scene);
	if (seen.count > 0)
		fail_msg("a %s", observation_type_names[seen.told[0].type]);
	assert_int_equal(seen.counters.of[COUNT_WATCHED_EVICTED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_divide_what_is_told),
		cmocka_unit_test(an_observation_says_what_was_seen),
		cmocka_unit_test(an_attack_is_told_when_found_grown_and_over),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(a_busy_hour_is_no_attack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
