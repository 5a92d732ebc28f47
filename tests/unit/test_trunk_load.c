/* How many channels of a trunk are in use, and what a refusal then is found to be. */
#include <string.h>

#include "analyzer/model/trunk.h"
#include "tests/unit/scene.h"

#define PBX "198.18.0.1:5060"
#define CARRIER "198.18.0.2:5060"

enum { CHANNELS = 2 };

static struct trunks *trunk_of_two_channels(void)
{
	struct trunks *trunks;
	struct trunk_conflict conflict;
	struct trunk_net net;
	struct trunk trunk = trunk_default();
	strcpy(trunk.name, "north");
	trunk.channels = CHANNELS;
	assert_int_equal(trunks_new(&trunks), OK);
	assert_int_equal(trunks_add(trunks, &trunk), OK);
	assert_int_equal(trunk_net_parse(text_from("198.18.0.2"), &net), OK);
	assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	return trunks;
}

static void say(struct scene *scene, double ms, int call, const char *first,
                const char *cseq, bool back)
{
	char text[SCENE_PACKET_BYTES];
	const bool request = first[0] > '9';
	const int len = snprintf(
	        text, sizeof text,
	        "%s%s%s\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK%d%.3s\r\n"
	        "From: <sip:1@a.example>;tag=f%d\r\nTo: <sip:2@b.example>%s\r\n"
	        "Call-ID: c%d\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
	        request ? "" : "SIP/2.0 ", first, request ? " sip:2@b.example SIP/2.0" : "",
	        call, cseq, call, strcmp(first, "INVITE") == 0 ? "" : ";tag=t", call, cseq);
	assert_true(len > 0 && len < (int)sizeof text);
	scene_bytes(scene, ms, back ? CARRIER : PBX, back ? PBX : CARRIER, text,
	            (size_t)len);
}

/* From `ms` for three seconds. */
static void talk(struct scene *scene, double ms, int call)
{
	say(scene, ms, call, "INVITE", "1 INVITE", false);
	say(scene, ms + 50, call, "180 Ringing", "1 INVITE", true);
	say(scene, ms + 500, call, "200 OK", "1 INVITE", true);
	say(scene, ms + 510, call, "ACK", "1 ACK", false);
	say(scene, ms + 3000, call, "BYE", "2 BYE", false);
	say(scene, ms + 3005, call, "200 OK", "2 BYE", true);
}

static void refuse(struct scene *scene, double ms, int call, const char *status)
{
	say(scene, ms, call, "INVITE", "1 INVITE", false);
	say(scene, ms + 30, call, status, "1 INVITE", true);
	say(scene, ms + 35, call, "ACK", "1 ACK", false);
}

static const struct {
	const char *what, *status;
	int calls;            /* that are up when another is refused */
	const char *evidence; /* of its finding; NULL: none */
} cases[] = {
	{ "busy, and nothing else is up", "486 Busy Here", 0, NULL },
	{ "busy, one channel is left", "486 Busy Here", 1, NULL },
	{ "busy, and all channels are taken", "486 Busy Here", 2,
	  "486 Busy Here, Q.850 cause 0; 2 of 2 channels of trunk north in use" },
	{ "not found, whatever is up", "404 Not Found", 2, NULL },
	{ "503 says so itself", "503 Service Unavailable", 1,
	  "503 Service Unavailable, Q.850 cause 0; 1 of 2 channels of trunk north in use" },
};

static void a_refusal_knows_how_full_the_trunk_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		struct trunks *trunks = trunk_of_two_channels();
		scene->settings.trunks = trunks;
		/* Calls that are over take nothing. */
		talk(scene, 0, 9);
		refuse(scene, 4000, 8, "486 Busy Here");
		for (int call = 0; call < cases[i].calls; call++)
			talk(scene, 10000 + 10 * call, call);
		refuse(scene, 11000, 7, cases[i].status);
		scene_run(scene);
		const size_t found = scene_count(scene, RECORD_FINDING);
		if (found != (cases[i].evidence ? 1 : 0))
			fail_msg("%s: %zu findings", cases[i].what, found);
		if (found) {
			const struct finding_record *finding =
			        &scene_record(scene, RECORD_FINDING, 0)->finding;
			assert_int_equal(finding->code, FINDING_TRUNK_CAPACITY);
			assert_string_equal(finding->evidence, cases[i].evidence);
		}
		scene_free(scene);
		trunks_free(trunks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_knows_how_full_the_trunk_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
