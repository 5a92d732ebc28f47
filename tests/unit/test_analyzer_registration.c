/* Registrations from SIP text; rules: docs/figures.md "registration", RFC 3261 section 10.
 */
#include <math.h>

#include "tests/unit/registrations.h"

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[MOST_LINES];
	size_t count;
	unsigned int status;
	double expires_s; /* NAN: not said */
	bool authenticated;
	double at_ms;     /* first REGISTER of the attempt */
	const char *contact;
} cases[] = {
	{ "at once",
	  { REGISTER(100, "1", CONTACT("3600")), ANSWER(120, "200 OK", "1", NULL) },
	  2, 200, 3600, false, 100, "sip:alice@198.18.0.1:5060" },
	{ "behind a challenge",
	  { REGISTER(0, "1", CONTACT("3600")), ANSWER(20, "401 Unauthorized", "1", NULL),
	    REGISTER(50, "2", CONTACT("3600")), ANSWER(70, "200 OK", "2", CONTACT("600")) },
	  4, 200, 600, true, 0, "sip:alice@198.18.0.1:5060" },
	{ "a proxy's challenge is one too",
	  { REGISTER(0, "1", NULL),
	    ANSWER(20, "407 Proxy Authentication Required", "1", NULL),
	    REGISTER(50, "2", NULL), ANSWER(70, "200 OK", "2", NULL) },
	  4, 200, NAN, true, 0, "" },
	{ "with the wrong password",
	  { REGISTER(0, "1", CONTACT("3600")), ANSWER(20, "401 Unauthorized", "1", NULL),
	    REGISTER(50, "2", CONTACT("3600")), ANSWER(70, "403 Forbidden", "2", NULL) },
	  4, 403, 3600, true, 0, "sip:alice@198.18.0.1:5060" },
	{ "challenged again and again",
	  { REGISTER(0, "1", CONTACT("3600")), ANSWER(20, "401 Unauthorized", "1", NULL),
	    REGISTER(50, "2", CONTACT("3600")), ANSWER(70, "401 Unauthorized", "2", NULL) },
	  4, 401, 3600, true, 0, "sip:alice@198.18.0.1:5060" },
	{ "challenged and silent since",
	  { REGISTER(0, "1", CONTACT("3600")), ANSWER(20, "401 Unauthorized", "1", NULL) },
	  2, 401, 3600, false, 0, "sip:alice@198.18.0.1:5060" },
	{ "too short for the registrar (423)",
	  { REGISTER(0, "1", CONTACT("60")),
	    ANSWER(20, "423 Interval Too Brief", "1", NULL),
	    REGISTER(50, "2", CONTACT("300")), ANSWER(70, "200 OK", "2", NULL) },
	  4, 200, 300, false, 0, "sip:alice@198.18.0.1:5060" },
	{ "nobody answers",
	  { REGISTER(0, "1", CONTACT("3600")), REGISTER(500, "1", CONTACT("3600")) },
	  2, 0, 3600, false, 0, "sip:alice@198.18.0.1:5060" },
	{ "each message twice",
	  { REGISTER(0, "1", CONTACT("3600")), REGISTER(500, "1", CONTACT("3600")),
	    ANSWER(510, "200 OK", "1", NULL), ANSWER(520, "200 OK", "1", NULL),
	    REGISTER(600, "1", CONTACT("3600")) },
	  5, 200, 3600, false, 0, "sip:alice@198.18.0.1:5060" },
	{ "taken back",
	  { REGISTER(0, "1", CONTACT("0")), ANSWER(20, "200 OK", "1", NULL) },
	  2, 200, 0, false, 0, "sip:alice@198.18.0.1:5060" },
	{ "all of them taken back",
	  { REGISTER(0, "1", "Contact: *\r\nExpires: 0\r\n"),
	    ANSWER(20, "200 OK", "1", NULL) },
	  2, 200, 0, false, 0, "*" },
	{ "the time-to-live of the header where the contact has none",
	  { REGISTER(0, "1", "Contact: <sip:alice@198.18.0.1>\r\nExpires: 1800\r\n"),
	    ANSWER(20, "200 OK", "1", NULL) },
	  2, 200, 1800, false, 0, "sip:alice@198.18.0.1" },
	{ "a provisional answer is none",
	  { REGISTER(0, "1", NULL), ANSWER(20, "100 Trying", "1", NULL),
	    ANSWER(90, "404 Not Found", "1", NULL) },
	  3, 404, NAN, false, 0, "" },
	{ "only the answer was seen", { ANSWER(20, "200 OK", "1", CONTACT("60")) },
	  1, 200, 60, false, 20, "sip:alice@198.18.0.1:5060" },
};
/* clang-format on */

static void one_attempt(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		scene_script(scene, cases[i].lines, cases[i].count);
		scene_bytes(scene, 120000, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
		scene_run(scene);
		if (scene_count(scene, RECORD_REGISTRATION) != 1)
			fail_msg("%s: %zu records", cases[i].what,
			         scene_count(scene, RECORD_REGISTRATION));
		const struct registration_record *out =
		        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
		const bool same_expiry = isnan(cases[i].expires_s)
		                                 ? isnan(out->expires_s)
		                                 : out->expires_s == cases[i].expires_s;
		if (out->status != cases[i].status || !same_expiry ||
		    out->authenticated != cases[i].authenticated)
			fail_msg("%s: status %ju, expires %g, authenticated %d",
			         cases[i].what, (uintmax_t)out->status, out->expires_s,
			         out->authenticated);
		if (out->at != scene_time(cases[i].at_ms) ||
		    strcmp(out->contact, cases[i].contact) != 0)
			fail_msg("%s: contact %s", cases[i].what, out->contact);
		assert_string_equal(out->aor, "sip:bob@b.example");
		scene_free(scene);
	}
}

static void who_registered_where(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { REGISTER(0, "1", NULL),
		                             ANSWER(20, "200 OK", "1", NULL) };
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct registration_record *out =
	        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
	const struct endpoint phone = scene_endpoint(PHONE);
	const struct endpoint registrar = scene_endpoint(REGISTRAR);
	assert_true(endpoint_equal(&out->src, &phone));
	assert_true(endpoint_equal(&out->registrar, &registrar));
	assert_string_equal(out->sip_call_id, "one@test");
	assert_int_equal(out->transport, TRANSPORT_UDP);
	assert_int_equal(scene->claims[CLAIM_SIP], 2);
	scene_free(scene);
}

/* A phone registers anew each hour with the same Call-ID: each is an attempt of its own. */
static void a_refresh_is_another_registration(void **state)
{
	(void)state;
	static const double apart_ms[] = { 1000, 3600000 };
	for (size_t i = 0; i < ARRAY_LEN(apart_ms); i++) {
		struct scene *scene = scene_new();
		const struct says lines[] = {
			REGISTER(0, "1", CONTACT("3600")),
			ANSWER(20, "200 OK", "1", NULL),
			REGISTER(apart_ms[i], "2", CONTACT("3600")),
			ANSWER(apart_ms[i] + 20, "200 OK", "2", NULL),
		};
		SCENE_SCRIPT(scene, lines);
		scene_run(scene);
		assert_int_equal(scene_count(scene, RECORD_REGISTRATION), 2);
		const struct record *first = scene_record(scene, RECORD_REGISTRATION, 0);
		const struct record *second = scene_record(scene, RECORD_REGISTRATION, 1);
		assert_int_equal(first->registration.at, scene_time(0));
		assert_int_equal(second->registration.at, scene_time(apart_ms[i]));
		assert_int_not_equal(first->registration.id, second->registration.id);
		scene_free(scene);
	}
}

/* Two phones that chose the same Call-ID. */
static void phones_are_told_apart_by_their_address(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		REGISTER(0, "1", NULL),
		{ 1, "198.18.0.2:5060", REGISTRAR, "REGISTER", "1 REGISTER", "a", NULL,
		  NULL, NULL, NULL },
		ANSWER(20, "200 OK", "1", NULL),
		{ 25, REGISTRAR, "198.18.0.2:5060", "403 No", "1 REGISTER", "a", "r", NULL,
		  NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REGISTRATION), 2);
	assert_int_equal(scene_record(scene, RECORD_REGISTRATION, 0)->registration.status,
	                 200);
	assert_int_equal(scene_record(scene, RECORD_REGISTRATION, 1)->registration.status,
	                 403);
	scene_free(scene);
}

/* --- what is known beside ------------------------------------------------------------- */

static void the_delay_counts_from_the_first_request(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		REGISTER(0, "1", CONTACT("3600")),
		REGISTER(10, "1", CONTACT("3600")),
		ANSWER(20, "401 Unauthorized", "1", NULL),
		ANSWER(25, "401 Unauthorized", "1", NULL),
		REGISTER(50, "2", CONTACT("3600") "User-Agent: phone/1\r\n"),
		ANSWER(70, "200 OK", "2", CONTACT("3600")),
		REGISTER(100, "3", CONTACT("3600")),
		ANSWER(170, "500 No", "3", NULL),
	};
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct registration_record *first =
	        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
	assert_true(first->rrd_ms == 70); /* RFC 6076 4.1: the challenge included */
	assert_int_equal(first->auth_rounds, 1);
	assert_int_equal(first->retransmissions, 1);
	assert_int_equal(first->purpose, REGISTER_NEW);
	assert_string_equal(first->user_agent, "phone/1");
	assert_string_equal(first->via, "198.18.0.1:5060");
	const struct registration_record *second =
	        &scene_record(scene, RECORD_REGISTRATION, 1)->registration;
	assert_true(isnan(second->rrd_ms)); /* successful ones only */
	assert_int_equal(second->purpose, REGISTER_REFRESH);
	assert_int_equal(second->binding, first->binding);
	assert_int_not_equal(first->binding, 0);
	scene_free(scene);
}

#define OTHER                                                                              \
	"Contact: <sip:desk@198.18.0.9>;expires=50, <sip:lab@198.18.0.8>;expires=40\r\n"

/* A 2xx lists every contact of the owner (RFC 3261 10.3): ours may be any of them. */
/* As among peers: timer F, 32 s, for each of the requests, and no answer before them. */
static void a_delay_that_a_clock_made_is_left_out(void **state)
{
	static const struct {
		double challenged_ms, answered_ms; /* 0: not challenged */
		bool believed;
	} rows[] = { { 0, 32e3, true },     { 0, 32001, false },  { 0, -1, false },
		     { 0, -7.2e6, false },  { 0, 3.2e10, false }, { 30e3, 64e3, true },
		     { 30e3, 64001, false } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		const double tries_again = rows[i].challenged_ms + 10;
		const struct says first[] = { REGISTER(0, "1", CONTACT("3600")) };
		const struct says challenge[] = {
			ANSWER(rows[i].challenged_ms, "401 Unauthorized", "1", NULL),
			REGISTER(tries_again, "2", CONTACT("3600")),
		};
		const bool challenged = rows[i].challenged_ms > 0;
		struct says last[] = { ANSWER(rows[i].answered_ms, "200 OK", "1",
			                      CONTACT("3600")) };
		if (challenged)
			last[0].cseq = "2 REGISTER";
		scene->as_said = true;
		/* No timer runs out behind a packet of the next century. */
		scene_bytes(scene, 4e12, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
		SCENE_SCRIPT(scene, first);
		if (challenged)
			SCENE_SCRIPT(scene, challenge);
		SCENE_SCRIPT(scene, last);
		scene_run(scene);
		const struct registration_record *r =
		        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
		assert_int_equal(r->status, 200);
		if (isnan(r->rrd_ms) == rows[i].believed)
			fail_msg("case %zu: %f ms", i, r->rrd_ms);
		assert_int_equal(scene->counters.of[COUNT_DELAYS_NOT_BELIEVED],
		                 !rows[i].believed);
		scene_free(scene);
	}
}

static void only_our_contact_is_granted(void **state)
{
	(void)state;
	static const struct {
		const char *listed;
		double expires_s;
	} rows[] = {
		{ OTHER CONTACT("120"), 120 },
		{ "m: <sip:desk@198.18.0.9>;expires=50, "
		  "\"me, myself\" <SIP:Alice@198.18.0.1:5060>;q=1;expires=77\r\n",
		  77 },
		{ OTHER, 3600 }, /* not there: nothing is said of it */
		{ "Contact: <sip:renamed@203.0.113.5>;expires=90\r\n", 90 },
		{ "Expires: 200\r\n", 200 },
		{ OTHER "Expires: 200\r\n", 200 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		const struct says lines[] = { REGISTER(0, "1", CONTACT("3600")),
			                      ANSWER(20, "200 OK", "1", rows[i].listed) };
		SCENE_SCRIPT(scene, lines);
		scene_run(scene);
		const struct registration_record *out =
		        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
		if (out->expires_s != rows[i].expires_s)
			fail_msg("%s: %g s", rows[i].listed, out->expires_s);
		assert_string_equal(out->contact, "sip:alice@198.18.0.1:5060");
		scene_free(scene);
	}
}

static void purposes_and_nat(void **state)
{
	(void)state;
	static const struct {
		const char *headers;
		enum register_purpose purpose;
		bool nat;
	} rows[] = {
		{ CONTACT("3600"), REGISTER_NEW, false },
		{ CONTACT("0"), REGISTER_REMOVAL, false },
		{ "Contact: *\r\nExpires: 0\r\n", REGISTER_REMOVAL, false },
		{ "", REGISTER_FETCH, false },
		{ "Contact: <sip:alice@192.168.1.7:5060>\r\n", REGISTER_NEW, true },
		{ "Contact: <sip:alice@phone.example>\r\n", REGISTER_NEW, false },
		{ "Contact: <sip:alice@198.18.0.1:9999>\r\n", REGISTER_NEW, false },
		{ "Contact: <sip:alice@[2001:db8::1]>\r\n", REGISTER_NEW, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		const struct says lines[] = { REGISTER(0, "1", rows[i].headers),
			                      ANSWER(20, "200 OK", "1", NULL) };
		SCENE_SCRIPT(scene, lines);
		scene_run(scene);
		const struct registration_record *out =
		        &scene_record(scene, RECORD_REGISTRATION, 0)->registration;
		if (out->purpose != rows[i].purpose || out->nat != rows[i].nat)
			fail_msg("%s: purpose %d, nat %d", rows[i].headers, out->purpose,
			         out->nat);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_attempt),
		cmocka_unit_test(who_registered_where),
		cmocka_unit_test(a_refresh_is_another_registration),
		cmocka_unit_test(a_delay_that_a_clock_made_is_left_out),
		cmocka_unit_test(phones_are_told_apart_by_their_address),
		cmocka_unit_test(the_delay_counts_from_the_first_request),
		cmocka_unit_test(only_our_contact_is_granted),
		cmocka_unit_test(purposes_and_nat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
