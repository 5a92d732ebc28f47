/*
 * Addresses that messages name, against those that they come from: RFC 3581 (rport), the
 * examples of RFC 6314, and what ALGs do (RFC 7362 section 4).
 */
#include "tests/unit/scene.h"

#define ALICE "203.0.113.5:41234" /* the NAT's outside */
#define BOB "198.51.100.7:5060"
#define INSIDE "192.168.1.20"

/* One INVITE and one 200; NULL: as an honest device without NAT has it. */
struct words {
	const char *via, *contact, *sdp, *origin;
	bool proxied;                        /* there is a second Via */
	const char *via_back, *received;     /* in the 200 */
	const char *contact_back, *sdp_back; /* likewise */
};

static void say(struct scene *scene, const struct words *w)
{
	char body[256], text[SCENE_PACKET_BYTES];
	const char *via = w->via ? w->via : "203.0.113.5:41234";
	snprintf(body, sizeof body,
	         "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
	         "m=audio 4000 RTP/AVP 8\r\n",
	         w->origin ? w->origin
	         : w->sdp  ? w->sdp
	                   : "203.0.113.5",
	         w->sdp ? w->sdp : "203.0.113.5");
	int len = snprintf(
	        text, sizeof text,
	        "INVITE sip:bob@b.example SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK1\r\n%s"
	        "From: <sip:alice@a.example>;tag=a\r\nTo: <sip:bob@b.example>\r\n"
	        "Call-ID: one@test\r\nCSeq: 1 INVITE\r\n"
	        "Contact: <sip:alice@%s>\r\n"
	        "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
	        via, w->proxied ? "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0\r\n" : "",
	        w->contact ? w->contact : "203.0.113.5:41234", strlen(body), body);
	scene_bytes(scene, 0, ALICE, BOB, text, (size_t)len);
	snprintf(body, sizeof body,
	         "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
	         "m=audio 6000 RTP/AVP 8\r\n",
	         w->sdp_back ? w->sdp_back : "198.51.100.7");
	len = snprintf(
	        text, sizeof text,
	        "SIP/2.0 200 OK\r\n"
	        "Via: SIP/2.0/UDP %s;branch=z9hG4bK1%s\r\n"
	        "From: <sip:alice@a.example>;tag=a\r\nTo: <sip:bob@b.example>;tag=b\r\n"
	        "Call-ID: one@test\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@%s>\r\n"
	        "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
	        w->via_back ? w->via_back : via, w->received ? w->received : "",
	        w->contact_back ? w->contact_back : "198.51.100.7", strlen(body), body);
	scene_bytes(scene, 500, BOB, ALICE, text, (size_t)len);
}

#define AS_SEEN ";received=203.0.113.5;rport=41234"

static const struct {
	const char *what;
	struct words words;
	uint32_t src, dst;
	const char *via_src, *contact_src, *sdp_src, *contact_dst, *sdp_dst;
} cases[] = {
	{ "no NAT", { 0 }, 0, 0, "", "", "", "", "" },
	{ "a device behind NAT that knows nothing of it",
	  { INSIDE ":5060", INSIDE ":5060", INSIDE, .received = AS_SEEN },
	  NAT_VIA | NAT_RECEIVED | NAT_CONTACT | NAT_CONTACT_PRIVATE | NAT_SDP |
	          NAT_SDP_PRIVATE,
	  0,
	  INSIDE ":5060",
	  INSIDE,
	  INSIDE,
	  "",
	  "" },
	{ "a device that learnt its address from rport, and uses it in Contact",
	  { INSIDE ":5060", NULL, INSIDE, .received = AS_SEEN },
	  NAT_VIA | NAT_RECEIVED | NAT_SDP | NAT_SDP_PRIVATE,
	  0,
	  INSIDE ":5060",
	  "",
	  INSIDE,
	  "",
	  "" },
	{ "an ALG that changes c= and forgets o=",
	  { .origin = INSIDE },
	  NAT_ALG,
	  0,
	  "",
	  "",
	  "",
	  "",
	  "" },
	{ "an ALG that changes the SDP and forgets Contact",
	  { INSIDE, INSIDE },
	  NAT_VIA | NAT_CONTACT | NAT_CONTACT_PRIVATE | NAT_ALG,
	  0,
	  INSIDE,
	  INSIDE,
	  "",
	  "",
	  "" },
	{ "an ALG that changes Via alone",
	  { NULL, INSIDE, INSIDE },
	  NAT_CONTACT | NAT_CONTACT_PRIVATE | NAT_SDP | NAT_SDP_PRIVATE | NAT_ALG,
	  0,
	  "",
	  INSIDE,
	  INSIDE,
	  "",
	  "" },
	{ "a proxy whose relay changes c= is no ALG",
	  { .contact = INSIDE, .origin = INSIDE, .proxied = true },
	  NAT_CONTACT | NAT_CONTACT_PRIVATE,
	  0,
	  "",
	  INSIDE,
	  "",
	  "",
	  "" },
	{ "an ALG changes the Via on the way back",
	  { .via_back = INSIDE ":5060" },
	  NAT_REWRITTEN | NAT_ALG,
	  0,
	  "",
	  "",
	  "",
	  "",
	  "" },
	{ "received= that says what Via says",
	  { .received = AS_SEEN },
	  0,
	  0,
	  "",
	  "",
	  "",
	  "",
	  "" },
	{ "names tell nothing",
	  { "phone.example", "phone.example" },
	  0,
	  0,
	  "phone.example",
	  "phone.example",
	  "",
	  "",
	  "" },
	{ "a media server elsewhere",
	  { .sdp_back = "198.51.100.9" },
	  0,
	  NAT_SDP,
	  "",
	  "",
	  "",
	  "",
	  "198.51.100.9" },
	{ "the callee is behind NAT",
	  { .contact_back = "10.0.0.9:5060", .sdp_back = "10.0.0.9" },
	  0,
	  NAT_CONTACT | NAT_CONTACT_PRIVATE | NAT_SDP | NAT_SDP_PRIVATE,
	  "",
	  "",
	  "",
	  "10.0.0.9",
	  "10.0.0.9" },
	{ "no address to receive at", { .sdp_back = "0.0.0.0" }, 0, 0, "", "", "", "", "" },
};

static void addresses_are_held_against_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		say(scene, &cases[i].words);
		scene_run(scene);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->nat_src != cases[i].src || leg->nat_dst != cases[i].dst)
			fail_msg("%s: %#x %#x", cases[i].what, leg->nat_src, leg->nat_dst);
		if (strcmp(leg->via_src, cases[i].via_src) != 0 ||
		    strcmp(leg->contact_src, cases[i].contact_src) != 0 ||
		    strcmp(leg->sdp_src, cases[i].sdp_src) != 0 ||
		    strcmp(leg->contact_dst, cases[i].contact_dst) != 0 ||
		    strcmp(leg->sdp_dst, cases[i].sdp_dst) != 0)
			fail_msg("%s: %s %s %s %s %s", cases[i].what, leg->via_src,
			         leg->contact_src, leg->sdp_src, leg->contact_dst,
			         leg->sdp_dst);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_held_against_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
