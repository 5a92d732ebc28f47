#include "analyzer/track/snapshot.h"

static void give_leg(const struct signalling *s, uint32_t number, const struct sink *sink)
{
	struct record record = { .kind = RECORD_LEG, .at = s->context->now };
	call_describe_leg(s, number, &record.leg);
	sink->accept(sink->self, &record);
}

static void give_call(const struct signalling *s, uint32_t number, const struct sink *sink)
{
	struct record record = { .kind = RECORD_CALL, .at = s->context->now };
	call_describe(s, number, &record.call);
	if (call_at(s, number)->open_legs)
		record.call.state = LEG_IN_PROGRESS;
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

void signalling_checkpoint(const struct signalling *s, uint32_t part, uint32_t parts,
                           const struct sink *sink)
{
	for (uint32_t number = part; number < s->legs.reach; number += parts) {
		const struct leg *leg = pool_live(&s->legs, number);
		if (leg && leg->answered != NSTIME_NONE && leg->ended == NSTIME_NONE)
			give_both(s, number, leg, sink);
	}
}
