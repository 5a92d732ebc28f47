#include "analyzer/quality/sequence.h"

#include "analyzer/base/every_packet.h"

/* Room below the first number, so that one that comes late does not go below zero. */
#define FIRST_CYCLE (INT64_C(1) << 16)

static void begin_segment(struct sequence *s, struct sequence_counts *counts,
                          uint16_t number)
{
	counts->base = s->max = FIRST_CYCLE + number;
	s->window[0] = 1;
	s->window[1] = 0;
	s->received++;
}

static void shift_window(struct sequence *s, unsigned int by)
{
	if (by >= 128) {
		s->window[0] = s->window[1] = 0;
	} else if (by >= 64) {
		s->window[1] = s->window[0] << (by - 64);
		s->window[0] = 0;
	} else {
		/* by is 1..63 here: forward() never shifts by 0. */
		s->window[1] = s->window[1] << by | s->window[0] >> (64 - by);
		s->window[0] <<= by;
	}
	s->window[0] |= 1;
}

static struct sequence_step forward(struct sequence *s, unsigned int by)
{
	shift_window(s, by);
	s->max += by;
	s->received++;
	return (struct sequence_step){ SEQUENCE_NEXT, s->max, 0 };
}

static struct sequence_step behind(struct sequence *s, struct sequence_counts *counts,
                                   unsigned int by)
{
	const uint64_t bit = UINT64_C(1) << (by % 64);
	const int64_t extended = s->max - by;
	if (s->window[by / 64] & bit) {
		counts->duplicates++;
		return (struct sequence_step){ SEQUENCE_DUPLICATE, extended, 0 };
	}
	s->window[by / 64] |= bit;
	s->received++;
	counts->reordered++;
	if (extended < counts->base)
		counts->base = extended;
	return (struct sequence_step){ SEQUENCE_LATE, extended, 0 };
}

static struct sequence_step restart(struct sequence *s, struct sequence_counts *counts)
{
	counts->expected_before += (uint64_t)(s->max - counts->base + 1);
	counts->restarts++;
	s->is_held = false;
	begin_segment(s, counts, s->held);
	struct sequence_step step = forward(s, 1);
	step.verdict = SEQUENCE_RESTART;
	return step;
}

EVERY_PACKET struct sequence_step sequence_update(struct sequence *s,
                                                  struct sequence_counts *counts,
                                                  uint16_t number)
{
	if (__builtin_expect(!s->started, 0)) {
		s->started = true;
		begin_segment(s, counts, number);
		return (struct sequence_step){ SEQUENCE_NEXT, s->max, 0 };
	}
	if (__builtin_expect(s->is_held, 0) && number == (uint16_t)(s->held + 1))
		return restart(s, counts);
	const bool gave_up = s->is_held;
	s->is_held = false;

	struct sequence_step step;
	const uint16_t ahead = (uint16_t)(number - (uint16_t)s->max);
	const uint16_t back = (uint16_t)-ahead;
	if (ahead > 0 && ahead < SEQUENCE_MAX_DROPOUT) {
		step = forward(s, ahead);
	} else if (back <= SEQUENCE_MAX_MISORDER) {
		step = behind(s, counts, back);
	} else {
		s->is_held = true;
		s->held = number;
		step = (struct sequence_step){ SEQUENCE_HELD, 0, 0 };
	}
	step.dropped_held = gave_up;
	return step;
}

static uint64_t lowest_bits(uint32_t count)
{
	return count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

void sequence_ran(struct sequence *s, uint32_t packets)
{
	if (packets == 0)
		return;
	shift_window(s, packets);
	s->window[0] |= lowest_bits(packets);
	s->window[1] |= lowest_bits(packets > 64 ? packets - 64 : 0);
	s->max += packets;
	s->received += packets;
}

void sequence_interrupt(struct sequence *s, struct sequence_counts *counts)
{
	counts->expected_before = sequence_expected(s, counts);
	s->started = s->is_held = false;
}

uint64_t sequence_expected(const struct sequence *s, const struct sequence_counts *counts)
{
	return counts->expected_before +
	       (s->started ? (uint64_t)(s->max - counts->base + 1) : 0);
}

uint64_t sequence_lost(const struct sequence *s, const struct sequence_counts *counts)
{
	return sequence_expected(s, counts) - s->received;
}

int64_t sequence_extend(const struct sequence *s, uint16_t number)
{
	return s->max + (int16_t)(uint16_t)(number - (uint16_t)s->max);
}

/* How many of the newest `count` numbers were seen; count is 0..128. */
static unsigned int seen_of_newest(const struct sequence *s, int64_t count)
{
	unsigned int seen = 0;
	for (int64_t i = 0; i < count; i++)
		seen += (unsigned int)(s->window[i / 64] >> (i % 64) & 1);
	return seen;
}

bool sequence_lost_until(const struct sequence *s, const struct sequence_counts *counts,
                         int64_t until, int64_t *lost)
{
	const int64_t behind = s->max - until;
	if (!s->started || until < counts->base || behind > 128 ||
	    behind < -SEQUENCE_MAX_MISORDER)
		return false;
	const int64_t expected = (int64_t)sequence_expected(s, counts) - behind;
	*lost = expected - ((int64_t)s->received - seen_of_newest(s, behind));
	return true;
}
