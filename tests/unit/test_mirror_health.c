#include "probe/mirror_health.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

/* What was told, as one line: "silent eth1, heard eth1". */
struct told {
	char text[512];
};

static void tell(void *self, enum live_what what, const char *subject)
{
	struct told *told = self;
	static const char *const names[LIVE_WHAT_COUNT] = {
		[LIVE_SILENT] = "silent",
		[LIVE_HEARD] = "heard",
		[LIVE_ONE_SIDED] = "one_sided",
		[LIVE_TWO_SIDED] = "two_sided",
	};
	const size_t len = strlen(told->text);
	snprintf(told->text + len, sizeof told->text - len, "%s%s %s", len ? ", " : "",
	         names[what], subject);
}

static const char *const names[] = { "eth1", "eth2" };

struct second {
	uint64_t frames[2];
	uint64_t requests, responses;
	bool gone; /* eth1 */
};

/* Each second of the list comes; silent after 3 s, windows of 2 s. */
static void run(const struct second *seconds, size_t count, const char *expected)
{
	struct mirror_health health = { 0 };
	struct told told = { "" };
	for (size_t i = 0; i < count; i++) {
		const bool open[2] = { !seconds[i].gone, true };
		const struct mirror_tick tick = {
			.now = (nstime)(i + 1) * NS_PER_SEC,
			.silent = 3 * NS_PER_SEC,
			.one_sided = 2 * NS_PER_SEC,
			.interfaces = 2,
			.names = names,
			.open = open,
			.frames = seconds[i].frames,
			.requests = seconds[i].requests,
			.responses = seconds[i].responses,
		};
		mirror_health_tick(&health, &tick, tell, &told);
	}
	assert_string_equal(told.text, expected);
}

static void an_interface_falls_silent_and_speaks_again(void **state)
{
	(void)state;
	static const struct second seconds[] = {
		{ { 1, 1 } }, { { 2, 2 } }, { { 2, 3 } }, { { 2, 4 } }, { { 2, 5 } },
		{ { 2, 6 } }, { { 3, 7 } }, { { 4, 8 } }, /* two frames are not enough */
		{ { 5, 9 } },
	};
	run(seconds, 5, "silent eth1");
	run(seconds, 4, "");
	run(seconds, 8, "silent eth1");
	run(seconds, 9, "silent eth1, heard eth1");
}

static void one_that_has_gone_is_not_silent(void **state)
{
	(void)state;
	static const struct second seconds[] = {
		{ { 1, 1 } },
		{ { 1, 2 } },
		{ { 1, 3 }, 0, 0, true },
		{ { 1, 4 }, 0, 0, true },
		{ { 1, 5 }, 0, 0, true },
		{ { 1, 6 } },
		{ { 1, 7 } },
		{ { 1, 8 } },
	};
	run(seconds, 7, "");
	run(seconds, 8, "silent eth1");
}

static void requests_without_responses(void **state)
{
	(void)state;
	static const struct second seconds[] = {
		{ { 1, 1 } },
		{ { 2, 2 } },
		{ { 3, 3 }, 19, 0 }, /* too few to say anything */
		{ { 4, 4 }, 19, 0 },
		{ { 5, 5 }, 119, 1 }, /* 2 of 101 belong together */
		{ { 6, 6 }, 119, 1 },
		{ { 7, 7 }, 219, 31 }, /* 60 of 130: not enough to be whole again */
		{ { 8, 8 }, 219, 31 },
		{ { 9, 9 }, 319, 121 },
	};
	run(seconds, 3, "");
	run(seconds, 5, "one_sided signalling");
	run(seconds, 7, "one_sided signalling");
	run(seconds, 9, "one_sided signalling, two_sided signalling");
}

static void media_one_way(void **state)
{
	(void)state;
	struct mirror_health health = { 0 };
	struct told told = { "" };
	const bool open[2] = { true, true };
	const uint64_t frames[2] = { 0, 0 };
	struct mirror_tick tick = { .now = NS_PER_SEC,
		                    .one_sided = NS_PER_SEC,
		                    .interfaces = 0,
		                    .names = names,
		                    .open = open,
		                    .frames = frames };
	const struct leg_record both = { .audio_forward = AUDIO_FATE_OK,
		                         .audio_reverse = AUDIO_FATE_STOPPED };
	const struct leg_record one = { .audio_forward = AUDIO_FATE_NOT_SEEN,
		                        .audio_reverse = AUDIO_FATE_OK };
	const struct leg_record held = { .audio_forward = AUDIO_FATE_HELD,
		                         .audio_reverse = AUDIO_FATE_OK };
	mirror_health_tick(&health, &tick, tell, &told);
	for (int i = 0; i < 4; i++)
		mirror_health_leg(&health, &one);
	for (int i = 0; i < 9; i++)
		mirror_health_leg(&health, &held); /* nobody asked for it */
	tick.now += NS_PER_SEC;
	mirror_health_tick(&health, &tick, tell, &told);
	assert_string_equal(told.text, "");
	for (int i = 0; i < 5; i++)
		mirror_health_leg(&health, &one);
	tick.now += NS_PER_SEC;
	mirror_health_tick(&health, &tick, tell, &told);
	assert_string_equal(told.text, "one_sided media");
	for (int i = 0; i < 5; i++)
		mirror_health_leg(&health, &both);
	tick.now += NS_PER_SEC;
	mirror_health_tick(&health, &tick, tell, &told);
	assert_string_equal(told.text, "one_sided media, two_sided media");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_falls_silent_and_speaks_again),
		cmocka_unit_test(one_that_has_gone_is_not_silent),
		cmocka_unit_test(requests_without_responses),
		cmocka_unit_test(media_one_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
