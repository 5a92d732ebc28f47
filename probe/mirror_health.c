#include "probe/mirror_health.h"

/* Frames of an interface that has been silent, until it is believed. */
enum { HEARD_AGAIN = 3 };
/* Messages or calls in a window that say anything; and nearly all of them, in percent. */
enum { MESSAGES_LEAST = 20, CALLS_LEAST = 5, NEARLY_ALL = 95, FEW_ENOUGH = 50 };

static const struct {
	const char *name;
	uint64_t least;
} sides[MIRROR_SIDES] = {
	[MIRROR_SIGNALLING] = { "signalling", MESSAGES_LEAST },
	[MIRROR_MEDIA] = { "media", CALLS_LEAST },
};

static bool is_heard(enum audio_fate fate)
{
	return fate == AUDIO_FATE_OK || fate == AUDIO_FATE_EARLY_ONLY ||
	       fate == AUDIO_FATE_STOPPED || fate == AUDIO_FATE_SILENT;
}

static bool is_missing(enum audio_fate fate)
{
	return fate == AUDIO_FATE_NONE || fate == AUDIO_FATE_NOT_SEEN;
}

void mirror_health_leg(struct mirror_health *health, const struct leg_record *leg)
{
	const enum audio_fate a = leg->audio_forward;
	const enum audio_fate b = leg->audio_reverse;
	health->sides[MIRROR_MEDIA].both += is_heard(a) && is_heard(b);
	health->sides[MIRROR_MEDIA].one +=
	        (is_heard(a) && is_missing(b)) || (is_heard(b) && is_missing(a));
}

static void look_at_interface(
        struct mirror_health *h, const struct mirror_tick *tick, size_t i,
        void (*tell)(void *self, enum live_what what, const char *subject), void *self)
{
	/* One that has gone is told of as such, and begins anew. */
	if (h->of[i].last == 0 || tick->frames[i] != h->of[i].frames || !tick->open[i])
		h->of[i].last = tick->now;
	h->of[i].frames = tick->frames[i];
	if (h->of[i].silent) {
		if (tick->frames[i] - h->of[i].heard_at < HEARD_AGAIN && tick->silent)
			return;
		h->of[i].silent = false;
		tell(self, LIVE_HEARD, tick->names[i]);
	} else if (tick->silent && tick->now - h->of[i].last >= tick->silent) {
		h->of[i].silent = true;
		h->of[i].heard_at = tick->frames[i];
		tell(self, LIVE_SILENT, tick->names[i]);
	}
}

static void judge(struct mirror_health *h, enum mirror_side side,
                  void (*tell)(void *self, enum live_what what, const char *subject),
                  void *self)
{
	const uint64_t one = h->sides[side].one;
	const uint64_t all = one + h->sides[side].both;
	h->sides[side].one = h->sides[side].both = 0;
	if (all < sides[side].least)
		return;
	const uint64_t percent = one * 100 / all;
	if (!h->sides[side].one_sided && percent >= NEARLY_ALL) {
		h->sides[side].one_sided = true;
		tell(self, LIVE_ONE_SIDED, sides[side].name);
	} else if (h->sides[side].one_sided && percent < FEW_ENOUGH) {
		h->sides[side].one_sided = false;
		tell(self, LIVE_TWO_SIDED, sides[side].name);
	}
}

void mirror_health_tick(struct mirror_health *health, const struct mirror_tick *tick,
                        void (*tell)(void *self, enum live_what what, const char *subject),
                        void *self)
{
	struct mirror_health *h = health;
	for (size_t i = 0; i < tick->interfaces; i++)
		look_at_interface(h, tick, i, tell, self);
	if (h->window == 0)
		h->window = tick->now;
	if (tick->one_sided == 0 || tick->now - h->window < tick->one_sided)
		return;
	/* Messages that have a counterpart, and those of which there are too many. */
	const uint64_t requests = tick->requests - h->requests;
	const uint64_t responses = tick->responses - h->responses;
	const uint64_t fewer = requests < responses ? requests : responses;
	h->sides[MIRROR_SIGNALLING].both = 2 * fewer;
	h->sides[MIRROR_SIGNALLING].one = requests + responses - 2 * fewer;
	h->requests = tick->requests;
	h->responses = tick->responses;
	h->window = tick->now;
	for (unsigned int side = 0; side < MIRROR_SIDES; side++)
		judge(h, side, tell, self);
}
