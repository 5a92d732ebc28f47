#include "analyzer/track/snapshot.h"

#include "analyzer/track/trunk_ends.h"

static void give_leg(const struct signalling *s, uint32_t number, const struct sink *sink)
{
	struct record record = { .kind = RECORD_LEG, .at = s->context->now };
	call_describe_leg(s, number, &record.leg);
	trunk_ends_of_leg(&s->context->settings, &record.leg);
	sink->accept(sink->self, &record);
}

/* What its streams that go on sound like counts, too. */
static void add_lowest(const struct signalling *s, const struct call *call,
                       struct call_record *out)
{
	struct media_lowest lowest = { call->worst_common_r, call->mos_lq_min,
		                       call->mos_lq_min_band, call->mos_lq_min_stream };
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call)
		for (uint32_t l = dialog_set_at(s, d - 1)->first_leg; l;
		     l = leg_at(s, l - 1)->next_of_set)
			media_leg_so_far(s->media, leg_at(s, l - 1)->media, &lowest);
	out->mos_lq_min = lowest.mos_lq;
	out->mos_lq_min_band = lowest.band;
	out->mos_lq_min_stream = lowest.stream;
}

static void give_call(const struct signalling *s, uint32_t number, const struct sink *sink)
{
	struct record record = { .kind = RECORD_CALL, .at = s->context->now };
	call_describe(s, number, &record.call);
	if (call_at(s, number)->open_legs)
		record.call.state = LEG_IN_PROGRESS;
	add_lowest(s, call_at(s, number), &record.call);
	sink->accept(sink->self, &record);
}

static void give_both(const struct signalling *s, uint32_t number, const struct leg *leg,
                      const struct sink *sink)
{
	const uint32_t call = dialog_set_at(s, leg->set)->call;
	if (call == MAP_NONE)
		return;
	give_leg(s, number, sink);
	give_call(s, call, sink);
}

void signalling_snapshot(const struct signalling *s, nstime since, const struct sink *sink)
{
	for (uint32_t number = 0; number < s->legs.reach; number++) {
		const struct leg *leg = pool_live(&s->legs, number);
		if (leg && leg->last >= since)
			give_both(s, number, leg, sink);
	}
}

static void give_stream(const struct signalling *s, uint32_t number,
                        const struct sink *sink)
{
	struct record record = { .kind = RECORD_STREAM, .at = s->context->now };
	uint32_t of;
	if (!media_so_far(s->media, number, &record.stream, &of))
		return;
	trunk_ends_of_stream(&s->context->settings, &record.stream);
	const struct leg *leg = of == MAP_NONE ? NULL : pool_live(&s->legs, of);
	if (leg && dialog_set_at(s, leg->set)->call != MAP_NONE)
		record.stream.call = call_at(s, dialog_set_at(s, leg->set)->call)->id;
	sink->accept(sink->self, &record);
}

void signalling_checkpoint(const struct signalling *s, uint32_t part, uint32_t parts,
                           const struct sink *sink)
{
	for (uint32_t number = part; number < s->legs.reach; number += parts) {
		const struct leg *leg = pool_live(&s->legs, number);
		if (leg && leg->answered != NSTIME_NONE && leg->ended == NSTIME_NONE)
			give_both(s, number, leg, sink);
	}
	for (uint32_t number = part; number < s->media->streams.reach; number += parts)
		give_stream(s, number, sink);
}
