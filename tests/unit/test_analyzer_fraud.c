/*
 * Security observations from accounts, calls, media and transports: each rule just below
 * and just above its bound (analyzer/model/threshold.h).
 */
#include "analyzer/model/trunk.h"
#include "tests/unit/attacks.h"

/* --- accounts ------------------------------------------------------------------------ */

static const struct {
	const char *what;
	unsigned int before; /* registrations from home */
	const char *src, *agent;
	unsigned int status;
	bool unusual;
} moves[] = {
	{ "other network, other phone", 5, "203.0.113.5:5060", "Tool", 200, true },
	{ "not long enough known", 4, "203.0.113.5:5060", "Tool", 200, false },
	{ "the same phone elsewhere", 5, "203.0.113.5:5060", "Phone", 200, false },
	{ "another phone in the network", 5, "198.18.200.5:5060", "Tool", 200, false },
	{ "it was refused", 5, "203.0.113.5:5060", "Tool", 403, false },
};

static void accounts_have_usual_networks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		struct scene *scene = scene_new();
		struct request r = { .src = SOURCE,
			             .dst = SERVER,
			             .method = "REGISTER",
			             .to = "1001",
			             .status = 200,
			             .agent = "Phone",
			             .headers = "Contact: <sip:1001@198.18.0.1>\r\n"
			                        "Expires: 60\r\n" };
		for (unsigned int n = 0; n < moves[i].before; n++, r.ms += 50000)
			ask(scene, &r);
		r.src = moves[i].src;
		r.agent = moves[i].agent;
		r.status = moves[i].status;
		ask(scene, &r);
		r.ms += 50000; /* a second time it is usual */
		ask(scene, &r);
		const struct seen seen = run(scene);
		if (count_of(&seen, OBSERVATION_HIJACK) != moves[i].unusual)
			fail_msg("%s: %zu observations", moves[i].what, seen.count);
		if (moves[i].unusual)
			assert_int_equal(only(&seen, OBSERVATION_HIJACK)->events, 1);
	}
}

/* --- calls that cost ----------------------------------------------------------------- */

static struct number_plan plan;
static const struct local_time utc = { .count = 1, .changes = { { NSTIME_NONE, 0 } } };

#define DAY_MS 86400000.0
#define TEN_O_CLOCK (10 * 3600e3) /* of a Thursday, 2026-01-01 */

static void talk(struct scene *scene, double ms, const char *to, double minutes)
{
	struct request r = { .ms = ms,
		             .src = SOURCE,
		             .dst = SERVER,
		             .method = "INVITE",
		             .from = "2001",
		             .to = to,
		             .status = 200,
		             .rings = true };
	char id[64];
	snprintf(id, sizeof id, "%.0f-%s", ms, to);
	r.call_id = id;
	ask(scene, &r);
	speak(scene, &r, ms + 30, "ACK", false);
	r.method = "BYE";
	r.cseq = 2;
	r.ms = ms + minutes * MINUTE_MS;
	r.rings = false;
	/* In the dialog, as the tag says. */
	char text[512];
	const int len =
	        snprintf(text, sizeof text,
	                 "BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKb\r\n"
	                 "From: <sip:2001@a.example>;tag=f\r\n"
	                 "To: <sip:%s@a.example>;tag=t\r\nCall-ID: %s\r\n"
	                 "CSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n",
	                 to, id);
	scene_bytes(scene, r.ms, SOURCE, SERVER, text, (size_t)len);
	speak(scene, &r, r.ms + 10, "200 OK", true);
}

static const struct {
	const char *what;
	double at; /* in the week; ms */
	unsigned int dear, others;
	const char *to;    /* a number is put behind it */
	unsigned int step; /* from each to the next */
	double minutes;
	enum observation_type type;
} bills[] = {
	{ "14 calls abroad", TEN_O_CLOCK, 14, 0, "+4420", 7, 1, OBSERVATION_NONE },
	{ "15 calls abroad", TEN_O_CLOCK, 15, 0, "+4420", 7, 1, OBSERVATION_TOLL_FRAUD },
	{ "15 at home", TEN_O_CLOCK, 15, 0, "+4930", 7, 1, OBSERVATION_NONE },
	{ "15 to premium numbers at home", TEN_O_CLOCK, 15, 0, "+49900", 7, 1,
	  OBSERVATION_TOLL_FRAUD },
	{ "15 and 3 at home", TEN_O_CLOCK, 15, 3, "+4420", 7, 1, OBSERVATION_TOLL_FRAUD },
	{ "15 and 4 at home", TEN_O_CLOCK, 15, 4, "+4420", 7, 1, OBSERVATION_NONE },
	{ "5 in a row", TEN_O_CLOCK, 5, 0, "+4420", 1, 1, OBSERVATION_NONE },
	{ "6 in a row", TEN_O_CLOCK, 6, 0, "+4420", 1, 1, OBSERVATION_TOLL_FRAUD },
	{ "4 in the night", 2 * 3600e3, 4, 0, "+4420", 7, 1, OBSERVATION_NONE },
	{ "5 in the night", 2 * 3600e3, 5, 0, "+4420", 7, 1, OBSERVATION_TOLL_OFF_HOURS },
	{ "5 when work begins", 7 * 3600e3, 5, 0, "+4420", 7, 1, OBSERVATION_NONE },
	{ "5 on Saturday", 2 * DAY_MS + TEN_O_CLOCK, 5, 0, "+4420", 7, 1,
	  OBSERVATION_TOLL_OFF_HOURS },
	{ "2 of an hour", TEN_O_CLOCK, 2, 0, "+4420", 7, 61, OBSERVATION_NONE },
	{ "3 of an hour", TEN_O_CLOCK, 3, 0, "+4420", 7, 61, OBSERVATION_TOLL_LONG },
	{ "3 of less", TEN_O_CLOCK, 3, 0, "+4420", 7, 59, OBSERVATION_NONE },
};

static void calls_that_cost_are_told(void **state)
{
	(void)state;
	number_plan_default(&plan);
	strcpy(plan.country_code, "49");
	strcpy(plan.premium[plan.premium_count++], "49900");
	for (size_t i = 0; i < ARRAY_LEN(bills); i++) {
		struct scene *scene = scene_new();
		scene->settings.numbers = &plan;
		scene->settings.local_time = &utc;
		char to[32];
		for (unsigned int n = 0; n < bills[i].dear; n++) {
			snprintf(to, sizeof to, "%s%u", bills[i].to,
			         700000 + n * bills[i].step);
			talk(scene, bills[i].at + 20e3 * n, to, bills[i].minutes);
		}
		for (unsigned int n = 0; n < bills[i].others; n++)
			talk(scene, bills[i].at + 20e3 * n + 9e3, "+493012345678", 1);
		rest(scene, bills[i].at + 5 * 3600e3);
		const struct seen seen = run(scene);
		size_t over = 0;
		for (size_t n = 0; n < seen.count; n++)
			over += seen.told[n].over;
		const size_t right = bills[i].type != OBSERVATION_NONE;
		if (over != right || count_of(&seen, bills[i].type) != right)
			fail_msg("%s: %zu observations", bills[i].what, over);
		if (right)
			assert_int_equal(only(&seen, bills[i].type)->events, bills[i].dear);
	}
}

/* --- one ring ------------------------------------------------------------------------ */

/* Rings for so long, and is given up. */
static void ring(struct scene *scene, double ms, const char *to, double seconds)
{
	char id[64];
	struct request r = { .ms = ms,
		             .src = SOURCE,
		             .dst = SERVER,
		             .method = "INVITE",
		             .from = "+23276000001",
		             .to = to,
		             .rings = true };
	snprintf(id, sizeof id, "ring-%.0f-%s", ms, to);
	r.call_id = id;
	ask(scene, &r);
	r.rings = false;
	r.method = "CANCEL";
	speak(scene, &r, ms + 10 + seconds * 1e3, "CANCEL", false);
	speak(scene, &r, ms + 20 + seconds * 1e3, "200 OK", true);
	r.method = "INVITE";
	speak(scene, &r, ms + 30 + seconds * 1e3, "487 Request Terminated", true);
	speak(scene, &r, ms + 40 + seconds * 1e3, "ACK", false);
}

static const struct {
	const char *what;
	unsigned int calls, users;
	double seconds, apart_s;
	unsigned int longer; /* calls that ring for long */
	bool told;
} rings[] = {
	{ "19 calls", 19, 19, 3, 10, 0, false },
	{ "20 calls", 20, 20, 3, 10, 0, true },
	{ "20 calls of nearly 6 s", 20, 20, 5.9, 10, 0, true },
	{ "20 calls of 7 s", 20, 20, 7, 10, 0, false },
	{ "20 calls to 14 users", 20, 14, 3, 10, 0, false },
	{ "20 calls to 15 users", 20, 15, 3, 10, 0, true },
	{ "20 calls in 20 min", 20, 20, 3, 60, 0, false },
	{ "20 calls and 5 that ring", 20, 20, 3, 10, 5, true },
	{ "20 calls and 6 that ring", 20, 20, 3, 10, 6, false },
};

static void one_ring_each_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rings); i++) {
		struct scene *scene = scene_new();
		char to[32];
		for (unsigned int n = 0; n < rings[i].longer; n++)
			ring(scene, 1000 + 7e3 * n, "8000", 20);
		for (unsigned int n = 0; n < rings[i].calls; n++) {
			snprintf(to, sizeof to, "%u", 3000 + 17 * (n % rings[i].users));
			ring(scene, 1500 + 1e3 * rings[i].apart_s * n, to,
			     rings[i].seconds);
		}
		rest(scene, 5 * 3600e3);
		const struct seen seen = run(scene);
		if (count_of(&seen, OBSERVATION_WANGIRI) != rings[i].told)
			fail_msg("%s: %zu observations", rings[i].what, seen.count);
		if (rings[i].told)
			assert_int_equal(only(&seen, OBSERVATION_WANGIRI)->events,
			                 rings[i].calls);
	}
}

/* --- media and transport ------------------------------------------------------------- */

#define CALLER "198.18.0.1:5060"
#define CALLEE "198.18.0.2:5060"
#define FAR_END "198.18.0.3:5060"
#define KEYS                                                                               \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"

/* An answered call of 30 s over one hop; its two SDPs. */
static void hop(struct scene *scene, const char *src, const char *dst, const char *offer,
                const char *answer)
{
	const struct says lines[] = {
		{ 0, src, dst, "INVITE", "1 INVITE", "a", NULL, offer, NULL, NULL },
		{ 100, dst, src, "200 OK", "1 INVITE", "a", "b", answer, NULL, NULL },
		{ 120, src, dst, "ACK", "1 ACK", "a", "b", NULL, NULL, NULL },
		{ 30000, src, dst, "BYE", "2 BYE", "a", "b", NULL, NULL, NULL },
		{ 30010, dst, src, "200 OK", "2 BYE", "a", "b", NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
}

static const struct {
	const char *what;
	const char *src; /* of what nobody announced */
	double ms;
	unsigned int packets;
	unsigned int announced; /* packets of the announced source */
	size_t right;
} strangers[] = {
	{ "beside the announced source", "198.18.9.9:7000", 5000, 200, 1400, 1 },
	{ "50 packets", "198.18.9.9:7000", 5000, 51, 1400, 1 },
	{ "49 packets", "198.18.9.9:7000", 5000, 49, 1400, 0 },
	{ "another port of the host: a NAT", "198.18.0.1:7000", 5000, 200, 1400, 0 },
	{ "alone, behind NAT", "198.18.9.9:7000", 200, 1400, 0, 0 },
	{ "after the announced source: it moved", "198.18.9.9:7000", 4300, 1000, 200, 0 },
};

static void rtp_of_strangers_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		struct scene *scene = scene_new();
		hop(scene, CALLER, CALLEE, SDP("198.18.0.1", AUDIO("4000", "0")),
		    SDP("198.18.0.2", AUDIO("4002", "0")));
		scene_talk(scene, &(struct talk){ .ms = 200,
		                                  .src = "198.18.0.1:4000",
		                                  .dst = "198.18.0.2:4002",
		                                  .ssrc = 1,
		                                  .count = strangers[i].announced });
		scene_talk(scene, &(struct talk){ .ms = strangers[i].ms,
		                                  .src = strangers[i].src,
		                                  .dst = "198.18.0.2:4002",
		                                  .ssrc = 2,
		                                  .count = strangers[i].packets });
		const struct seen seen = run(scene);
		if (count_of(&seen, OBSERVATION_FOREIGN_RTP) != strangers[i].right)
			fail_msg("%s: %zu observations", strangers[i].what, seen.count);
		if (!strangers[i].right)
			continue;
		const struct observation_record *o = only(&seen, OBSERVATION_FOREIGN_RTP);
		const struct endpoint src = scene_endpoint("198.18.9.9:0");
		assert_true(endpoint_equal(&o->src, &src));
		assert_int_equal(o->first, scene_time(5000));
	}
}

static const struct {
	const char *what;
	const char *offer, *answer;
	unsigned int packets;
	size_t right;
} offers[] = {
	{ "keys that are not taken", AUDIO("4000", "0") KEYS, AUDIO("4002", "0"), 200, 1 },
	{ "keys that are taken", AUDIO("4000", "0") KEYS, AUDIO("4002", "0") KEYS, 200, 0 },
	{ "no keys", AUDIO("4000", "0"), AUDIO("4002", "0"), 200, 0 },
	{ "hardly any media", AUDIO("4000", "0") KEYS, AUDIO("4002", "0"), 50, 0 },
};

static void keys_that_are_not_used_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct scene *scene = scene_new();
		char offer[512], answer[512];
		snprintf(offer, sizeof offer, "%s%s", SDP("198.18.0.1", ""),
		         offers[i].offer);
		snprintf(answer, sizeof answer, "%s%s", SDP("198.18.0.2", ""),
		         offers[i].answer);
		hop(scene, CALLER, CALLEE, offer, answer);
		scene_talk(scene, &(struct talk){ .ms = 200,
		                                  .src = "198.18.0.1:4000",
		                                  .dst = "198.18.0.2:4002",
		                                  .ssrc = 1,
		                                  .count = offers[i].packets });
		const struct seen seen = run(scene);
		if (seen.count / 2 != offers[i].right ||
		    count_of(&seen, OBSERVATION_SRTP_UNUSED) != offers[i].right)
			fail_msg("%s: %zu records", offers[i].what, seen.count);
	}
}

#define SECURE(port) "m=audio " port " RTP/SAVP 0\r\n" KEYS

/* The first hop of a call encrypts, the second does or does not. */
static void downgrades_between_hops_are_told(void **state)
{
	(void)state;
	for (size_t clear = 0; clear < 2; clear++) {
		struct scene *scene = scene_new();
		hop(scene, CALLER, CALLEE, SDP("198.18.0.1", SECURE("4000")),
		    SDP("198.18.0.2", SECURE("4002")));
		hop(scene, CALLEE, FAR_END,
		    clear ? SDP("198.18.0.2", AUDIO("4004", "0"))
		          : SDP("198.18.0.2", SECURE("4004")),
		    clear ? SDP("198.18.0.3", AUDIO("4006", "0"))
		          : SDP("198.18.0.3", SECURE("4006")));
		scene_talk(scene, &(struct talk){ .ms = 200,
		                                  .src = "198.18.0.1:4000",
		                                  .dst = "198.18.0.2:4002",
		                                  .ssrc = 1,
		                                  .count = 500 });
		scene_talk(scene, &(struct talk){ .ms = 201,
		                                  .src = "198.18.0.2:4004",
		                                  .dst = "198.18.0.3:4006",
		                                  .ssrc = 2,
		                                  .count = 500 });
		const struct seen seen = run(scene);
		assert_int_equal(count_of(&seen, OBSERVATION_SRTP_DOWNGRADE), clear);
		if (!clear)
			continue;
		const struct observation_record *o =
		        only(&seen, OBSERVATION_SRTP_DOWNGRADE);
		const struct endpoint from = scene_endpoint("198.18.0.2:0");
		const struct endpoint to = scene_endpoint(FAR_END);
		assert_true(endpoint_equal(&o->src, &from));
		assert_true(endpoint_equal(&o->dst, &to));
	}
}

static void sip_in_clear_is_told_where_tls_is_expected(void **state)
{
	(void)state;
	static const uint32_t allowed[] = { 0, 1 << TRANSPORT_TLS,
		                            1 << TRANSPORT_TLS | 1 << TRANSPORT_WSS,
		                            1 << TRANSPORT_TLS | 1 << TRANSPORT_UDP };
	static const bool told[] = { false, true, true, false };
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		struct trunks *trunks;
		struct trunk_conflict conflict;
		struct trunk_net net;
		struct trunk trunk = trunk_default();
		strcpy(trunk.name, "carrier");
		trunk.transports = allowed[i];
		assert_int_equal(trunks_new(&trunks), OK);
		assert_int_equal(trunks_add(trunks, &trunk), OK);
		assert_int_equal(trunk_net_parse(TEXT("198.19.0.0/16"), &net), OK);
		assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
		assert_int_equal(trunks_seal(trunks, &conflict), OK);
		struct scene *scene = scene_new();
		scene->settings.trunks = trunks;
		for (unsigned int n = 0; n < 3; n++)
			ask(scene, &(struct request){ .ms = 1000.0 * n,
			                              .src = SOURCE,
			                              .dst = SERVER,
			                              .method = "OPTIONS",
			                              .status = 200 });
		const struct seen seen = run(scene);
		assert_int_equal(count_of(&seen, OBSERVATION_PLAIN_SIP), told[i]);
		if (told[i]) {
			const struct observation_record *o =
			        only(&seen, OBSERVATION_PLAIN_SIP);
			assert_string_equal(o->subject, "carrier");
			assert_int_equal(o->events, 3);
		}
		trunks_free(trunks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_have_usual_networks),
		cmocka_unit_test(calls_that_cost_are_told),
		cmocka_unit_test(one_ring_each_is_told),
		cmocka_unit_test(rtp_of_strangers_is_told),
		cmocka_unit_test(keys_that_are_not_used_are_told),
		cmocka_unit_test(downgrades_between_hops_are_told),
		cmocka_unit_test(sip_in_clear_is_told_where_tls_is_expected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
