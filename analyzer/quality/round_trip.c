#include "analyzer/quality/round_trip.h"

#include <math.h>
#include <stddef.h>

#define MOST (10 * NS_PER_SEC)

void round_trip_note(struct round_trip_sent *sent, uint64_t ntp, nstime at)
{
	sent->at[sent->next] = at;
	sent->middle[sent->next] = (uint32_t)(ntp >> 16);
	sent->next = (sent->next + 1) % ROUND_TRIP_REPORTS;
}

double round_trip_ms(const struct round_trip_sent *sent, uint32_t lsr, uint32_t dlsr,
                     nstime at)
{
	if (lsr == 0)
		return NAN;
	for (unsigned int back = 1; back <= ROUND_TRIP_REPORTS; back++) {
		const unsigned int i = (sent->next - back) % ROUND_TRIP_REPORTS;
		if (sent->middle[i] != lsr)
			continue;
		const nstime held = (int64_t)dlsr * NS_PER_SEC / 65536;
		const nstime trip = at - sent->at[i] - held;
		return trip >= 0 && trip <= MOST ? ns_to_ms(trip) : NAN;
	}
	return NAN;
}

static void keep_every_second(struct round_trips *trips)
{
	for (size_t i = 0; i < ROUND_TRIP_SAMPLES / 2; i++)
		trips->ms[i] = trips->ms[2 * i];
	trips->kept = ROUND_TRIP_SAMPLES / 2;
	trips->halvings++;
}

void round_trips_add(struct round_trips *trips, double ms)
{
	if (isnan(ms))
		return;
	const uint64_t skipped = (UINT64_C(1) << trips->halvings) - 1;
	if ((trips->seen++ & skipped) != 0)
		return;
	if (trips->kept == ROUND_TRIP_SAMPLES)
		keep_every_second(trips);
	trips->ms[trips->kept++] = (float)ms;
}

double round_trips_median_ms(const struct round_trips *trips)
{
	const unsigned int kept = trips->kept;
	if (kept == 0)
		return NAN;
	float sorted[ROUND_TRIP_SAMPLES] = { 0 };
	for (unsigned int i = 0; i < kept; i++) {
		unsigned int at = i;
		for (; at > 0 && sorted[at - 1] > trips->ms[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = trips->ms[i];
	}
	return ((double)sorted[(kept - 1) / 2] + (double)sorted[kept / 2]) / 2;
}

struct round_trip round_trip_sum(double half_ms, double other_half_ms)
{
	if (isnan(half_ms))
		return (struct round_trip){ other_half_ms, !isnan(other_half_ms) };
	if (isnan(other_half_ms))
		return (struct round_trip){ half_ms, true };
	return (struct round_trip){ half_ms + other_half_ms, false };
}
