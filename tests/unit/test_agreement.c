/* Offers and answers in the orders that RFC 3264, RFC 6337 and RFC 3262 know. */
#include "analyzer/track/agreement.h"
#include "analyzer/track/sip_glance.h"

#include "tests/unit/unit.h"

#define U AUDIO_WANT_UNKNOWN
#define W AUDIO_WANTED
#define H AUDIO_WANT_HELD
#define M AUDIO_WANT_MOVED
#define N AUDIO_WANT_NOTHING

#define BODY(c, media) "v=0\r\nc=IN IP4 " c "\r\n" media
#define AUDIO(lines) BODY("198.18.0.1", "m=audio 4000 RTP/AVP 0\r\n" lines)
#define BOTH AUDIO("")
#define SENDONLY AUDIO("a=sendonly\r\n")
#define RECVONLY AUDIO("a=recvonly\r\n")
#define INACTIVE AUDIO("a=inactive\r\n")
#define NOWHERE BODY("0.0.0.0", "m=audio 4000 RTP/AVP 0\r\n")
#define REFUSED BODY("198.18.0.1", "m=audio 0 RTP/AVP 0\r\n")
#define FAX BODY("198.18.0.1", "m=image 4000 udptl t38\r\n")
#define FAX_BESIDE BODY("198.18.0.1", "m=audio 0 RTP/AVP 0\r\nm=image 4000 udptl t38\r\n")
#define VIDEO BODY("198.18.0.1", "m=video 4000 RTP/AVP 96\r\n")
#define TWO                                                                                \
	BODY("198.18.0.1",                                                                 \
	     "m=audio 0 RTP/AVP 9\r\nm=audio 4000 RTP/AVP 0\r\na=recvonly\r\n")

/* status 0: a request */
struct step {
	enum sip_method method;
	unsigned int status;
	bool from_caller;
	const char *sdp;
};
#define INVITE(sdp)                                                                        \
	{                                                                                  \
		SIP_INVITE, 0, true, sdp                                                   \
	}
#define OK_(sdp)                                                                           \
	{                                                                                  \
		SIP_INVITE, 200, false, sdp                                                \
	}
#define ACK(sdp)                                                                           \
	{                                                                                  \
		SIP_ACK, 0, true, sdp                                                      \
	}
#define CALL INVITE(BOTH), OK_(BOTH), ACK(NULL)

/* Of all agreements the last one holds; `rounds` of them were reached. */
static const struct {
	const char *what;
	struct step steps[10];
	int forward, reverse;
	unsigned int rounds;
} cases[] = {
	{ "an offer alone", { INVITE(BOTH) }, U, U, 0 },
	{ "offer and answer", { CALL }, W, W, 1 },
	{ "an offer in the 200, answered in the ACK",
	  { INVITE(NULL), OK_(BOTH), ACK(BOTH) },
	  W,
	  W,
	  1 },
	{ "an offer in a reliable 183, answered in PRACK",
	  { INVITE(NULL),
	    { SIP_INVITE, 183, false, BOTH },
	    { SIP_PRACK, 0, true, RECVONLY },
	    { SIP_PRACK, 200, false, NULL },
	    OK_(NULL),
	    ACK(NULL) },
	  H,
	  W,
	  1 },
	{ "an answer in the 183 and again in the 200",
	  { INVITE(BOTH), { SIP_INVITE, 183, false, SENDONLY }, OK_(SENDONLY), ACK(NULL) },
	  H,
	  W,
	  2 },
	{ "PRACK and its 200 without SDP end no offer of INVITE",
	  { INVITE(BOTH),
	    { SIP_INVITE, 180, false, NULL },
	    { SIP_PRACK, 0, true, NULL },
	    { SIP_PRACK, 200, false, NULL },
	    OK_(BOTH) },
	  W,
	  W,
	  1 },
	{ "a challenge ends it",
	  { INVITE(SENDONLY), { SIP_INVITE, 407, false, NULL }, CALL },
	  W,
	  W,
	  1 },
	{ "an announcement may be all that is asked for",
	  { INVITE(RECVONLY), OK_(SENDONLY) },
	  H,
	  W,
	  1 },
	{ "hold by the caller: music is its right, no duty",
	  { CALL, INVITE(SENDONLY), OK_(RECVONLY) },
	  H,
	  H,
	  2 },
	{ "hold by the callee",
	  { CALL, { SIP_INVITE, 0, false, SENDONLY }, { SIP_INVITE, 200, true, RECVONLY } },
	  H,
	  H,
	  2 },
	{ "hold by UPDATE",
	  { CALL, { SIP_UPDATE, 0, true, INACTIVE }, { SIP_UPDATE, 200, false, INACTIVE } },
	  H,
	  H,
	  2 },
	{ "hold as RFC 2543 had it", { CALL, INVITE(NOWHERE), OK_(BOTH) }, H, H, 2 },
	{ "hold, answered by somebody who does not understand it",
	  { CALL, INVITE(SENDONLY), OK_(BOTH) },
	  H,
	  H,
	  2 },
	{ "a caller that only listens from now on",
	  { CALL, INVITE(RECVONLY), OK_(SENDONLY) },
	  H,
	  W,
	  2 },
	{ "resumed", { CALL, INVITE(SENDONLY), OK_(RECVONLY), ACK(NULL), CALL }, W, W, 3 },
	{ "hold that was refused",
	  { CALL, INVITE(SENDONLY), { SIP_INVITE, 488, false, NULL } },
	  W,
	  W,
	  1 },
	{ "hold that was not answered", { CALL, INVITE(SENDONLY) }, W, W, 1 },
	{ "a fax in the place of audio", { CALL, INVITE(FAX), OK_(FAX) }, M, M, 2 },
	{ "a fax beside audio with port 0",
	  { CALL, INVITE(FAX_BESIDE), OK_(FAX_BESIDE) },
	  M,
	  M,
	  2 },
	{ "a fax that was refused",
	  { CALL, INVITE(FAX), { SIP_INVITE, 488, false, NULL } },
	  W,
	  W,
	  1 },
	{ "audio that was refused", { INVITE(BOTH), OK_(REFUSED) }, M, M, 1 },
	{ "no audio line at all", { INVITE(VIDEO), OK_(VIDEO) }, N, N, 1 },
	{ "of two audio lines the one that is not refused",
	  { INVITE(BOTH), OK_(TWO) },
	  W,
	  H,
	  1 },
	{ "the offerer's own response is no answer",
	  { INVITE(BOTH), { SIP_INVITE, 200, true, BOTH } },
	  U,
	  U,
	  0 },
	{ "nor is SDP in other methods",
	  { INVITE(BOTH), { SIP_OPTIONS, 200, false, BOTH } },
	  U,
	  U,
	  0 },
};

static const struct address outside = { { [10] = 0xff, [11] = 0xff, 203, 0, 113, 9 } };
static const struct address inside = { { [10] = 0xff, [11] = 0xff, 192, 168, 0, 9 } };

static struct audio_side side_of(const char *body, const struct address *from)
{
	static struct sdp sdp;
	struct sdp_glance_line lines[SIP_GLANCE_LINES];
	struct sdp_glance_format formats[SIP_GLANCE_FORMATS];
	const struct sdp_glance_room room = { lines, formats, ARRAY_LEN(lines),
		                              ARRAY_LEN(formats) };
	struct sdp_glance glance;
	unsigned int dropped;
	assert_int_equal(sdp_parse(text_from(body), &sdp, &dropped), OK);
	sdp_glance_of(&sdp, &room, &glance);
	assert_int_equal(glance.status, OK);
	return audio_side_of(&glance, from);
}

static bool take_step(struct agreement *a, const struct step *step,
                      struct agreement_outcome *out)
{
	const struct sip_message message = { .is_request = step->status == 0,
		                             .method = step->method,
		                             .status = step->status };
	struct audio_side side;
	if (step->sdp)
		side = side_of(step->sdp, &inside);
	return agreement_take(a, &message, step->from_caller, step->sdp ? &side : NULL,
	                      out);
}

static void the_last_agreement_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct agreement a = { 0 };
		struct agreement_outcome last = { 0 };
		unsigned int rounds = 0;
		for (size_t k = 0; k < ARRAY_LEN(cases[i].steps); k++)
			if (cases[i].steps[k].method)
				rounds += take_step(&a, &cases[i].steps[k], &last);
		if ((int)last.want[AUDIO_FORWARD] != cases[i].forward ||
		    (int)last.want[AUDIO_REVERSE] != cases[i].reverse ||
		    rounds != cases[i].rounds)
			fail_msg("%s: %d, %d after %u", cases[i].what,
			         last.want[AUDIO_FORWARD], last.want[AUDIO_REVERSE],
			         rounds);
	}
}

static const struct {
	const char *what, *sdp;
	const struct address *from;
	bool stranded;
} places[] = {
	{ "private, from outside", BODY("192.168.1.2", "m=audio 4000 RTP/AVP 0\r\n"),
	  &outside, true },
	{ "private, from inside", BODY("192.168.1.2", "m=audio 4000 RTP/AVP 0\r\n"),
	  &inside, false },
	{ "public", BODY("198.18.0.1", "m=audio 4000 RTP/AVP 0\r\n"), &outside, false },
	{ "hold is no address", NOWHERE, &outside, false },
	{ "a name tells nothing", BODY("host.example", "m=audio 4000 RTP/AVP 0\r\n"),
	  &outside, false },
};

static void a_private_address_from_outside_strands_its_receiver(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct sip_message invite = { .is_request = true,
			                            .method = SIP_INVITE };
		const struct sip_message ok = { .method = SIP_INVITE, .status = 200 };
		struct agreement a = { 0 };
		struct agreement_outcome out;
		const struct audio_side caller = side_of(places[i].sdp, places[i].from);
		const struct audio_side callee = side_of(BOTH, &outside);
		assert_false(agreement_take(&a, &invite, true, &caller, &out));
		assert_true(agreement_take(&a, &ok, false, &callee, &out));
		assert_false(out.unroutable[AUDIO_FORWARD]);
		if (out.unroutable[AUDIO_REVERSE] != places[i].stranded)
			fail_msg("%s", places[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_agreement_holds),
		cmocka_unit_test(a_private_address_from_outside_strands_its_receiver),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
