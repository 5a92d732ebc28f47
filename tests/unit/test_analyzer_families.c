/* Which calls came out of which: RFC 3515, RFC 3891, RFC 3911, RFC 4579, RFC 5806. */
#include "tests/unit/dialogs.h"

#define FOCUS(user) "Contact: <sip:" user "@b.example>;isfocus\r\n"

static const struct {
	const char *what;
	struct dialog first, second;
	enum relation relation; /* of the second; NONE: they have nothing to do */
} families[] = {
	{ "REFER, and the call that it asked for",
	  { 0, A, B, "x1", "1", "2", "", 0, 3000, "sip:carol@c.example" },
	  { 2600, A, C, "y2", "1", "carol", "", 0, 3000, NULL },
	  RELATION_TRANSFER_BLIND },
	{ "REFER, and a call to another",
	  { 0, A, B, "x1", "1", "2", "", 0, 3000, "sip:carol@c.example" },
	  { 2600, A, C, "y2", "1", "dave", "", 0, 3000, NULL },
	  RELATION_NONE },
	{ "REFER, and somebody else's call to the same",
	  { 0, A, B, "x1", "1", "2", "", 0, 3000, "sip:carol@c.example" },
	  { 2600, PBX, C, "y2", "1", "carol", "", 0, 3000, NULL },
	  RELATION_NONE },
	{ "a call before the REFER",
	  { 0, A, B, "x1", "1", "2", "", 0, 3000, "sip:carol@c.example" },
	  { 2000, A, C, "y2", "1", "carol", "", 0, 3000, NULL },
	  RELATION_NONE },
	{ "a call too long after the REFER",
	  { 0, A, B, "x1", "1", "2", "", 0, 3000, "sip:carol@c.example" },
	  { 35000, A, C, "y2", "1", "carol", "", 0, 3000, NULL },
	  RELATION_NONE },
	{ "REFER to a dialog",
	  { 0, A, B, "x1", "1", "2", "", 0, 5000,
	    "sip:carol@c.example?Replaces=y2%3Bto-tag%3Dty2%3bfrom-tag%3Dfy2" },
	  { 1500, B, C, "y2", "2", "carol", "", 0, 4000, NULL },
	  RELATION_CONSULTATION },
	{ "Replaces of an answered dialog",
	  { 0, A, B, "x1", "1", "2", "", 0, 4000, NULL },
	  { 2000, C, B, "y2", "3", "2", "Replaces: x1;to-tag=tx1;from-tag=fx1\r\n", 0, 4000,
	    NULL },
	  RELATION_TRANSFER_ATTENDED },
	{ "Replaces of a dialog that rings",
	  { 0, A, B, "x1", "1", "2", "", 487, 0, NULL },
	  { 500, C, A, "y2", "3", "1",
	    "Replaces: x1;to-tag=fx1;from-tag=tx1;early-only\r\n", 0, 4000, NULL },
	  RELATION_PICKUP },
	{ "the same focus while the first is there",
	  { 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL, FOCUS("7") },
	  { 3000, B, PBX, "y2", "2", "conf", "", 0, 4000, NULL,
	    "Contact: <sip:7@b.example;transport=udp>;isfocus\r\n" },
	  RELATION_CONFERENCE },
	{ "the same focus, which calls the second itself",
	  { 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL, FOCUS("7") },
	  { 3000, PBX, B, "y2", "conf", "2", FOCUS("7"), 0, 4000, NULL, NULL },
	  RELATION_CONFERENCE },
	{ "another focus of that host",
	  { 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL, FOCUS("7") },
	  { 3000, B, PBX, "y2", "2", "conf", "", 0, 4000, NULL, FOCUS("8") },
	  RELATION_NONE },
	{ "the same contact that is no focus",
	  { 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL,
	    "Contact: <sip:7@b.example>\r\n" },
	  { 3000, B, PBX, "y2", "2", "conf", "", 0, 4000, NULL,
	    "Contact: <sip:7@b.example>\r\n" },
	  RELATION_NONE },
	{ "the same focus a day later",
	  { 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL, FOCUS("7") },
	  { 86400000, B, PBX, "y2", "2", "conf", "", 0, 4000, NULL, FOCUS("7") },
	  RELATION_NONE },
	{ "Join of a dialog",
	  { 0, A, B, "x1", "1", "2", "", 0, 9000, NULL, NULL },
	  { 2000, C, B, "y2", "3", "2", "Join: x1;to-tag=tx1;from-tag=fx1\r\n", 0, 4000,
	    NULL, NULL },
	  RELATION_CONFERENCE },
	{ "Join of a dialog that nobody knows",
	  { 0, A, B, "x1", "1", "2", "", 0, 9000, NULL, NULL },
	  { 2000, C, B, "y2", "3", "2", "Join: z9;to-tag=1;from-tag=2\r\n", 0, 4000, NULL,
	    NULL },
	  RELATION_NONE },
	{ "Replaces of a dialog that nobody knows",
	  { 0, A, B, "x1", "1", "2", "", 0, 4000, NULL },
	  { 2000, C, B, "y2", "3", "2", "Replaces: z9;to-tag=1;from-tag=2\r\n", 0, 4000,
	    NULL },
	  RELATION_NONE },
};

static void test_families(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct scene *scene = scene_new();
		print_message("%s\n", families[i].what);
		play(scene, &families[i].first);
		play(scene, &families[i].second);
		scene_run(scene);
		const struct call_record *first = call_of(scene, "x1");
		const struct call_record *second = call_of(scene, "y2");
		const bool related = families[i].relation != RELATION_NONE;
		assert_true(first->id != second->id);
		assert_int_equal(second->relation, families[i].relation);
		assert_int_equal(first->relation, RELATION_NONE);
		assert_int_equal(second->family, related ? first->id : 0);
		assert_int_equal(first->family, related ? first->id : 0);
		scene_free(scene);
	}
}

static void test_conference_of_three(void **state)
{
	static const struct dialog dialogs[] = {
		{ 0, A, PBX, "x1", "1", "conf", "", 0, 9000, NULL, FOCUS("7") },
		{ 2000, B, PBX, "y2", "2", "conf", "", 0, 4000, NULL, FOCUS("7") },
		{ 3000, C, PBX, "z3", "3", "conf", "", 0, 5000, NULL, FOCUS("7") },
	};
	(void)state;
	struct scene *scene = scene_new();
	for (size_t i = 0; i < ARRAY_LEN(dialogs); i++)
		play(scene, &dialogs[i]);
	scene_run(scene);
	const struct call_record *first = call_of(scene, "x1");
	for (size_t i = 0; i < ARRAY_LEN(dialogs); i++) {
		const struct leg_record *leg = leg_of(scene, dialogs[i].call_id);
		assert_int_equal(call_of(scene, dialogs[i].call_id)->family, first->id);
		assert_int_equal(leg->transfer, TRANSFER_FOCUS);
		assert_string_equal(leg->conference, "sip:7@b.example");
	}
	assert_int_equal(first->relation, RELATION_NONE);
	assert_int_equal(call_of(scene, "z3")->relation, RELATION_CONFERENCE);
	scene_free(scene);
}

static void test_forward(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct dialog diverted = {
		0, A, B, "x1", "1", "2", "Diversion: <sip:9@x>\r\n", 0, 4000, NULL
	};
	const struct dialog moved = { 0, A, C, "y2", "1", "2", "", 302, 0, NULL };
	play(scene, &diverted);
	play(scene, &moved);
	scene_run(scene);
	assert_int_equal(call_of(scene, "x1")->relation, RELATION_FORWARD);
	assert_int_equal(call_of(scene, "x1")->family, call_of(scene, "x1")->id);
	assert_int_equal(call_of(scene, "y2")->relation, RELATION_FORWARD);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_conference_of_three),
		cmocka_unit_test(test_forward),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
