/*
 * ICE and DTLS of legs: what SDP agrees on against what the media endpoints see.  Messages:
 * RFC 8489 sections 5 and 14, RFC 6347 section 4.1, RFC 9147 section 4.
 */
#include "analyzer/wire/handshake.h"

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.18.0.2:5060"
#define A_RTP "198.18.0.1:4000"
#define B_RTP "198.18.0.2:6000"

#define COOKIE 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
#define HMAC                                                                               \
	0, 8, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
#define USERNAME 0, 6, 0, 5, 'a', ':', 'b', 'c', 'd', 0, 0, 0
static const uint8_t request[] = { 0, 1, 0, 36, COOKIE, USERNAME, HMAC };
static const uint8_t success[] = { 1, 1, 0, 24, COOKIE, HMAC };
static const uint8_t indication[] = { 0, 0x11, 0, 24, COOKIE, HMAC };
static const uint8_t to_a_server[] = { 0, 1, 0, 0, COOKIE };
static const uint8_t beyond[] = { 0, 1, 0, 40, COOKIE, USERNAME, HMAC };
static const uint8_t attribute_beyond[] = { 0, 1, 0, 8, COOKIE, 0, 6, 0, 9, 1, 2, 3, 4 };
static const uint8_t old_stun[] = { 0, 1, 0, 24, 9, 9, 9, 9, 1, 2,   3,
	                            4, 5, 6, 7,  8, 9, 0, 1, 2, HMAC };
#define RECORD(type, epoch) type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1, 0, 2, 1, 1
static const uint8_t hello[] = { RECORD(22, 0) };
static const uint8_t finished[] = { RECORD(22, 0), RECORD(20, 0), RECORD(22, 1) };
static const uint8_t alert[] = { RECORD(21, 0) };
static const uint8_t cut[] = { 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 1 };
static const uint8_t tls[] = { 22, 3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 1 };
static const uint8_t unified[] = { 0x2f, 0, 1, 0, 1, 7 };
static const uint8_t hello_and_unified[] = { RECORD(22, 0), 0x2f, 0, 1, 0, 1, 7 };
static const uint8_t rtp[] = { 0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1 };

#define DATAGRAM(bytes)                                                                    \
	{                                                                                  \
		(bytes), sizeof(bytes)                                                     \
	}
static const struct {
	const char *what;
	struct span bytes;
	unsigned int steps;
} datagrams[] = {
	{ "nothing", { NULL, 0 }, 0 },
	{ "a check", DATAGRAM(request), HANDSHAKE_ICE_REQUEST },
	{ "its answer", DATAGRAM(success), HANDSHAKE_ICE_SUCCESS },
	{ "an indication", DATAGRAM(indication), 0 },
	{ "a question to a server", DATAGRAM(to_a_server), 0 },
	{ "longer than the datagram", DATAGRAM(beyond), 0 },
	{ "an attribute longer than the message", DATAGRAM(attribute_beyond), 0 },
	{ "no cookie (RFC 3489)", DATAGRAM(old_stun), 0 },
	{ "hello", DATAGRAM(hello), HANDSHAKE_DTLS },
	{ "keys in the same datagram", DATAGRAM(finished),
	  HANDSHAKE_DTLS | HANDSHAKE_DTLS_KEYS },
	{ "an alert", DATAGRAM(alert), HANDSHAKE_DTLS | HANDSHAKE_DTLS_ALERT },
	{ "a record longer than the datagram", DATAGRAM(cut), 0 },
	{ "TLS", DATAGRAM(tls), 0 },
	{ "DTLS 1.3, encrypted", DATAGRAM(unified), HANDSHAKE_DTLS_KEYS },
	{ "DTLS 1.3, both", DATAGRAM(hello_and_unified),
	  HANDSHAKE_DTLS | HANDSHAKE_DTLS_KEYS },
	{ "RTP", DATAGRAM(rtp), 0 },
};

static void steps_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(datagrams); i++) {
		const unsigned int steps = handshake_steps(datagrams[i].bytes);
		if (steps != datagrams[i].steps)
			fail_msg("%s: %#x", datagrams[i].what, steps);
	}
}

/* --- legs --------------------------------------------------------------------------- */

#define ICE "a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
#define PRINT "a=fingerprint:sha-256 00:11:22\r\n"

struct sent {
	bool by_bob;
	struct span bytes;
};

static const struct {
	const char *what, *offer, *answer; /* attributes */
	struct sent sent[5];
	bool media;
	enum handshake_state ice, dtls;
} cases[] = {
	{ "neither", "", "", { { 0 } }, true, HANDSHAKE_NONE, HANDSHAKE_NONE },
	{ "offered, not taken",
	  ICE PRINT,
	  "",
	  { { 0 } },
	  true,
	  HANDSHAKE_OFFERED,
	  HANDSHAKE_OFFERED },
	{ "taken, and media without it",
	  ICE PRINT,
	  ICE PRINT,
	  { { 0 } },
	  true,
	  HANDSHAKE_NEVER_TRIED,
	  HANDSHAKE_NEVER_TRIED },
	{ "taken, and nothing of the media comes by",
	  ICE PRINT,
	  ICE PRINT,
	  { { 0 } },
	  false,
	  HANDSHAKE_NOT_SEEN,
	  HANDSHAKE_NOT_SEEN },
	{ "both come to their end",
	  ICE PRINT,
	  ICE PRINT,
	  { { false, DATAGRAM(request) },
	    { true, DATAGRAM(success) },
	    { false, DATAGRAM(hello) },
	    { true, DATAGRAM(finished) },
	    { false, DATAGRAM(finished) } },
	  false,
	  HANDSHAKE_COMPLETED,
	  HANDSHAKE_COMPLETED },
	{ "checks without an answer, hellos too",
	  ICE PRINT,
	  ICE PRINT,
	  { { false, DATAGRAM(request) },
	    { true, DATAGRAM(request) },
	    { false, DATAGRAM(hello) },
	    { true, DATAGRAM(alert) } },
	  true,
	  HANDSHAKE_FAILED,
	  HANDSHAKE_FAILED },
	{ "DTLS 1.3 one way, and media",
	  PRINT,
	  PRINT,
	  { { false, DATAGRAM(hello) }, { true, DATAGRAM(hello_and_unified) } },
	  true,
	  HANDSHAKE_NONE,
	  HANDSHAKE_COMPLETED },
	{ "what only looks encrypted is no DTLS",
	  PRINT,
	  PRINT,
	  { { false, DATAGRAM(unified) }, { true, DATAGRAM(unified) } },
	  true,
	  HANDSHAKE_NONE,
	  HANDSHAKE_NEVER_TRIED },
	{ "a question to a STUN server is no check",
	  ICE,
	  ICE,
	  { { false, DATAGRAM(to_a_server) } },
	  true,
	  HANDSHAKE_NEVER_TRIED,
	  HANDSHAKE_NONE },
};

static struct scene *play(size_t i)
{
	char offer[512], answer[512];
	struct scene *scene = scene_new();
	snprintf(offer, sizeof offer, SDP("198.18.0.1", AUDIO("4000", "0")) "%s",
	         cases[i].offer);
	snprintf(answer, sizeof answer, SDP("198.18.0.2", AUDIO("6000", "0")) "%s",
	         cases[i].answer);
	const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, offer, NULL, NULL },
		{ 500, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", answer, NULL, NULL },
		{ 9000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, NULL, NULL },
		{ 9010, BOB, ALICE, "200 OK", "2 BYE", "a", "b", NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	for (size_t k = 0; k < 5 && cases[i].sent[k].bytes.len; k++)
		scene_bytes(scene, 600 + 10.0 * (double)k,
		            cases[i].sent[k].by_bob ? B_RTP : A_RTP,
		            cases[i].sent[k].by_bob ? A_RTP : B_RTP,
		            cases[i].sent[k].bytes.at, cases[i].sent[k].bytes.len);
	for (unsigned int k = 0; cases[i].media && k < 2; k++)
		scene_talk(scene, &(struct talk){ .ms = 1000,
		                                  .src = k ? B_RTP : A_RTP,
		                                  .dst = k ? A_RTP : B_RTP,
		                                  .ssrc = 7 + k,
		                                  .count = 390 });
	scene_run(scene);
	return scene;
}

static void legs_know_how_far_they_came(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = play(i);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->ice != cases[i].ice || leg->dtls != cases[i].dtls)
			fail_msg("%s: ICE %d, DTLS %d", cases[i].what, (int)leg->ice,
			         (int)leg->dtls);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_told_apart),
		cmocka_unit_test(legs_know_how_far_they_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
