#include "analyzer/quality/delay.h"

#include <math.h>

double delay_ta_ms(const struct delay_parts *parts)
{
	const double buffer = isnan(parts->buffer_depth_ms) ? 0 : parts->buffer_depth_ms;
	return parts->round_trip_ms / 2 + buffer + parts->ptime_ms + parts->look_ahead_ms;
}

struct conversation delay_conversation(const struct delay_score *score, double ta_ms)
{
	if (isnan(ta_ms) || score->band == BAND_NONE)
		return (struct conversation){ NAN, NAN };
	struct emodel_input in = emodel_defaults(score->band);
	in.ta_ms = ta_ms;
	in.ie = score->ie;
	in.bpl = score->bpl;
	in.ppl = score->ppl;
	in.burstr = score->burstr;
	const double r = emodel_rate(&in).r;
	return (struct conversation){ r, emodel_mos(score->band, r) };
}
