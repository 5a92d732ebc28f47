/*
 * timeline_code.c - what the next value of a timeline is likely to be, and how far off:
 * shared by writer and reader, thus part of the blob's layout.
 *
 * Figures of time stay about the same; counts of what went wrong are mostly zero.  Of what
 * hangs on another value, that one tells most.
 */
#include "analyzer/model/timeline.h"

#include <stdbool.h>

enum { WIDTH_ONE = 8, WIDTH_MOST = 31 * WIDTH_ONE };

/* In which the values change together. */
const uint8_t timeline_groups[TIMELINE_GROUPS + 1] = {
	TIMELINE_JITTER_MEAN,
	TIMELINE_EXPECTED,
	TIMELINE_OCTETS,
	TIMELINE_RTT_RECEIVER,
	TIMELINE_SPEECH,
	TIMELINE_PTIME,
	TIMELINE_BUFFERS,
	TIMELINE_BUFFERS + TIMELINE_OF_BUFFER,
	TIMELINE_BUFFERS + 2 * TIMELINE_OF_BUFFER,
	TIMELINE_VALUES,
};

/* What a stream is before its first interval, and how far off that may be. */
static const struct {
	int32_t value;
	uint8_t bits;
} starts[TIMELINE_VALUES] = {
	[TIMELINE_JITTER_MEAN] = { 0, 7 },  [TIMELINE_JITTER_LAST] = { 0, 7 },
	[TIMELINE_JITTER_MAX] = { 0, 8 },   [TIMELINE_PDV_P50] = { 250, 6 },
	[TIMELINE_PDV_P95] = { 475, 7 },    [TIMELINE_PDV_P99] = { 495, 8 },
	[TIMELINE_DELTA_MAX] = { 2000, 9 }, [TIMELINE_DEPTH] = { 2500, 11 },
	[TIMELINE_EXPECTED] = { 250, 8 },   [TIMELINE_OCTETS] = { 50000, 4 },
	[TIMELINE_R] = { 109321, 1 },       [TIMELINE_PTIME] = { 2000, 1 },
	[TIMELINE_TTL] = { 64, 4 },         [TIMELINE_DSCP] = { 0, 6 },
	[TIMELINE_PAYLOAD_TYPE] = { 0, 4 },
};

void timeline_begin(struct timeline_past *past)
{
	for (unsigned int i = 0; i < TIMELINE_VALUES; i++) {
		past->values[i] = starts[i].value;
		past->widths[i] = (uint8_t)(starts[i].bits * WIDTH_ONE);
	}
}

/* As large as packets were before. */
static int32_t predicted_octets(const struct timeline_past *past, const int32_t *values)
{
	const int64_t before =
	        (int64_t)past->values[TIMELINE_EXPECTED] - past->values[TIMELINE_LOST];
	const int64_t now = (int64_t)values[TIMELINE_EXPECTED] - values[TIMELINE_LOST];
	const int64_t octets = past->values[TIMELINE_OCTETS];
	if (before <= 0 || now < 0 || now > INT32_MAX || octets < 0)
		return past->values[TIMELINE_OCTETS];
	return (int32_t)(uint32_t)(octets * now / before);
}

/*
 * Of the six figures of a view's losses: single ones are a run each; if there are bursts,
 * they hold most of what is bad; and gaps lie around them.
 */
static int32_t predicted_loss(const int32_t loss[6], bool bursts, unsigned int figure)
{
	switch (figure) {
	case 1:
		return loss[0];
	case 3:
		return bursts ? loss[0] : 0;
	case 4:
		return bursts ? loss[3] : 0;
	case 5:
		return loss[2];
	default:
		return 0;
	}
}

static int32_t predicted_network(const int32_t *values, unsigned int figure)
{
	const int32_t *clusters = &values[TIMELINE_CLUSTERS];
	const int32_t loss[6] = { values[TIMELINE_LOST], 0, clusters[0], clusters[1] };
	const bool gap = figure == 5 && values[TIMELINE_EXPECTED] > 0;
	return (int32_t)((uint32_t)predicted_loss(loss, clusters[0] != 0, figure) + gap);
}

static int32_t predicted_buffer(const int32_t *values, unsigned int value)
{
	const unsigned int figure = (value - TIMELINE_BUFFERS) % TIMELINE_OF_BUFFER;
	const int32_t *loss = &values[value - figure];
	const bool bursts = loss[2] != 0 || values[TIMELINE_CLUSTERS] != 0;
	return predicted_loss(loss, bursts, figure);
}

/* Delay changes less than loss. */
static int32_t predicted_r_cq(const struct timeline_past *past, const int32_t *values)
{
	const uint32_t before = (uint32_t)past->values[TIMELINE_R_CQ];
	const uint32_t up =
	        (uint32_t)values[TIMELINE_R] - (uint32_t)past->values[TIMELINE_R];
	return (int32_t)(before == UINT32_MAX ? before : before + up);
}

int32_t timeline_predicted(const struct timeline_past *past,
                           const int32_t values[TIMELINE_VALUES], unsigned int value)
{
	if (value >= TIMELINE_BUFFERS)
		return predicted_buffer(values, value);
	if (value >= TIMELINE_CLUSTERS && value < TIMELINE_CLUSTERS + 4)
		return predicted_network(values, value - TIMELINE_CLUSTERS + 2);
	if (value == TIMELINE_OCTETS)
		return predicted_octets(past, values);
	if (value == TIMELINE_R_CQ)
		return predicted_r_cq(past, values);
	const bool mostly_zero = value == TIMELINE_LOST || value == TIMELINE_JOINED ||
	                         (value >= TIMELINE_DUPLICATES && value <= TIMELINE_SLOT);
	return mostly_zero ? 0 : past->values[value];
}

unsigned int timeline_order(const struct timeline_past *past, unsigned int value)
{
	const unsigned int bits = (past->widths[value] + WIDTH_ONE / 2u) / WIDTH_ONE;
	return bits > 0 ? bits - 1 : 0;
}

void timeline_learn(struct timeline_past *past, unsigned int value, uint32_t zigzag)
{
	const unsigned int bits = zigzag ? 32 - (unsigned int)__builtin_clz(zigzag) : 0;
	const unsigned int width = past->widths[value];
	const unsigned int learnt = width - width / 4 + bits * WIDTH_ONE / 4;
	past->widths[value] = (uint8_t)(learnt < WIDTH_MOST ? learnt : WIDTH_MOST);
}
