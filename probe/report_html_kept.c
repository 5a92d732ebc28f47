#include "probe/report_html_kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/quality/emodel.h"

/* What a single call may put on the page. */
enum { CALL_MESSAGES = 300, CALL_REPORTS = 32 };

/* --- what is wrong with a stream ------------------------------------------------------ */

static double lossless_r(const struct stream_record *s)
{
	struct emodel_input in = emodel_defaults(s->band);
	in.ie = s->ie;
	in.bpl = s->bpl;
	return emodel_common_r(s->band, emodel_rate(&in).r);
}

enum fault fault_of(const struct stream_record *s)
{
	const double lost = (double)(s->lost + s->outage_lost);
	const double expected = (double)(s->expected + s->outage_lost);
	const double r = emodel_common_r(s->band, s->r);
	const double enough = r < REPORT_R_BAD ? REPORT_R_BAD : REPORT_R_FAIR;
	if (!(r < enough))
		return FAULT_NONE;
	if (emodel_common_r(s->band, s->r_unsuspected) >= enough)
		return FAULT_CAPTURE;
	if (lossless_r(s) < enough)
		return FAULT_CODEC;
	if (s->ppl / 100 * expected > 2 * lost)
		return FAULT_LATE;
	if (s->loss_verdict == LOSS_CAPTURE)
		return FAULT_CAPTURE;
	return s->loss_verdict == LOSS_NETWORK ? FAULT_NETWORK : FAULT_UNKNOWN;
}

double lost_behind_pct(const struct stream_record *s)
{
	if (!isfinite(s->lost_after) || !(s->far_expected > 0))
		return NAN;
	return 100 * fmax(0, s->lost_after) / s->far_expected;
}

/* --- records -------------------------------------------------------------------------- */

enum { RECORD_HEAD = offsetof(struct record, leg) };

static size_t size_of_kind(enum record_kind kind)
{
	static const size_t sizes[RECORD_KIND_COUNT] = {
		[RECORD_MESSAGE] = sizeof(struct message_record),
		[RECORD_REPORT] = sizeof(struct report_record),
		[RECORD_REGISTRATION] = sizeof(struct registration_record),
		[RECORD_STREAM] = sizeof(struct stream_record),
		[RECORD_LEG] = sizeof(struct leg_record),
		[RECORD_FINDING] = sizeof(struct finding_record),
		[RECORD_CALL] = sizeof(struct call_record),
		[RECORD_KPI] = sizeof(struct kpi_record),
		[RECORD_ENCRYPTED] = sizeof(struct encrypted_record),
		[RECORD_BINDING] = sizeof(struct binding_record),
		[RECORD_PEER] = sizeof(struct peer_record),
		[RECORD_EVENT] = sizeof(struct event_record),
		[RECORD_OBSERVATION] = sizeof(struct observation_record),
		[RECORD_ALERT] = sizeof(struct alert_record),
	};
	return RECORD_HEAD + sizes[kind];
}

static struct kept_record *new_kept_record(const struct record *record)
{
	const size_t size = size_of_kind(record->kind);
	const size_t tail = record->kind == RECORD_STREAM ? record->tail.len : 0;
	struct kept_record *kept = malloc(sizeof *kept + size + tail);
	if (!kept)
		return NULL;
	*kept = (struct kept_record){ .size = size, .tail = tail, .kind = record->kind };
	memcpy(kept->bytes, record, size);
	if (tail)
		memcpy(kept->bytes + size, record->tail.at, tail);
	return kept;
}

void kept_record_read(const struct kept_record *kept, struct record *out)
{
	*out = (struct record){ .kind = kept->kind };
	memcpy(out, kept->bytes, kept->size);
	out->tail = (struct span){ kept->bytes + kept->size, kept->tail };
}

/* Counts what malloc adds as well. */
static size_t weight_of(const struct kept_record *kept)
{
	return sizeof *kept + kept->size + kept->tail + 2 * sizeof(void *);
}

static void drop_records(struct kept_calls *kept, struct kept_call *call)
{
	while (call->records) {
		struct kept_record *next = call->records->next;
		free(call->records);
		call->records = next;
	}
	kept->bytes -= call->bytes;
	call->bytes = 0;
}

/* --- order ---------------------------------------------------------------------------- */

/*
 * One-way calls, then bad ones by R, calls that failed, those of which nothing is known
 * yet, fair and good ones by R, and last those that never had a score.
 */
static double order_of(const struct kept_call *call)
{
	enum { FAILED = 100, OPEN = 101, SCORED = 200, NEVER_SCORED = 400 };
	if (call->one_way)
		return -100;
	if (call->r < REPORT_R_BAD)
		return call->r;
	if (isfinite(call->r))
		return SCORED + call->r;
	if (call->state == LEG_FAILED || call->state == LEG_NO_RESPONSE)
		return FAILED;
	return call->closed ? NEVER_SCORED : OPEN;
}

static int compare_calls(const void *a, const void *b)
{
	const struct kept_call *left = *(const struct kept_call *const *)a;
	const struct kept_call *right = *(const struct kept_call *const *)b;
	const double order_left = order_of(left);
	const double order_right = order_of(right);
	if (order_left != order_right)
		return order_left < order_right ? -1 : 1;
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

struct kept_call **kept_sorted(struct kept_calls *kept, size_t *count)
{
	struct kept_call **list = calloc(kept->pool.live + (size_t)1, sizeof *list);
	*count = 0;
	kept->failed |= !list;
	for (uint32_t i = 0; list && i < kept->pool.reach; i++) {
		struct kept_call *call = pool_live(&kept->pool, i);
		if (call)
			list[(*count)++] = call;
	}
	if (list)
		qsort(list, *count, sizeof(struct kept_call *), compare_calls);
	return list;
}

/* --- bounds --------------------------------------------------------------------------- */

/* From the best on, until a quarter of the bytes is free. */
static void drop_best_records(struct kept_calls *kept)
{
	size_t count;
	struct kept_call **list = kept_sorted(kept, &count);
	while (list && count > 0 && kept->bytes > kept->bytes_max / 4 * 3) {
		struct kept_call *call = list[--count];
		call->dropped = true;
		drop_records(kept, call);
	}
	free(list);
}

static uint64_t hash_of(const struct kept_calls *kept, uint64_t id)
{
	return hash_bytes(&kept->key, &id, sizeof id);
}

static void drop_row(struct kept_calls *kept, struct kept_call *call)
{
	drop_records(kept, call);
	map_remove(&kept->map, hash_of(kept, call->id), call->number);
	pool_give(&kept->pool, call->number);
	kept->rows_left_out++;
}

/* Those of calls that are over: of the others more is to come. */
static void drop_best_rows(struct kept_calls *kept)
{
	size_t count;
	const size_t most = kept->pool.cap / 2;
	struct kept_call **list = kept_sorted(kept, &count);
	while (list && count > 0 && kept->pool.live > most) {
		struct kept_call *call = list[--count];
		if (call->closed)
			drop_row(kept, call);
	}
	free(list);
}

enum status kept_init(struct kept_calls *kept, size_t bytes_max, uint32_t rows_max)
{
	*kept = (struct kept_calls){ .bytes_max = bytes_max };
	/* As of print_held.c: no random bytes, then slow at worst. */
	if (getrandom(&kept->key, sizeof kept->key, GRND_NONBLOCK) < 0)
		kept->key = (struct hash_key){ 0 };
	pool_init(&kept->pool, sizeof(struct kept_call), rows_max);
	return map_init(&kept->map);
}

void kept_free(struct kept_calls *kept)
{
	for (uint32_t i = 0; i < kept->pool.reach; i++) {
		struct kept_call *call = pool_live(&kept->pool, i);
		if (call)
			drop_records(kept, call);
	}
	pool_free(&kept->pool);
	map_free(&kept->map);
}

/* --- rows ----------------------------------------------------------------------------- */

static struct kept_call *find_call(struct kept_calls *kept, uint64_t id)
{
	struct map_cursor cursor = map_cursor_of(hash_of(kept, id));
	uint32_t number;
	while ((number = map_next(&kept->map, &cursor)) != MAP_NONE) {
		struct kept_call *call = pool_at(&kept->pool, number);
		if (call->id == id)
			return call;
	}
	return NULL;
}

static struct kept_call *new_call(struct kept_calls *kept, uint64_t id)
{
	void *object;
	uint32_t number;
	if (kept->pool.live == kept->pool.cap)
		drop_best_rows(kept);
	const enum status status = pool_take(&kept->pool, &object, &number);
	if (status != OK) {
		kept->failed |= status != ERR_FULL;
		return NULL;
	}
	if (map_insert(&kept->map, hash_of(kept, id), number) != OK) {
		pool_give(&kept->pool, number);
		kept->failed = true;
		return NULL;
	}
	struct kept_call *call = object;
	*call = (struct kept_call){ .id = id,
		                    .number = number,
		                    .start = NSTIME_NONE,
		                    .ended = NSTIME_NONE,
		                    .duration_s = NAN,
		                    .r = NAN,
		                    .mos_lq = NAN,
		                    .behind_pct = NAN };
	return call;
}

static uint64_t call_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_STREAM:
		return record->stream.call ? record->stream.call : record->stream.id;
	case RECORD_LEG:
		return record->leg.call;
	case RECORD_MESSAGE:
		return record->message.call;
	case RECORD_REPORT:
		return record->report.call;
	case RECORD_FINDING:
		return record->finding.call;
	case RECORD_CALL:
		return record->call.id;
	case RECORD_REGISTRATION:
	case RECORD_BINDING:
	case RECORD_PEER:
	case RECORD_EVENT:
	case RECORD_OBSERVATION:
	case RECORD_ENCRYPTED:
	case RECORD_KPI:
	case RECORD_ALERT:
	case RECORD_KIND_COUNT:
		break;
	}
	return 0;
}

static void note_stream(struct kept_call *call, const struct stream_record *s)
{
	const double r = emodel_common_r(s->band, s->r);
	const double behind = lost_behind_pct(s);
	call->streams++;
	call->expected += s->expected;
	call->lost += s->lost;
	call->capture_loss |= (s->flags & STREAM_CAPTURE_LOSS) != 0;
	if (isfinite(r) && !(call->r <= r)) {
		call->r = r;
		call->mos_lq = s->mos_lq;
		call->band = s->band;
		call->fault = fault_of(s);
	}
	if (isfinite(behind) && !(call->behind_pct >= behind))
		call->behind_pct = behind;
	if (call->codec == CODEC_UNKNOWN)
		call->codec = s->codec;
	if (!call->has_leg && !call->src.port) {
		call->src = s->src;
		call->dst = s->dst;
	}
	if (!s->call) {
		call->is_stream = call->closed = true;
		call->start = s->first;
		call->ended = s->last;
		call->duration_s = ns_to_s(s->last - s->first);
	}
}

/* The first leg speaks for the call. */
static void note_leg(struct kept_call *call, const struct leg_record *leg)
{
	if (call->has_leg && call->start <= leg->start)
		return;
	call->has_leg = true;
	call->start = leg->start;
	call->ended = leg->ended;
	call->state = leg->state;
	call->status = leg->status;
	call->duration_s = leg->duration_s;
	call->src = leg->src;
	call->dst = leg->dst;
	text_copy(call->from, sizeof call->from, text_from(leg->from));
	text_copy(call->to, sizeof call->to, text_from(leg->to));
}

static void note(struct kept_call *call, const struct record *record)
{
	if (record->kind == RECORD_STREAM)
		note_stream(call, &record->stream);
	if (record->kind == RECORD_LEG)
		note_leg(call, &record->leg);
	if (record->kind == RECORD_CALL) {
		call->closed = true;
		call->state = record->call.state;
		call->one_way = record->call.one_way;
		call->capture_loss |= record->call.capture_loss;
		if (record->call.state == CALL_MEDIA_ONLY) {
			call->ended = record->call.ended;
			call->duration_s = ns_to_s(call->ended - record->call.start);
		}
		if (!call->has_leg)
			call->start = record->call.start;
	}
}

/* Messages and reports without end would be no reading. */
static bool is_one_too_many(struct kept_call *call, enum record_kind kind)
{
	if (kind == RECORD_MESSAGE && ++call->messages > CALL_MESSAGES)
		call->messages_left_out++;
	else if (kind == RECORD_REPORT && ++call->reports > CALL_REPORTS)
		call->reports_left_out++;
	else
		return false;
	return true;
}

static void hold(struct kept_calls *kept, struct kept_call *call,
                 const struct record *record)
{
	if (call->dropped || record->kind == RECORD_CALL ||
	    is_one_too_many(call, record->kind))
		return;
	struct kept_record *copy = new_kept_record(record);
	if (!copy) {
		kept->failed = true;
		return;
	}
	copy->next = call->records;
	call->records = copy;
	call->bytes += weight_of(copy);
	kept->bytes += weight_of(copy);
	if (kept->bytes > kept->bytes_max)
		drop_best_records(kept);
}

/* What came of it before it was known to be part of `call`: messages and reports. */
static void take_over(struct kept_calls *kept, struct kept_call *call, uint64_t alias)
{
	struct kept_call *part = find_call(kept, alias);
	if (!part)
		return;
	struct kept_record **last = &part->records;
	while (*last)
		last = &(*last)->next;
	*last = call->records;
	call->records = part->records;
	call->bytes += part->bytes;
	call->messages += part->messages;
	call->messages_left_out += part->messages_left_out;
	call->reports += part->reports;
	call->reports_left_out += part->reports_left_out;
	call->dropped = call->dropped || part->dropped;
	map_remove(&kept->map, hash_of(kept, part->id), part->number);
	pool_give(&kept->pool, part->number);
}

struct kept_call *kept_add(struct kept_calls *kept, const struct record *record)
{
	const uint64_t id = call_of(record);
	if (!id)
		return NULL;
	struct kept_call *call = find_call(kept, id);
	if (!call)
		call = new_call(kept, id);
	if (!call) {
		kept->rows_left_out += record->kind == RECORD_CALL;
		return NULL;
	}
	note(call, record);
	if (record->kind == RECORD_CALL)
		for (uint8_t i = 0; i < record->call.aliases.count; i++)
			take_over(kept, call, record->call.aliases.ids[i]);
	hold(kept, call, record);
	return call;
}
