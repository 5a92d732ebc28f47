/*
 * Whose a stream is, where several calls announce one address: both of its ends decide.
 * Each truth is read off the SDPs of the case by hand.
 */
#include "tests/unit/scene.h"

#define PHONE "198.18.0.1:5060"
#define PBX "198.19.0.9:5060"
#define RELAY "198.19.0.8:5060"
#define P "198.18.0.1:4000" /* the phone's port, which it gives to every call */
#define S1 "198.19.0.1:5000"
#define S2 "198.19.0.2:5000"
#define S3 "198.19.0.3:5000"
#define NAT "203.0.113.7:777" /* no SDP names it */
#define SAYS_P SDP("198.18.0.1", AUDIO("4000", "0"))
#define SAYS_S1 SDP("198.19.0.1", AUDIO("5000", "0"))
#define SAYS_S2 SDP("198.19.0.2", AUDIO("5000", "0"))
#define SAYS_S3 SDP("198.19.0.3", AUDIO("5000", "0"))
#define SAYS_PRIVATE SDP("10.0.0.7", AUDIO("5000", "0"))

#define OLD "old@test"
#define NEW "new@test"

/* By the phone, and to it; the answer and its ACK. */
#define CALLS(ms, id, sdp)                                                                 \
	{                                                                                  \
		ms, PHONE, PBX, "INVITE", "1 INVITE", "a", NULL, sdp, id, NULL             \
	}
#define IS_ANSWERED(ms, id, sdp)                                                           \
	{ ms, PBX, PHONE, "200 OK", "1 INVITE", "a", "b", sdp, id, NULL },                 \
	{                                                                                  \
		(ms) + 10, PHONE, PBX, "ACK", "1 ACK", "a", "b", NULL, id, NULL            \
	}
#define IS_CALLED(ms, id, sdp)                                                             \
	{                                                                                  \
		ms, PBX, PHONE, "INVITE", "1 INVITE", "a", NULL, sdp, id, NULL             \
	}
#define ANSWERS(ms, id, sdp)                                                               \
	{ ms, PHONE, PBX, "200 OK", "1 INVITE", "a", "b", sdp, id, NULL },                 \
	{                                                                                  \
		(ms) + 10, PBX, PHONE, "ACK", "1 ACK", "a", "b", NULL, id, NULL            \
	}
#define HANGS_UP(ms, id)                                                                   \
	{                                                                                  \
		ms, PHONE, PBX, "BYE", "9 BYE", "a", "b", NULL, id, NULL                   \
	}

/* From the moment on for so many packets of 20 ms: those of one flow are of these calls, in
 * this order, as so many packets each. */
struct flow_says {
	const char *src, *dst;
	double ms;
	unsigned int count;
	struct {
		const char *call_id;
		unsigned int packets; /* 0: there are no more */
		enum direction direction;
	} owners[2];
	bool goes_on; /* numbers and SSRC are those of the flow said before it */
};

#define FORWARD DIRECTION_FORWARD
#define REVERSE DIRECTION_REVERSE

enum { LINES = 12, FLOWS = 6 };

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[LINES];
	struct flow_says flows[FLOWS];
} cases[] = {
	{ "two calls at once on one port: each has what comes from its own other end",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2) },
	  { { S1, P, 500, 300, { { OLD, 300, REVERSE } } },
	    { P, S1, 500, 300, { { OLD, 300, FORWARD } } },
	    { S2, P, 2500, 200, { { NEW, 200, REVERSE } } },
	    { P, S2, 2500, 200, { { NEW, 200, FORWARD } } } } },
	{ "what begins anew in the older one while the newer goes on",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2) },
	  { { S1, P, 3000, 100, { { OLD, 100, REVERSE } } },
	    { P, S1, 3000, 100, { { OLD, 100, FORWARD } } } } },
	{ "the phone is called in the older one, and calls in the newer",
	  { IS_CALLED(0, OLD, SAYS_S1), ANSWERS(400, OLD, SAYS_P),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2) },
	  { { S1, P, 500, 300, { { OLD, 300, FORWARD } } },
	    { S2, P, 2500, 200, { { NEW, 200, REVERSE } } } } },
	{ "the phone calls in the older one, and is called in the newer",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    IS_CALLED(2000, NEW, SAYS_S2), ANSWERS(2400, NEW, SAYS_P) },
	  { { S1, P, 500, 300, { { OLD, 300, REVERSE } } },
	    { P, S1, 500, 300, { { OLD, 300, FORWARD } } },
	    { S2, P, 2500, 200, { { NEW, 200, FORWARD } } } } },
	{ "three calls on one port",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(1000, NEW, SAYS_P), IS_ANSWERED(1400, NEW, SAYS_S2),
	    CALLS(2000, "third@test", SAYS_P), IS_ANSWERED(2400, "third@test", SAYS_S3) },
	  { { S1, P, 500, 200, { { OLD, 200, REVERSE } } },
	    { S2, P, 2600, 200, { { NEW, 200, REVERSE } } },
	    { S3, P, 2500, 200, { { "third@test", 200, REVERSE } } } } },

	{ "the last packets of the older one come after the newer has taken the port",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1), HANGS_UP(3000, OLD),
	    CALLS(3100, NEW, SAYS_P), IS_ANSWERED(3200, NEW, SAYS_S2) },
	  { { S1, P, 500, 145, { { OLD, 145, REVERSE } } }, /* until 3380 */
	    { S2, P, 3250, 100, { { NEW, 100, REVERSE } } } } },
	{ "the same two ends again: from the answer on it is the newer call's",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1), HANGS_UP(3000, OLD),
	    CALLS(3100, NEW, SAYS_P), IS_ANSWERED(3200, NEW, SAYS_S1) },
	  { { S1, P, 500, 100, { { OLD, 100, REVERSE } } },
	    { S1, P, 3250, 100, { { NEW, 100, REVERSE } } },
	    { P, S1, 500, 100, { { OLD, 100, FORWARD } } },
	    { P, S1, 3250, 100, { { NEW, 100, FORWARD } } } } },
	{ "the same two ends, SSRC and numbers again, and no BYE was seen",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(300000, NEW, SAYS_P), IS_ANSWERED(300400, NEW, SAYS_S1) },
	  { { S1, P, 500, 100, { { OLD, 100, REVERSE }, { NEW, 120, REVERSE } } },
	    { S1, P, 300500, 120, { { NULL, 0, FORWARD } }, true },
	    { P, S1, 500, 100, { { OLD, 100, FORWARD }, { NEW, 120, FORWARD } } },
	    { P, S1, 300500, 120, { { NULL, 0, FORWARD } }, true } } },
	{ "minutes later another far end, and no BYE was seen",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(300000, NEW, SAYS_P), IS_ANSWERED(300400, NEW, SAYS_S2) },
	  { { S1, P, 500, 100, { { OLD, 100, REVERSE } } },
	    { S2, P, 300500, 100, { { NEW, 100, REVERSE } } },
	    { P, S2, 300500, 100, { { NEW, 100, FORWARD } } } } },
	{ "the same two ends again with the offer in the 200, and no BYE was seen",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(3000, NEW, NULL),
	    { 3100, PBX, PHONE, "200 OK", "1 INVITE", "a", "b", SAYS_S1, NEW, NULL },
	    { 3110, PHONE, PBX, "ACK", "1 ACK", "a", "b", SAYS_P, NEW, NULL } },
	  { { S1, P, 500, 100, { { OLD, 100, REVERSE }, { NEW, 100, REVERSE } } },
	    { S1, P, 3200, 100, { { NULL, 0, FORWARD } }, true } } },

	{ "a far end behind a NAT: whom the phone sends to is the older call's",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_PRIVATE),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2) },
	  { { NAT, P, 500, 300, { { OLD, 300, REVERSE } } },
	    { P, NAT, 520, 300, { { OLD, 300, FORWARD } } },
	    { S2, P, 2500, 200, { { NEW, 200, REVERSE } } } } },
	{ "and a new SSRC of it",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_PRIVATE),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2) },
	  { { P, NAT, 520, 300, { { OLD, 300, FORWARD } } },
	    { NAT, P, 500, 90, { { OLD, 90, REVERSE } } },
	    { NAT, P, 3000, 90, { { OLD, 90, REVERSE } } } } },
	{ "but not when nothing went there for long",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_PRIVATE),
	    CALLS(60000, NEW, SAYS_P), IS_ANSWERED(60400, NEW, SAYS_PRIVATE) },
	  { { P, NAT, 520, 100, { { OLD, 100, FORWARD } } },
	    { NAT, P, 60500, 90, { { NEW, 90, REVERSE } } } } },
	{ "two phones behind one NAT, told by their ports",
	  { CALLS(0, OLD, SAYS_PRIVATE), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(100, NEW, SAYS_PRIVATE), IS_ANSWERED(500, NEW, SAYS_S2) },
	  { { NAT, S1, 600, 200, { { OLD, 200, FORWARD } } },
	    { S1, NAT, 620, 200, { { OLD, 200, REVERSE } } },
	    { "203.0.113.7:778", S2, 600, 200, { { NEW, 200, FORWARD } } },
	    { S2, "203.0.113.7:778", 620, 200, { { NEW, 200, REVERSE } } } } },

	{ "media that moves in the older one, beside a newer one",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(1000, NEW, SAYS_P), IS_ANSWERED(1400, NEW, SAYS_S2),
	    { 2000, PBX, PHONE, "INVITE", "2 INVITE", "b", "a", SAYS_S3, OLD, NULL },
	    { 2100, PHONE, PBX, "200 OK", "2 INVITE", "b", "a", SAYS_P, OLD, NULL } },
	  { { S1, P, 500, 75, { { OLD, 75, REVERSE } } },
	    { S3, P, 2110, 100, { { OLD, 100, REVERSE } } },
	    { P, S3, 2110, 100, { { OLD, 100, FORWARD } } },
	    { S2, P, 1500, 100, { { NEW, 100, REVERSE } } } } },
	{ "media before any answer is the newest call's that it may belong to",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    CALLS(2000, NEW, SAYS_P), IS_ANSWERED(4000, NEW, SAYS_S2) },
	  { { S1, P, 500, 200, { { OLD, 200, REVERSE } } },
	    { S2, P, 2500, 200, { { NEW, 200, REVERSE } } } } },
	{ "a relay's port that an older call has left: the newer one's from its first packet",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    { 1000, PBX, PHONE, "INVITE", "2 INVITE", "b", "a", SAYS_S3, OLD, NULL },
	    { 1100, PHONE, PBX, "200 OK", "2 INVITE", "b", "a", SAYS_P, OLD, NULL },
	    { 2000, RELAY, PBX, "INVITE", "1 INVITE", "c", NULL, SAYS_S2, NEW, NULL },
	    { 2100, PBX, RELAY, "200 OK", "1 INVITE", "c", "d", SAYS_S1, NEW, NULL } },
	  { { S2, S1, 2200, 100, { { NEW, 100, FORWARD } } },
	    { S1, S2, 2200, 100, { { NEW, 100, REVERSE } } },
	    { S3, P, 1200, 100, { { OLD, 100, REVERSE } } } } },

	/* Both legs of a B2BUA that leaves the media alone name the same ends: then, as
	 * between any equals, whose claim on the destination is the newest. */
	{ "media past a B2BUA",
	  { CALLS(0, OLD, SAYS_P),
	    { 50, PBX, RELAY, "INVITE", "1 INVITE", "c", NULL, SAYS_P, NEW, NULL },
	    { 400, RELAY, PBX, "200 OK", "1 INVITE", "c", "d", SAYS_S1, NEW, NULL },
	    IS_ANSWERED(450, OLD, SAYS_S1) },
	  { { S1, P, 500, 100, { { NEW, 100, REVERSE } } },
	    { P, S1, 500, 100, { { OLD, 100, FORWARD } } } } },
	{ "a relay that sends to itself: each leg has what it announces",
	  { CALLS(0, OLD, SAYS_P), IS_ANSWERED(400, OLD, SAYS_S1),
	    { 50, PBX, RELAY, "INVITE", "1 INVITE", "c", NULL,
	      SDP("198.19.0.1", AUDIO("6000", "0")), NEW, NULL },
	    { 390, RELAY, PBX, "200 OK", "1 INVITE", "c", "d", SAYS_S2, NEW, NULL } },
	  { { P, S1, 500, 100, { { OLD, 100, FORWARD } } },
	    { "198.19.0.1:6000", S2, 501, 100, { { NEW, 100, FORWARD } } },
	    { S2, "198.19.0.1:6000", 500, 100, { { NEW, 100, REVERSE } } },
	    { S1, P, 501, 100, { { OLD, 100, REVERSE } } } } },
};
/* clang-format on */

static size_t line_count(const struct says *lines)
{
	size_t count = 0;
	while (count < LINES && lines[count].what)
		count++;
	return count;
}

static void say_flows(struct scene *scene, const struct flow_says *flows)
{
	uint32_t ssrc = 0;
	uint16_t sequence = 0;
	for (size_t f = 0; f < FLOWS && flows[f].src; f++) {
		if (!flows[f].goes_on) {
			ssrc = (uint32_t)f + 1;
			sequence = 0;
		}
		const struct talk talk = { .ms = flows[f].ms,
			                   .src = flows[f].src,
			                   .dst = flows[f].dst,
			                   .ssrc = ssrc,
			                   .count = flows[f].count,
			                   .from_sequence = sequence };
		scene_talk(scene, &talk);
		sequence = (uint16_t)(sequence + flows[f].count);
	}
}

static const char *call_id_of(const struct scene *scene, uint64_t leg)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_LEG && scene->records[i].leg.id == leg)
			return scene->records[i].leg.sip_call_id;
	return "none";
}

/* The nth stream of that flow and SSRC, by the time of its first packet. */
static const struct stream_record *nth_stream(const struct scene *scene,
                                              const struct flow_says *flow, uint32_t ssrc,
                                              size_t n)
{
	const struct endpoint src = scene_endpoint(flow->src);
	const struct endpoint dst = scene_endpoint(flow->dst);
	const struct stream_record *found[2] = { NULL };
	size_t count = 0;
	for (size_t i = 0; i < scene->record_count; i++) {
		const struct stream_record *s = &scene->records[i].stream;
		if (scene->records[i].kind != RECORD_STREAM || s->ssrc != ssrc ||
		    !endpoint_equal(&s->src, &src) || !endpoint_equal(&s->dst, &dst))
			continue;
		if (count < ARRAY_LEN(found))
			found[count] = s;
		count++;
	}
	if (count == 2 && found[1]->first < found[0]->first) {
		const struct stream_record *first = found[1];
		found[1] = found[0];
		found[0] = first;
	}
	return n < count && count <= ARRAY_LEN(found) ? found[n] : NULL;
}

static void check_flow(const struct scene *scene, const char *what,
                       const struct flow_says *flow, uint32_t ssrc)
{
	size_t n = 0;
	for (; n < ARRAY_LEN(flow->owners) && flow->owners[n].packets; n++) {
		const struct stream_record *s = nth_stream(scene, flow, ssrc, n);
		const char *owner = s ? call_id_of(scene, s->leg) : "none";
		if (!s || strcmp(owner, flow->owners[n].call_id) != 0 ||
		    s->packets != flow->owners[n].packets ||
		    s->direction != flow->owners[n].direction)
			fail_msg("%s: %s > %s, stream %zu: of %s, %ju packets", what,
			         flow->src, flow->dst, n + 1, owner,
			         s ? (uintmax_t)s->packets : 0);
	}
	if (nth_stream(scene, flow, ssrc, n))
		fail_msg("%s: %s > %s: a stream too many", what, flow->src, flow->dst);
}

static void both_ends_decide(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		scene_script(scene, cases[i].lines, line_count(cases[i].lines));
		say_flows(scene, cases[i].flows);
		scene_run(scene);
		for (uint32_t f = 0; f < FLOWS && cases[i].flows[f].src; f++)
			if (!cases[i].flows[f].goes_on)
				check_flow(scene, cases[i].what, &cases[i].flows[f], f + 1);
		scene_free(scene);
	}
}

/* A load generator gives each of its calls the same port; the far ends differ. */
static void a_port_of_a_hundred_calls(void **state)
{
	enum { CALLS = 100 };
	(void)state;
	struct scene *scene = scene_new();
	char ids[CALLS][16], sdps[CALLS][160], ends[CALLS][32];
	for (size_t i = 0; i < CALLS; i++) {
		const double ms = 10.0 * (double)i;
		const unsigned int port = 10000 + 2 * (unsigned int)i;
		snprintf(ids[i], sizeof ids[i], "%zu@test", i);
		snprintf(ends[i], sizeof ends[i], "198.19.0.1:%u", port);
		snprintf(sdps[i], sizeof sdps[i],
		         "v=0\r\no=- 1 1 IN IP4 198.19.0.1\r\ns=-\r\nc=IN IP4 "
		         "198.19.0.1\r\nt=0 0\r\nm=audio %u RTP/AVP 0\r\n",
		         port);
		const struct says lines[] = { CALLS(ms, ids[i], SAYS_P),
			                      IS_ANSWERED(ms + 5, ids[i], sdps[i]) };
		SCENE_SCRIPT(scene, lines);
		const struct talk talk = {
			.ms = 2000, .src = ends[i], .dst = P, .ssrc = 7, .count = 10
		};
		scene_talk(scene, &talk);
	}
	scene_run(scene);
	for (size_t i = 0; i < CALLS; i++) {
		const struct stream_record *stream = scene_stream(scene, ends[i], 0);
		assert_string_equal(call_id_of(scene, stream->leg), ids[i]);
		assert_int_equal(stream->packets, 10);
	}
	scene_free(scene);
}

/* The phone hears the older call all the time; that is not what it should hear of the
 * newer. */
static void what_came_before_a_call_is_not_its_audio(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		CALLS(0, OLD, SAYS_P),    IS_ANSWERED(400, OLD, SAYS_S1),
		CALLS(2000, NEW, SAYS_P), IS_ANSWERED(2400, NEW, SAYS_S2),
		HANGS_UP(12000, NEW),     HANGS_UP(12500, OLD),
	};
	static const struct talk talks[] = {
		{ .ms = 500, .src = S1, .dst = P, .ssrc = 1, .count = 600 },
		{ .ms = 500, .src = P, .dst = S1, .ssrc = 2, .count = 600 },
		{ .ms = 2500, .src = P, .dst = S2, .ssrc = 3, .count = 470 },
	};
	SCENE_SCRIPT(scene, lines);
	for (size_t i = 0; i < ARRAY_LEN(talks); i++)
		scene_talk(scene, &talks[i]);
	scene_run(scene);
	const struct leg_record *before = scene_leg(scene, PHONE, 0);
	const struct leg_record *after = scene_leg(scene, PHONE, 1);
	if (strcmp(before->sip_call_id, OLD) != 0) {
		const struct leg_record *first = after;
		after = before;
		before = first;
	}
	assert_int_equal(before->audio_forward, AUDIO_FATE_OK);
	assert_int_equal(before->audio_reverse, AUDIO_FATE_OK);
	assert_false(before->one_way);
	assert_int_equal(after->audio_forward, AUDIO_FATE_OK);
	assert_int_equal(after->audio_reverse, AUDIO_FATE_NONE);
	assert_true(after->one_way);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_decide),
		cmocka_unit_test(a_port_of_a_hundred_calls),
		cmocka_unit_test(what_came_before_a_call_is_not_its_audio),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
