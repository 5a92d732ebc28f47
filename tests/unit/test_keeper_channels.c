/* Channels in use, by legs that come and go. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "probe/keeper_channels.h"
#include "schema/field_text.h"

static struct keeper_channels channels;
static struct trunks *trunks;

static void add_trunk(const char *name, const char *address)
{
	struct trunk trunk = trunk_default();
	struct trunk_net net;
	text_copy(trunk.name, sizeof trunk.name, text_from(name));
	trunk.channels = 10;
	assert_int_equal(trunks_add(trunks, &trunk), OK);
	assert_int_equal(trunk_net_parse(text_from(address), &net), OK);
	assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
}

static void note(uint64_t id, const char *src, const char *dst, uint64_t status, bool over)
{
	struct leg_record leg = { .id = id << 32, .status = status, .ended = NSTIME_NONE };
	assert_int_equal(endpoint_parse(text_from(src), &leg.src), OK);
	assert_int_equal(endpoint_parse(text_from(dst), &leg.dst), OK);
	keeper_channels_leg(&channels, &leg, over);
}

static void assert_in_use(uint32_t a, uint32_t b)
{
	assert_int_equal(channels.in_use[0], a);
	assert_int_equal(channels.in_use[1], b);
}

static void legs_come_and_go(void **state)
{
	(void)state;
	struct trunk_conflict conflict;
	assert_int_equal(trunks_new(&trunks), OK);
	add_trunk("a", "198.18.0.0/24");
	add_trunk("b", "198.19.0.0/24");
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	assert_int_equal(keeper_channels_init(&channels, trunks), OK);
	note(1, "198.18.0.1:5060", "198.19.0.1:5060", 0, false);
	note(1, "198.18.0.1:5060", "198.19.0.1:5060", 200, false); /* as it stands now */
	assert_in_use(1, 1);
	note(2, "198.18.0.1:5060", "198.18.0.2:5060", 0, false); /* both ends: once */
	note(3, "192.0.2.1:5060", "192.0.2.2:5060", 0, false);   /* of no trunk */
	assert_in_use(2, 1);
	note(2, "198.18.0.1:5060", "198.18.0.2:5060", 486, false); /* refused */
	note(2, "198.18.0.1:5060", "198.18.0.2:5060", 486, true);
	note(9, "198.18.0.1:5060", "198.19.0.1:5060", 200,
	     true); /* was never seen to begin */
	assert_in_use(1, 1);
	keeper_channels_forget(&channels);
	assert_in_use(0, 0);
	keeper_channels_free(&channels);
	trunks_free(trunks);
}

/* By hand: in ten minutes sixty looks; growth less the square root of the mean in as long.
 */
static void what_is_left_goes_by_growth(void **state)
{
	static const struct {
		const char *what;
		double first, per_min;
		uint32_t channels;
		double least, most;
	} cases[] = {
		{ "as many as ever", 60, 0, 100, CHANNEL_LEFT_MOST, CHANNEL_LEFT_MOST },
		{ "fewer and fewer", 90, -3, 100, CHANNEL_LEFT_MOST, CHANNEL_LEFT_MOST },
		/* Mean 54.8, 74 in the end; 26 left, by 4 - 0.74 a minute: 8.0 min. */
		{ "four more a minute", 35, 4, 100, 7.5, 8.5 },
		{ "far from full", 5, 4, 100, CHANNEL_LEFT_MOST, CHANNEL_LEFT_MOST },
		/* Of six in the mean chance does 0.24 a minute. */
		{ "what chance does to few", 5, 0.2, 10, CHANNEL_LEFT_MOST,
		  CHANNEL_LEFT_MOST },
		{ "full", 100, 0, 100, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint16_t used[CHANNEL_HISTORY];
		for (size_t n = 0; n < CHANNEL_HISTORY; n++)
			used[n] = (uint16_t)(cases[i].first +
			                     cases[i].per_min * (double)n / 6);
		const double left = channels_left_min(used, cases[i].channels);
		if (left < cases[i].least || left > cases[i].most)
			fail_msg("%s: %f", cases[i].what, left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legs_come_and_go),
		cmocka_unit_test(what_is_left_goes_by_growth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
