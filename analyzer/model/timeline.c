#include "analyzer/model/timeline.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	VARINT_MAX = 10,
	ADDED_MAX = VARINT_MAX + TIMELINE_VALUES * 5, /* a value has 32 bits */
	HEADER_MAX = 1 + 2 * VARINT_MAX,
	UNKNOWN = -1,
	R_OFFSET = 100000,
	LEVEL_OFFSET_DB = 200,
};

#define PER_MS 100.0
#define PER_R 100.0
#define MOST 1e9 /* what is beyond is cut: the sum of two still fits 32 bits */

static_assert(TIMELINE_VALUES <= 63, "the bits of an interval fit one varint");

/* --- an interval and its values --------------------------------------------------------
 */

static int32_t whole(double value, double scale)
{
	if (isnan(value))
		return UNKNOWN;
	return (int32_t)lround(fmin(value * scale, MOST));
}

static int32_t bounded(uint64_t count)
{
	return count < (uint64_t)MOST ? (int32_t)count : (int32_t)MOST;
}

static int32_t whole_r(double r)
{
	return isnan(r) ? UNKNOWN : (int32_t)lround(fmax(r, -900) * PER_R) + R_OFFSET;
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

/* Of the network and the fixed buffers, against that of the adaptive one. */
static const uint8_t more_r[] = { TIMELINE_NETWORK, 0, 1 };
enum { ADAPTIVE = 2 };

static void quantize_losses(const struct interval_loss *views, int32_t *values)
{
	int32_t network[6];
	loss_values(&views[TIMELINE_NETWORK], network);
	values[TIMELINE_LOST] = network[0];
	values[TIMELINE_JOINED] = network[0] - network[1];
	memcpy(&values[TIMELINE_CLUSTERS], &network[2], 4 * sizeof *network);
	for (unsigned int b = 0; b < TIMELINE_NETWORK; b++) {
		int32_t *to = &values[TIMELINE_BUFFERS + 6 * b];
		loss_values(&views[b], to);
		for (unsigned int i = 0; i < 6; i++)
			to[i] -= network[i];
	}
	const int32_t r = whole_r(views[ADAPTIVE].r);
	values[TIMELINE_R] = r;
	for (unsigned int i = 0; i < ARRAY_LEN(more_r); i++)
		values[TIMELINE_R_MORE + i] = whole_r(views[more_r[i]].r) - r;
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
	for (unsigned int b = 0; b < TIMELINE_NETWORK; b++) {
		int32_t sum[6];
		for (unsigned int i = 0; i < 6; i++)
			sum[i] = add(values[TIMELINE_BUFFERS + 6 * b + i], network[i]);
		restore_loss(sum, &views[b]);
	}
	const int32_t r = values[TIMELINE_R];
	views[ADAPTIVE].r = real_r(r);
	for (unsigned int i = 0; i < ARRAY_LEN(more_r); i++)
		views[more_r[i]].r = real_r(add(values[TIMELINE_R_MORE + i], r));
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

void timeline_quantize(const struct interval *interval, int32_t values[TIMELINE_VALUES])
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

/* --- the blob ---------------------------------------------------------------------------
 */

struct octets {
	uint8_t bytes[HEADER_MAX + ADDED_MAX];
	size_t length;
};

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
	put_varint(to, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

struct timeline_kept {
	int32_t values[TIMELINE_VALUES];
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
	const int64_t slot = timeline_slot(interval->at, length);
	const int64_t before = t->length ? t->slot : slot - 1;
	if (t->length == 0) {
		more.bytes[more.length++] = TIMELINE_VERSION;
		put_varint(&more, (uint64_t)(length / NS_PER_MS));
		put_signed(&more, before);
		t->first_slot = before;
	}
	static const int32_t none[TIMELINE_VALUES];
	const int32_t *last = t->kept ? t->kept->values : none;
	int32_t values[TIMELINE_VALUES];
	timeline_quantize(interval, values);
	values[TIMELINE_SLOT] = bounded((uint64_t)(slot - before - 1));
	uint64_t changed = 0;
	for (unsigned int i = 0; i < TIMELINE_VALUES; i++)
		changed |= (uint64_t)(values[i] != last[i]) << i;
	put_varint(&more, changed);
	for (; changed; changed &= changed - 1) {
		const int i = __builtin_ctzll(changed);
		put_signed(&more, (int64_t)values[i] - last[i]);
	}
	const enum status status = append(t, &more, most);
	if (status != OK)
		return status;
	memcpy(t->kept->values, values, sizeof values);
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
		put_varint(&more, UINT64_C(1) << TIMELINE_VALUES);
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
