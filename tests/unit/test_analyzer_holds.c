/* Who puts whom on hold, how often and for how long: RFC 3264 section 8.4; and what the
 * media does meanwhile. */
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

/* --- timestamps over a hold ----------------------------------------------------------- */

#define HOLDS                                                                              \
	OFFER(2000, "2 INVITE", "b", A_WAY("inactive")),                                   \
	        ANSWER(2500, "2 INVITE", B_WAY("inactive"))
#define RESUMES OFFER(5000, "3 INVITE", "b", A_TALKS), ANSWER(5500, "3 INVITE", B_TALKS)

/* So many packets of the caller's from then on, of 20 ms; by how much more than 20 ms the
 * timestamp steps before the first of them. */
struct part {
	double ms;
	unsigned int count;
	double step_ms;
};

enum { ANOTHER_CLOCK = 4711000, LATE_FOR_HALF_A_SECOND = 25 };

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[12];
	struct part parts[4]; /* 1000 to 2480 is where it begins */
	unsigned int resyncs, late;
	double jitter_max_ms; /* |D| / 16 of one stall */
} pauses[] = {
	{ "the timestamp stands still, as the phone's do",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 0 } }, 1, 0, 0 },
	{ "it goes on with the time",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 3020 } }, 0, 0, 0 },
	{ "it begins anew",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, ANOTHER_CLOCK } }, 1, 0, 0 },
	{ "it stands still, and nobody is on hold",
	  { TALKING, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 0 } }, 0, LATE_FOR_HALF_A_SECOND, 3020.0 / 16 },
	{ "the first packets come before the answer that lets them",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5400, 100, 0 } }, 1, 0, 0 },
	{ "the last ones come after the answer that forbids them",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 90, 0 }, { 5520, 100, 0 } }, 1, 0, 0 },
	{ "on hold the callee alone is silent",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("recvonly")),
	    ANSWER(2500, "2 INVITE", B_WAY("sendonly")), RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 0 } }, 1, 0, 0 },
	{ "the other way is held, this one stalls",
	  { TALKING, BOBS_OFFER(2000, "2 INVITE", B_WAY("recvonly")),
	    ALICES_ANSWER(2500, "2 INVITE", A_WAY("sendonly")),
	    BOBS_OFFER(5000, "3 INVITE", B_TALKS), ALICES_ANSWER(5500, "3 INVITE", A_TALKS),
	    BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 0 } }, 0, LATE_FOR_HALF_A_SECOND, 3020.0 / 16 },
	{ "the phone sends on in spite of the hold; a stall after it is one",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 250, 0 }, { 7000, 90, 0 } }, 0, LATE_FOR_HALF_A_SECOND, 1000.0 / 16 },
	{ "so is one behind the pause",
	  { TALKING, HOLDS, RESUMES, BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 50, 0 }, { 7520, 50, 0 } },
	  1, LATE_FOR_HALF_A_SECOND, 1000.0 / 16 },
	{ "held twice",
	  { TALKING, HOLDS, RESUMES, OFFER(7000, "4 INVITE", "b", A_WAY("sendonly")),
	    ANSWER(7100, "4 INVITE", B_WAY("recvonly")),
	    OFFER(8000, "5 INVITE", "b", A_TALKS), ANSWER(8100, "5 INVITE", B_TALKS),
	    BYE(9900) },
	  { { 1000, 75, 0 }, { 5520, 70, 0 }, { 8110, 80, 0 } }, 2, 0, 0 },
	{ "a hold that was refused is none",
	  { TALKING, OFFER(2000, "2 INVITE", "b", A_WAY("inactive")),
	    BACK(2500, "488 Not Acceptable Here", "2 INVITE"), BYE(9000) },
	  { { 1000, 75, 0 }, { 5520, 100, 0 } }, 0, LATE_FOR_HALF_A_SECOND, 3020.0 / 16 },
};
/* clang-format on */

static void say_parts(struct scene *scene, const struct part *parts)
{
	double timestamp_ms = 0;
	uint16_t sequence = 0;
	for (size_t p = 0; p < ARRAY_LEN(pauses[0].parts); p++) {
		timestamp_ms += parts[p].step_ms;
		for (unsigned int i = 0; i < parts[p].count; i++, sequence++) {
			const struct rtp_says says = {
				.ms = parts[p].ms + 20.0 * i,
				.src = "198.18.0.1:4000",
				.dst = "198.18.0.2:6000",
				.ssrc = 1,
				.timestamp = (uint32_t)(timestamp_ms * 8),
				.sequence = sequence,
			};
			scene_rtp(scene, &says);
			timestamp_ms += 20;
		}
	}
}

static void what_a_hold_does_to_timestamps_is_no_delay(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		size_t count = 0;
		while (count < ARRAY_LEN(pauses[i].lines) && pauses[i].lines[count].what)
			count++;
		struct scene *scene = scene_new();
		scene_script(scene, pauses[i].lines, count);
		say_parts(scene, pauses[i].parts);
		scene_run(scene);
		assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
		const struct stream_record *stream =
		        scene_stream(scene, "198.18.0.1:4000", 0);
		if (stream->ts_resync != pauses[i].resyncs ||
		    !is(stream->jitter_max_ms, pauses[i].jitter_max_ms))
			fail_msg("%s: %ju resyncs, jitter of %g ms", pauses[i].what,
			         (uintmax_t)stream->ts_resync, stream->jitter_max_ms);
		for (size_t b = 0; b < stream->buffers.count; b++)
			if (!is(stream->buffers.buffers[b].discarded, pauses[i].late))
				fail_msg("%s: %g too late", pauses[i].what,
				         stream->buffers.buffers[b].discarded);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_are_counted_and_timed),
		cmocka_unit_test(what_a_hold_does_to_timestamps_is_no_delay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
