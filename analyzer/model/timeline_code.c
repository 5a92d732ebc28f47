/*
 * timeline_code.c - what the next value of a timeline is likely to be, and how far off:
 * shared by writer and reader, thus part of the blob's layout.
 *
 * Figures of time stay about the same; counts of what went wrong are mostly zero.  Of what
 * hangs on another value, that one tells most.
 */
#include "analyzer/model/timeline.h"

#include <stdbool.h>

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
		past->widths[i] = (uint8_t)(starts[i].bits * TIMELINE_WIDTH_ONE);
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
static inline int32_t predicted_loss(const int32_t loss[6], bool bursts,
                                     unsigned int figure)
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

static inline int32_t predicted_network(const int32_t *values, unsigned int figure)
{
	const int32_t *clusters = &values[TIMELINE_CLUSTERS];
	const int32_t loss[6] = { values[TIMELINE_LOST], 0, clusters[0], clusters[1] };
	const bool gap = figure == 5 && values[TIMELINE_EXPECTED] > 0;
	return (int32_t)((uint32_t)predicted_loss(loss, clusters[0] != 0, figure) + gap);
}

/* Of the values of one buffer. */
static inline int32_t predicted_buffer(const int32_t *values, const int32_t *buffer,
                                       unsigned int figure)
{
	const bool bursts = buffer[2] != 0 || values[TIMELINE_CLUSTERS] != 0;
	return predicted_loss(buffer, bursts, figure);
}

/* Delay changes less than loss. */
static int32_t predicted_r_cq(const struct timeline_past *past, const int32_t *values)
{
	const uint32_t before = (uint32_t)past->values[TIMELINE_R_CQ];
	const uint32_t up =
	        (uint32_t)values[TIMELINE_R] - (uint32_t)past->values[TIMELINE_R];
	return (int32_t)(before == UINT32_MAX ? before : before + up);
}

/* Of what hangs on no other value: the rest stays as it was. */
static inline bool is_mostly_zero(unsigned int value)
{
	return value == TIMELINE_LOST || value == TIMELINE_JOINED ||
	       (value >= TIMELINE_DUPLICATES && value <= TIMELINE_SLOT);
}

int32_t timeline_predicted(const struct timeline_past *past,
                           const int32_t values[TIMELINE_VALUES], unsigned int value)
{
	if (value >= TIMELINE_BUFFERS) {
		const unsigned int figure = (value - TIMELINE_BUFFERS) % TIMELINE_OF_BUFFER;
		return predicted_buffer(values, &values[value - figure], figure);
	}
	if (value >= TIMELINE_CLUSTERS && value < TIMELINE_CLUSTERS + 4)
		return predicted_network(values, value - TIMELINE_CLUSTERS + 2);
	if (value == TIMELINE_OCTETS)
		return predicted_octets(past, values);
	if (value == TIMELINE_R_CQ)
		return predicted_r_cq(past, values);
	return is_mostly_zero(value) ? 0 : past->values[value];
}

void timeline_predict(const struct timeline_past *past,
                      const int32_t values[TIMELINE_VALUES],
                      int32_t predicted[TIMELINE_VALUES])
{
	for (unsigned int i = 0; i < TIMELINE_BUFFERS; i++)
		predicted[i] = is_mostly_zero(i) ? 0 : past->values[i];
	for (unsigned int i = 0; i < 4; i++)
		predicted[TIMELINE_CLUSTERS + i] = predicted_network(values, i + 2);
	predicted[TIMELINE_OCTETS] = predicted_octets(past, values);
	predicted[TIMELINE_R_CQ] = predicted_r_cq(past, values);
	for (unsigned int b = 0; b < TIMELINE_NETWORK; b++) {
		const unsigned int first = TIMELINE_BUFFERS + TIMELINE_OF_BUFFER * b;
		for (unsigned int i = 0; i < TIMELINE_OF_BUFFER; i++)
			predicted[first + i] = predicted_buffer(values, &values[first], i);
	}
}
