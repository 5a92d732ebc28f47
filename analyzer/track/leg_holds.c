#include "analyzer/track/leg_holds.h"

#include <math.h>

static bool holds_back(const struct audio_side *side)
{
	return side->line && side->port && !side->receives;
}

void leg_holds_agreed(struct leg_holds *holds, const struct agreement *agreement, nstime at)
{
	const bool was = holds->by_caller || holds->by_callee;
	const bool caller = agreement->by_caller;
	const struct audio_side *offer = caller ? &agreement->caller : &agreement->callee;
	const struct audio_side *answer = caller ? &agreement->callee : &agreement->caller;
	*(caller ? &holds->by_caller : &holds->by_callee) = holds_back(offer);
	if (offer->sends)
		*(caller ? &holds->by_callee : &holds->by_caller) = holds_back(answer);
	const bool is = holds->by_caller || holds->by_callee;
	if (is && !was) {
		if (holds->count < UINT16_MAX)
			holds->count++;
		holds->since = at;
	} else if (was && !is) {
		holds->total += at - holds->since;
	}
	holds->parties |= (uint8_t)((holds->by_caller ? PARTY_CALLER : 0) |
	                            (holds->by_callee ? PARTY_CALLEE : 0));
}

void leg_holds_record(const struct leg_holds *holds, nstime ended, nstime last,
                      struct leg_record *out)
{
	const nstime until = ended != NSTIME_NONE ? ended : last;
	nstime total = holds->total;
	if ((holds->by_caller || holds->by_callee) && until > holds->since)
		total += until - holds->since;
	out->holds = holds->count;
	out->hold_s = holds->count ? ns_to_s(total) : NAN;
	out->held_by = (enum party)holds->parties;
}
