/* Who puts whom on hold, how often and for how long: RFC 3264 section 8.4. */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.18.0.2:5060"

/* clang-format off */
#define BYE(ms) { ms, ALICE, BOB, "BYE", "9 BYE", "a", "b", NULL, NULL, NULL }
#define BACK(ms, what, cseq) { ms, BOB, ALICE, what, cseq, "a", "b", NULL, NULL, NULL }
#define OFFER(ms, cseq, to, sdp) { ms, ALICE, BOB, "INVITE", cseq, "a", to, sdp, NULL, NULL }
#define ANSWER(ms, cseq, sdp) { ms, BOB, ALICE, "200 OK", cseq, "a", "b", sdp, NULL, NULL }
#define BOBS_OFFER(ms, cseq, sdp) { ms, BOB, ALICE, "INVITE", cseq, "b", "a", sdp, NULL, NULL }
#define ALICES_ANSWER(ms, cseq, sdp) \
	{ ms, ALICE, BOB, "200 OK", cseq, "b", "a", sdp, NULL, NULL }
/* clang-format on */

#define TALKS(address, port) SDP(address, AUDIO(port, "0"))
#define WAY(address, port, way) SDP(address, AUDIO(port, "0") "a=" way "\r\n")
#define A_TALKS TALKS("198.18.0.1", "4000")
#define B_TALKS TALKS("198.18.0.2", "6000")
#define A_WAY(way) WAY("198.18.0.1", "4000", way)
#define B_WAY(way) WAY("198.18.0.2", "6000", way)
#define TALKING OFFER(0, "1 INVITE", NULL, A_TALKS), ANSWER(1000, "1 INVITE", B_TALKS)

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[10];
	unsigned int holds;
	double seconds;
	enum party by;
} holds[] = {
	{ "never", { TALKING, BYE(9000) }, 0, NAN, PARTY_NONE },
	{ "by the caller, and back",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("sendonly")),
	    ANSWER(2500, "2 INVITE", B_WAY("recvonly")),
	    OFFER(5000, "3 INVITE", "b", A_TALKS), ANSWER(5500, "3 INVITE", B_TALKS),
	    BYE(9000) }, 1, 3, PARTY_CALLER },
	{ "by the callee until the end, inactive",
	  { TALKING, BOBS_OFFER(2000, "2 INVITE", B_WAY("inactive")),
	    ALICES_ANSWER(2500, "2 INVITE", A_WAY("inactive")),
	    BYE(9000) }, 1, 6.5, PARTY_CALLEE },
	{ "as of RFC 2543: c= 0.0.0.0",
	  { TALKING, OFFER(2000, "2 INVITE", "b", TALKS("0.0.0.0", "4000")),
	    ANSWER(2500, "2 INVITE", B_TALKS), BYE(9000) },
	  1, 6.5, PARTY_CALLER },
	{ "refused: the call goes on as it was",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("sendonly")),
	    BACK(2500, "488 Not Acceptable Here", "2 INVITE"),
	    BYE(9000) }, 0, NAN, PARTY_NONE },
	{ "by both, one after the other: one hold",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("sendonly")),
	    ANSWER(2500, "2 INVITE", B_WAY("recvonly")),
	    BOBS_OFFER(3000, "7 INVITE", B_WAY("sendonly")),
	    ALICES_ANSWER(3500, "7 INVITE", A_WAY("inactive")),
	    BYE(9000) }, 1, 6.5, PARTY_BOTH },
	{ "twice",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("sendonly")),
	    ANSWER(2500, "2 INVITE", B_WAY("recvonly")),
	    OFFER(3000, "3 INVITE", "b", A_TALKS), ANSWER(3500, "3 INVITE", B_TALKS),
	    OFFER(4000, "4 INVITE", "b", A_WAY("inactive")),
	    ANSWER(4500, "4 INVITE", B_WAY("inactive")),
	    BYE(9000) }, 2, 5.5, PARTY_CALLER },
	{ "offered inactive before the answer is no hold",
	  { OFFER(0, "1 INVITE", NULL, A_WAY("inactive")),
	    ANSWER(1000, "1 INVITE", B_WAY("inactive")),
	    BYE(9000) }, 0, NAN, PARTY_NONE },
};
/* clang-format on */

static bool is(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 1e-6;
}

static void holds_are_counted_and_timed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
		size_t count = 0;
		while (count < ARRAY_LEN(holds[i].lines) && holds[i].lines[count].what)
			count++;
		struct scene *scene = scene_new();
		scene_script(scene, holds[i].lines, count);
		scene_run(scene);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->holds != holds[i].holds || !is(leg->hold_s, holds[i].seconds) ||
		    leg->held_by != holds[i].by)
			fail_msg("%s: %ju holds, %g s, by %d", holds[i].what,
			         (uintmax_t)leg->holds, leg->hold_s, (int)leg->held_by);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_are_counted_and_timed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
