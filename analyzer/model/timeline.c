#include "analyzer/model/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/nearest.h"

enum {
	VARINT_MAX = 10,
	CODE_MAX = 33 + 32, /* bits: z + 2^k has 33 at most */
	ADDED_MAX = (1 + TIMELINE_GROUPS + TIMELINE_VALUES * CODE_MAX + 7) / 8,
	HEADER_MAX = 1 + 2 * VARINT_MAX,
	UNKNOWN = -1,
	R_OFFSET = 100000,
	LEVEL_OFFSET_DB = 200,
};

#define PER_MS 100.0
#define PER_R 100.0
#define LOWEST_R (-900.0)
#define MOST 1e9 /* what is beyond is cut: the sum of two still fits 32 bits */

/* --- an interval and its values ------------------------------------------------------- */

static int32_t whole(double value, double scale)
{
	if (isnan(value))
		return UNKNOWN;
	const double scaled = value * scale;
	return (int32_t)nearest(scaled < MOST ? scaled : MOST);
}

static int32_t bounded(uint64_t count)
{
	return count < (uint64_t)MOST ? (int32_t)count : (int32_t)MOST;
}

static int32_t whole_r(double r)
{
	if (isnan(r))
		return UNKNOWN;
	return (int32_t)nearest((r > LOWEST_R ? r : LOWEST_R) * PER_R) + R_OFFSET;
}

static double real(int32_t value, double scale)
{
	return value == UNKNOWN ? NAN : value / scale;
}

static double real_r(int32_t value)
{
	return value == UNKNOWN ? NAN : ((double)value - R_OFFSET) / PER_R;
}

static void loss_values(const struct interval_loss *loss, int32_t to[6])
{
	to[0] = bounded(loss->bad);
	to[1] = bounded(loss->runs);
	to[2] = bounded(loss->bursts);
	to[3] = bounded(loss->burst_packets);
	to[4] = bounded(loss->burst_bad);
	to[5] = bounded(loss->gaps);
}

static void restore_loss(const int32_t from[6], struct interval_loss *loss)
{
	loss->bad = (uint32_t)from[0];
	loss->runs = (uint32_t)from[1];
	loss->bursts = (uint32_t)from[2];
	loss->burst_packets = (uint32_t)from[3];
	loss->burst_bad = (uint32_t)from[4];
	loss->gaps = (uint32_t)from[5];
}

static void quantize_losses(const struct interval_loss *views, int32_t *values)
{
	int32_t network[6];
	loss_values(&views[TIMELINE_NETWORK], network);
	values[TIMELINE_LOST] = network[0];
	values[TIMELINE_JOINED] = network[0] - network[1];
	memcpy(&values[TIMELINE_CLUSTERS], &network[2], 4 * sizeof *network);
	values[TIMELINE_R] = whole_r(views[TIMELINE_NETWORK].r);
	for (unsigned int b = 0; b < TIMELINE_NETWORK; b++) {
		int32_t *to = &values[TIMELINE_BUFFERS + TIMELINE_OF_BUFFER * b];
		loss_values(&views[b], to);
		for (unsigned int i = 0; i < 6; i++)
			to[i] -= network[i];
		to[6] = whole_r(views[b].r) - values[TIMELINE_R];
	}
}

/* A damaged blob may say anything: its sums wrap. */
static int32_t add(int32_t a, int32_t b)
{
	return (int32_t)((uint32_t)a + (uint32_t)b);
}

static void restore_losses(const int32_t *values, struct interval_loss *views)
{
	int32_t network[6] = { values[TIMELINE_LOST],
		               add(values[TIMELINE_LOST],
		                   (int32_t) - (uint32_t)values[TIMELINE_JOINED]) };
	memcpy(&network[2], &values[TIMELINE_CLUSTERS], 4 * sizeof *network);
	restore_loss(network, &views[TIMELINE_NETWORK]);
	views[TIMELINE_NETWORK].r = real_r(values[TIMELINE_R]);
	for (unsigned int b = 0; b < TIMELINE_NETWORK; b++) {
		const int32_t *from = &values[TIMELINE_BUFFERS + TIMELINE_OF_BUFFER * b];
		int32_t sum[6];
		for (unsigned int i = 0; i < 6; i++)
			sum[i] = add(from[i], network[i]);
		restore_loss(sum, &views[b]);
		views[b].r = real_r(add(from[6], values[TIMELINE_R]));
	}
}

/* Times and shares of an interval, where they lie: all in hundredths. */
static const struct {
	enum timeline_value value;
	size_t offset;
} times[] = {
	{ TIMELINE_JITTER_MEAN, offsetof(struct interval, jitter_mean_ms) },
	{ TIMELINE_JITTER_LAST, offsetof(struct interval, jitter_last_ms) },
	{ TIMELINE_JITTER_MAX, offsetof(struct interval, jitter_max_ms) },
	{ TIMELINE_PDV_P50, offsetof(struct interval, pdv_p50_ms) },
	{ TIMELINE_PDV_P95, offsetof(struct interval, pdv_p95_ms) },
	{ TIMELINE_PDV_P99, offsetof(struct interval, pdv_p99_ms) },
	{ TIMELINE_DELTA_MAX, offsetof(struct interval, delta_max_ms) },
	{ TIMELINE_DEPTH, offsetof(struct interval, depth_ms) },
	{ TIMELINE_PTIME, offsetof(struct interval, ptime_ms) },
	{ TIMELINE_RTT_RECEIVER, offsetof(struct interval, rtt_receiver_ms) },
	{ TIMELINE_RTT_SENDER, offsetof(struct interval, rtt_sender_ms) },
	{ TIMELINE_SPEECH, offsetof(struct interval, audio_speech_pct) },
	{ TIMELINE_CLIPPING, offsetof(struct interval, audio_clipping_pct) },
};

/* An interval's values as the blob has them. */
static void timeline_quantize(const struct interval *interval,
                              int32_t values[TIMELINE_VALUES])
{
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		const void *at = (const char *)interval + times[i].offset;
		values[times[i].value] = whole(*(const double *)at, PER_MS);
	}
	values[TIMELINE_OCTETS] = bounded(interval->octets);
	values[TIMELINE_EXPECTED] = bounded(interval->expected);
	values[TIMELINE_DUPLICATES] = bounded(interval->duplicates);
	values[TIMELINE_REORDERED] = bounded(interval->reordered);
	values[TIMELINE_FLAGS] = (int32_t)interval->flags;
	values[TIMELINE_PAYLOAD_TYPE] = interval->payload_type;
	values[TIMELINE_DSCP] = interval->dscp;
	values[TIMELINE_TTL] = interval->ttl;
	values[TIMELINE_SLOT] = 0;
	values[TIMELINE_R_CQ] = whole_r(interval->r_cq);
	values[TIMELINE_LEVEL] =
	        whole(interval->audio_level_dbov + LEVEL_OFFSET_DB, PER_MS);
	quantize_losses(interval->views, values);
}

void timeline_restore(const int32_t values[TIMELINE_VALUES], struct interval *interval)
{
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		void *at = (char *)interval + times[i].offset;
		*(double *)at = real(values[times[i].value], PER_MS);
	}
	interval->octets = (uint64_t)values[TIMELINE_OCTETS];
	interval->expected = (uint32_t)values[TIMELINE_EXPECTED];
	interval->duplicates = (uint32_t)values[TIMELINE_DUPLICATES];
	interval->reordered = (uint32_t)values[TIMELINE_REORDERED];
	interval->flags = (uint32_t)values[TIMELINE_FLAGS];
	interval->payload_type = (uint8_t)values[TIMELINE_PAYLOAD_TYPE];
	interval->dscp = (uint8_t)values[TIMELINE_DSCP];
	interval->ttl = (uint8_t)values[TIMELINE_TTL];
	interval->r_cq = real_r(values[TIMELINE_R_CQ]);
	interval->audio_level_dbov = real(values[TIMELINE_LEVEL], PER_MS) - LEVEL_OFFSET_DB;
	restore_losses(values, interval->views);
}

/* --- the blob ------------------------------------------------------------------------- */

struct octets {
	uint8_t bytes[HEADER_MAX + ADDED_MAX];
	size_t length;
	uint64_t bits;        /* that wait until they fill octets: the lowest ones */
	unsigned int waiting; /* how many; below WORD */
};
enum { WORD = 32 };

static void put_varint(struct octets *to, uint64_t value)
{
	while (value >= 0x80) {
		to->bytes[to->length++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	to->bytes[to->length++] = (uint8_t)value;
}

static void put_signed(struct octets *to, int64_t value)
{
	put_varint(to, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

/* Of a value below 2^count; count is at most 33. */
static inline void put_bits(struct octets *to, uint64_t value, unsigned int count)
{
	to->bits = to->bits << count | value;
	to->waiting += count;
	while (to->waiting >= WORD) {
		to->waiting -= WORD;
		const uint32_t word = (uint32_t)(to->bits >> to->waiting);
		to->bytes[to->length++] = (uint8_t)(word >> 24);
		to->bytes[to->length++] = (uint8_t)(word >> 16);
		to->bytes[to->length++] = (uint8_t)(word >> 8);
		to->bytes[to->length++] = (uint8_t)word;
	}
}

/* Zeros up to a whole octet. */
static void end_bits(struct octets *to)
{
	uint64_t left = to->bits << (WORD - to->waiting);
	for (unsigned int i = 0; i < to->waiting; i += 8, left <<= 8)
		to->bytes[to->length++] = (uint8_t)(left >> (WORD - 8));
	to->waiting = 0;
}

static inline void put_code(struct octets *to, uint32_t zigzag, unsigned int order)
{
	const uint64_t value = (uint64_t)zigzag + (UINT64_C(1) << order);
	const unsigned int bits = 64 - (unsigned int)__builtin_clzll(value);
	put_bits(to, 0, bits - order - 1);
	put_bits(to, value, bits);
}

static void find_errors(const struct timeline_past *past, const int32_t *values,
                        uint32_t errors[TIMELINE_VALUES])
{
	int32_t predicted[TIMELINE_VALUES];
	timeline_predict(past, values, predicted);
	for (unsigned int i = 0; i < TIMELINE_VALUES; i++) {
		const uint32_t error = (uint32_t)values[i] - (uint32_t)predicted[i];
		errors[i] = error << 1 ^ (error >> 31 ? UINT32_MAX : 0);
	}
}

static void put_group(struct octets *to, struct timeline_past *past, unsigned int group,
                      const uint32_t errors[TIMELINE_VALUES])
{
	for (unsigned int i = timeline_groups[group]; i < timeline_groups[group + 1]; i++) {
		put_code(to, errors[i], timeline_order(past, i));
		timeline_learn(past, i, errors[i]);
	}
}

static void put_values(struct octets *to, struct timeline_past *past,
                       const int32_t values[TIMELINE_VALUES])
{
	uint32_t errors[TIMELINE_VALUES];
	uint32_t coded[TIMELINE_GROUPS] = { 0 }; /* not 0: a value is not as predicted */
	find_errors(past, values, errors);
	put_bits(to, 0, 1);
	for (unsigned int g = 0; g < TIMELINE_GROUPS; g++) {
		for (unsigned int i = timeline_groups[g]; i < timeline_groups[g + 1]; i++)
			coded[g] |= errors[i];
		put_bits(to, coded[g] != 0, 1);
	}
	for (unsigned int g = 0; g < TIMELINE_GROUPS; g++)
		if (coded[g])
			put_group(to, past, g, errors);
	end_bits(to);
	memcpy(past->values, values, sizeof past->values);
}

struct timeline_kept {
	struct timeline_past past;
	uint8_t bytes[];
};

struct span timeline_blob(const struct timeline *t)
{
	if (!t->kept)
		return (struct span){ 0 };
	return (struct span){ t->kept->bytes, t->length };
}

static enum status append(struct timeline *t, const struct octets *more, size_t most)
{
	const size_t length = t->length + more->length;
	if (length > most)
		return ERR_FULL;
	if (length > t->room) {
		const size_t room = length + length / 2;
		struct timeline_kept *kept = realloc(t->kept, sizeof *kept + room);
		if (!kept)
			return ERR_NOMEM;
		t->kept = kept;
		t->room = (uint32_t)room;
	}
	memcpy(t->kept->bytes + t->length, more->bytes, more->length);
	t->length = (uint32_t)length;
	return OK;
}

enum status timeline_add(struct timeline *t, nstime length, const struct interval *interval,
                         size_t most)
{
	struct octets more = { .length = 0 };
	struct timeline_past past;
	const int64_t slot = timeline_slot(interval->at, length);
	const int64_t before = t->length ? t->slot : slot - 1;
	if (t->length == 0) {
		more.bytes[more.length++] = TIMELINE_VERSION;
		put_varint(&more, (uint64_t)(length / NS_PER_MS));
		put_signed(&more, before);
		timeline_begin(&past);
		t->first_slot = before;
	} else {
		past = t->kept->past;
	}
	int32_t values[TIMELINE_VALUES];
	timeline_quantize(interval, values);
	values[TIMELINE_SLOT] = bounded((uint64_t)(slot - before - 1));
	put_values(&more, &past, values);
	const enum status status = append(t, &more, most);
	if (status != OK)
		return status;
	t->kept->past = past;
	t->slot = slot;
	t->intervals++;
	return OK;
}

enum status timeline_suspect(struct timeline *t, nstime length, nstime at, uint32_t lost,
                             size_t most)
{
	struct octets more = { .length = 0 };
	const int64_t slot = timeline_slot(at, length);
	const int64_t before = t->ended ? t->slot : t->first_slot;
	if (t->length == 0)
		return ERR_FULL; /* not even the first interval had room */
	if (!t->ended)
		more.bytes[more.length++] = TIMELINE_SUSPECTS;
	put_signed(&more, slot - before);
	put_varint(&more, lost);
	const enum status status = append(t, &more, most);
	if (status != OK)
		return status;
	t->ended = true;
	t->slot = slot;
	return OK;
}

void timeline_free(struct timeline *t)
{
	free(t->kept);
	*t = (struct timeline){ 0 };
}
