/*
 * awkward.h - calls with one awkward thing in each, for the rows of quality.md section 9:
 * what was sent, in runs of packets, and the figures that must come of it.
 */
#ifndef EARSHOT_TESTS_AWKWARD_H
#define EARSHOT_TESTS_AWKWARD_H

#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define BOB_RTP "198.19.0.1:5000"

#define MEDIA_MS 600 /* the first packet; the answer was at 500 */
#define UNKNOWN (-1.0)

/* NOLINTBEGIN(bugprone-macro-parentheses): pieces of strings, and of initializers */
#define MEDIA(types, more)                                                                 \
	.offer = SDP("198.18.0.1", AUDIO("4000", types) more),                             \
	.answer = SDP("198.19.0.1", AUDIO("5000", types) more)
#define PLAIN MEDIA("0", "")
/* The timestamp is that of the time: `khz` ticks for each ms. */
#define AT(khz, at_ms, number, step)                                                       \
	.ms = at_ms, .sequence = number, .ticks = step,                                    \
	.origin = (uint32_t)((khz) * (at_ms) - (number) * (step))
#define OF_PCMU .codec = CODEC_PCMU, .clock_hz = 8000, .basis = CLOCK_SDP, .band = BAND_NB
#define NO_CODEC .jitter_max_ms = UNKNOWN, .ptime_ms = UNKNOWN, .r = UNKNOWN
#define LOSSLESS_R 93.2062

#define SPAN_OF(bytes)                                                                     \
	{                                                                                  \
		bytes, sizeof bytes                                                        \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

static const uint8_t opus_fullband[20] = { 0xf8 };
static const uint8_t pcmu_in_pcmu[40] = { 0x80, 0x02, 0x80, 0x04, 0x00 };

enum run_kind {
	MARKED = 1 << 0,     /* the marker on the first packet */
	ALL_MARKED = 1 << 1, /* on every packet */
	FROZEN = 1 << 2,     /* one timestamp for all */
	SAME_ID = 1 << 3,    /* the IP packet once more: identified by its number */
};

/* Packets at equal distances.  Times are from the first packet of the stream. */
struct run {
	uint32_t count;
	double ms;
	uint32_t sequence; /* the timestamp is `origin` + sequence * ticks */
	uint32_t ticks;    /* 0: 160 */
	uint32_t origin;
	double every_ms; /* 0: 20 */
	uint8_t type;
	unsigned int kind;
	uint32_t ssrc; /* 0: 1 */
};

enum { MOST_RUNS = 10 };

/* Buffers: f50, f200, adaptive. */
struct figures {
	uint64_t packets, expected, lost, duplicates, reordered, restarts, ts_resync;
	uint64_t outage_lost, span_copies;
	double jitter_max_ms, delta_max_ms, ptime_ms; /* UNKNOWN: not known */
	double discarded[RECORD_MAX_BUFFERS];
	enum codec codec;
	uint32_t clock_hz;
	enum clock_basis basis;
	enum band band;
	double ppl, r; /* UNKNOWN: not scored */
	uint32_t flags;
};

struct awkward {
	const char *what;
	const char *offer, *answer; /* NULL: no SIP */
	struct run runs[MOST_RUNS]; /* up to the first of none */
	struct span payload;
	struct figures figures; /* of the first stream */
	void (*check)(const struct scene *scene, const struct stream_record *stream);
	void (*more)(struct scene *scene); /* says more */
	bool as_said;                      /* the capture is not in the order of time */
};

static inline void say_call(struct scene *scene, const struct awkward *row)
{
	const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, row->offer, NULL, NULL },
		{ 500, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", row->answer, NULL,
		  NULL },
		{ 510, ALICE, BOB, "ACK", "1 ACK", "a", "b", NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
}

static inline void say_again(struct scene *scene, const char *offer, const char *answer)
{
	const struct says lines[] = {
		{ 3590, ALICE, BOB, "INVITE", "2 INVITE", "a", "b", offer, NULL, NULL },
		{ 3595, BOB, ALICE, "200 OK", "2 INVITE", "a", "b", answer, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
}

static inline void say_run(struct scene *scene, const struct run *run, struct span payload)
{
	const uint32_t ticks = run->ticks ? run->ticks : 160;
	for (uint32_t i = 0; i < run->count; i++) {
		const struct rtp_says says = {
			.ms = MEDIA_MS + run->ms +
			      (run->every_ms > 0 ? run->every_ms : 20) * i,
			.src = ALICE_RTP,
			.dst = BOB_RTP,
			.ssrc = run->ssrc ? run->ssrc : 1,
			.timestamp = run->origin +
			             (run->sequence + (run->kind & FROZEN ? 0 : i)) * ticks,
			.sequence = (uint16_t)(run->sequence + i),
			.payload_type = run->type,
			.marker = run->kind & ALL_MARKED || (run->kind & MARKED && i == 0),
			.payload = payload,
		};
		struct packet *packet = scene_rtp(scene, &says);
		if (run->kind & SAME_ID)
			packet->ip_id = (uint16_t)(says.sequence + 1);
	}
}

static unsigned int awkward_wrong; /* figures, of all rows */

static inline void awkward_count(const char *row, const char *what, uint64_t is,
                                 uint64_t right)
{
	if (is == right)
		return;
	print_error("%s: %s %ju, must be %ju\n", row, what, (uintmax_t)is,
	            (uintmax_t)right);
	awkward_wrong++;
}

static inline void awkward_real(const char *row, const char *what, double is, double right,
                                double tolerance)
{
	const bool unknown = right == UNKNOWN; /* exactly: it is a mark */
	if (unknown ? isnan(is) : fabs(is - right) <= tolerance)
		return;
	print_error("%s: %s %.4f, must be %.4f\n", row, what, is, right);
	awkward_wrong++;
}

static inline void awkward_counts(const char *row, const struct stream_record *is,
                                  const struct figures *right)
{
	awkward_count(row, "packets", is->packets, right->packets);
	awkward_count(row, "expected", is->expected, right->expected);
	awkward_count(row, "lost", is->lost, right->lost);
	awkward_count(row, "received", is->received, right->expected - right->lost);
	awkward_count(row, "duplicates", is->duplicates, right->duplicates);
	awkward_count(row, "reordered", is->reordered, right->reordered);
	awkward_count(row, "restarts", is->restarts, right->restarts);
	awkward_count(row, "ts_resync", is->ts_resync, right->ts_resync);
	awkward_count(row, "outage_lost", is->outage_lost, right->outage_lost);
	awkward_count(row, "span_copies", is->span_copies, right->span_copies);
	awkward_count(row, "flags", is->flags, right->flags);
}

static inline void awkward_figures(const char *row, const struct stream_record *is,
                                   const struct figures *right)
{
	static const char *const discarded[] = { "late for 50 ms", "late for 200 ms",
		                                 "late for the adaptive buffer" };
	awkward_counts(row, is, right);
	awkward_real(row, "greatest jitter", is->jitter_max_ms, right->jitter_max_ms, 1e-3);
	awkward_real(row, "greatest delta", is->delta_max_ms, right->delta_max_ms, 1e-3);
	awkward_real(row, "packet time", is->ptime_ms, right->ptime_ms, 1e-6);
	for (size_t b = 0; b < RECORD_MAX_BUFFERS; b++)
		awkward_real(row, discarded[b], is->buffers.buffers[b].discarded,
		             right->discarded[b], 0);
	awkward_count(row, "codec", is->codec, right->codec);
	awkward_count(row, "clock", is->clock_hz, right->clock_hz);
	awkward_count(row, "source of the clock", is->clock_basis, right->basis);
	awkward_count(row, "band", is->band, right->band);
	awkward_real(row, "Ppl", is->ppl, right->ppl, 1e-3);
	awkward_real(row, "R", is->r, right->r, 0.01);
	awkward_count(row, "scored", (uint64_t)!isnan(is->mos_lq), right->r != UNKNOWN);
}

static inline void awkward_run(const struct awkward *row)
{
	struct scene *scene = scene_new();
	scene->as_said = row->as_said;
	if (row->offer)
		say_call(scene, row);
	for (size_t i = 0; i < MOST_RUNS && row->runs[i].count; i++)
		say_run(scene, &row->runs[i], row->payload);
	if (row->more)
		row->more(scene);
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	awkward_figures(row->what, stream, &row->figures);
	if (row->check)
		row->check(scene, stream);
	scene_free(scene);
}

#endif
