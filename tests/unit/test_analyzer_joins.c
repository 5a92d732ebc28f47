/*
 * Which legs are one conversation: RFC 7989 (Session-ID), RFC 7315 4.6 (icid), numbers and
 * time, media.
 */
#include "tests/unit/dialogs.h"

enum { MOST_DIALOGS = 3 };

/* --- one call or two ------------------------------------------------------------------ */

#define UUID "0123456789abcdef0123456789abcdef"
#define NONE "00000000000000000000000000000000"
#define M "+4930555001" /* two numbers, as the world knows them */
#define N "+4930555002"
#define INNER(id, from, to, headers)                                                       \
	{                                                                                  \
		0, A, PBX, id, from, to, headers, 0, 9000, NULL                            \
	}
#define OUTER(id, from, to, headers)                                                       \
	{                                                                                  \
		20, PBX, B, id, from, to, headers, 0, 9000, NULL                           \
	}

static const struct {
	const char *what;
	struct dialog dialogs[MOST_DIALOGS];
	size_t count;
	enum joined_by by; /* of the second; NONE: two calls */
} joins[] = {
	{ "nothing in common",
	  { INNER("x1", "1", "2", ""), OUTER("y2", "3", "4", "") },
	  2,
	  JOINED_BY_NONE },
	{ "Session-ID",
	  { INNER("x1", "1", "2", "Session-ID: " UUID ";remote=" NONE "\r\n"),
	    OUTER("y2", "3", "4", "Session-ID: " UUID ";remote=" NONE "\r\n") },
	  2,
	  JOINED_BY_SESSION_ID },
	{ "a Session-ID of nobody",
	  { INNER("x1", "1", "2", "Session-ID: " NONE ";remote=" NONE "\r\n"),
	    OUTER("y2", "3", "4", "Session-ID: " NONE ";remote=" NONE "\r\n") },
	  2,
	  JOINED_BY_NONE },
	{ "icid-value, in quotes or not",
	  { INNER("x1", "1", "2", "P-Charging-Vector: icid-value=\"ab12cd34\"\r\n"),
	    OUTER("y2", "3", "4", "P-Charging-Vector: icid-value=ab12cd34;x=1\r\n") },
	  2,
	  JOINED_BY_HEADER },
	{ "the same constant in all",
	  { INNER("x1", "1", "2", "P-Charging-Vector: icid-value=default\r\n"),
	    OUTER("y2", "3", "4", "P-Charging-Vector: icid-value=default\r\n") },
	  2,
	  JOINED_BY_NONE },
	{ "a Call-ID and something more",
	  { INNER("0123456789abcd", "1", "2", ""),
	    OUTER("0123456789abcd_b2b-1", "3", "4", "") },
	  2,
	  JOINED_BY_HEADER },
	{ "a short Call-ID and something more",
	  { INNER("01234", "1", "2", ""), OUTER("01234-1", "3", "4", "") },
	  2,
	  JOINED_BY_NONE },
	{ "side by side, not one behind the other",
	  { INNER("x1", "1", "2", "Session-ID: " UUID "\r\n"),
	    { 20, A, B, "y2", "3", "4", "Session-ID: " UUID "\r\n", 0, 9000, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "the same numbers",
	  { INNER("x1", M, N, ""), OUTER("y2", M, N, "") },
	  2,
	  JOINED_BY_NUMBERS },
	{ "the same numbers in other formats",
	  { INNER("x1", "004930555001", "030555002", ""), OUTER("y2", M, N, "") },
	  2,
	  JOINED_BY_NUMBERS },
	{ "an extension for the caller",
	  { INNER("x1", "001", N, ""), OUTER("y2", M, N, "") },
	  2,
	  JOINED_BY_NUMBERS },
	{ "another extension",
	  { INNER("x1", "009", N, ""), OUTER("y2", M, N, "") },
	  2,
	  JOINED_BY_NONE },
	{ "the caller is in P-Asserted-Identity",
	  { INNER("x1", M, N, ""),
	    OUTER("y2", "anonymous", N, "P-Asserted-Identity: <tel:" M ">\r\n") },
	  2,
	  JOINED_BY_NUMBERS },
	{ "forwarded",
	  { INNER("x1", M, N, ""),
	    OUTER("y2", M, "+4940777003", "Diversion: <sip:" N "@x>;reason=unknown\r\n") },
	  2,
	  JOINED_BY_NUMBERS },
	{ "another callee",
	  { INNER("x1", M, N, ""), OUTER("y2", M, "+4930555003", "") },
	  2,
	  JOINED_BY_NONE },
	{ "it leaves from another host",
	  { INNER("x1", M, N, ""), { 20, C, B, "y2", M, N, "", 0, 9000, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "it comes before the other",
	  { { 20, A, PBX, "x1", M, N, "", 0, 9000, NULL },
	    { 0, PBX, B, "y2", M, N, "", 0, 9000, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "it comes too late",
	  { INNER("x1", M, N, ""), { 4100, PBX, B, "y2", M, N, "", 0, 4900, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "it ends much later",
	  { INNER("x1", M, N, ""), { 20, PBX, B, "y2", M, N, "", 0, 12000, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "it fails, the other does not",
	  { INNER("x1", M, N, ""), { 20, PBX, B, "y2", M, N, "", 486, 0, NULL } },
	  2,
	  JOINED_BY_NONE },
	{ "both are busy",
	  { { 0, A, PBX, "x1", M, N, "", 486, 0, NULL },
	    { 20, PBX, B, "y2", M, N, "", 486, 0, NULL } },
	  2,
	  JOINED_BY_NUMBERS },
	{ "two that it could be",
	  { INNER("x1", M, N, ""),
	    OUTER("y2", M, N, ""),
	    { 40, PBX, C, "z3", M, N, "", 0, 9000, NULL } },
	  3,
	  JOINED_BY_NONE },
	{ "of two the one that did not fail",
	  { INNER("x1", M, N, ""),
	    { 30, PBX, B, "y2", M, N, "", 0, 8990, NULL },
	    { 20, PBX, C, "z3", M, N, "", 503, 0, NULL } },
	  3,
	  JOINED_BY_NUMBERS },
};

static void test_joins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
		struct scene *scene = scene_new();
		print_message("%s\n", joins[i].what);
		for (size_t d = 0; d < joins[i].count; d++)
			play(scene, &joins[i].dialogs[d]);
		scene_run(scene);
		const struct leg_record *first = leg_of(scene, joins[i].dialogs[0].call_id);
		const struct leg_record *second =
		        leg_of(scene, joins[i].dialogs[1].call_id);
		const bool joined = joins[i].by != JOINED_BY_NONE;
		assert_int_equal(second->joined_by, joins[i].by);
		assert_int_equal(second->call == first->call, joined);
		assert_int_equal(second->joined_leg, joined ? first->id : 0);
		assert_int_equal(second->parent_leg, joined ? first->id : 0);
		scene_free(scene);
	}
}

/* --- what a B2BUA has written otherwise ----------------------------------------------- */

#define SAME_SESSION "Session-ID: " UUID ";remote=" NONE "\r\n"

static const struct {
	const char *what, *before, *after; /* headers of the two INVITEs */
	uint32_t changes;
	const char *rewritten;
} rewritings[] = {
	{ "nothing", "User-Agent: one\r\nSupported: timer\r\n",
	  "Supported: TIMER\r\nUser-Agent: one\r\n", 0, "" },
	{ "an option is dropped", "Supported: 100rel, timer\r\nk: replaces\r\n",
	  "Supported: timer,replaces\r\n", CHANGE_SUPPORTED,
	  "supported: 100rel,timer,replaces > timer,replaces" },
	{ "methods are dropped", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n",
	  "Allow: INVITE,ACK,BYE,CANCEL\r\n", CHANGE_ALLOW,
	  "allow: INVITE,ACK,BYE,CANCEL,UPDATE > INVITE,ACK,BYE,CANCEL" },
	{ "signed no more, and by other software",
	  "Identity: a.b.c;info=<https://x>\r\nUser-Agent: phone\r\n",
	  "User-Agent: border\r\n", CHANGE_IDENTITY | CHANGE_USER_AGENT,
	  "identity: there > none; user_agent: phone > border" },
	{ "who was called first is not told any more",
	  "Diversion: <sip:9@x>;reason=busy\r\n", "", CHANGE_DIVERSION,
	  "diversion: there > none" },
	{ "it is another", "Diversion: <sip:9@x>\r\n", "Diversion: <sip:8@x>\r\n",
	  CHANGE_DIVERSION, "diversion: sip:9@x > sip:8@x" },
	{ "the history is hidden",
	  "History-Info: <sip:1@x>;index=1, <sip:2@x>;index=1.1\r\n", "",
	  CHANGE_HISTORY_INFO, "history_info: there > none" },
	{ "another number is asserted", "P-Asserted-Identity: <sip:301@x>\r\n",
	  "P-Asserted-Identity: <sip:302@y>\r\n", CHANGE_ASSERTED,
	  "asserted: sip:301@x > sip:302@y" },
	{ "the same, by another carrier", "P-Asserted-Identity: <sip:301@x>\r\n",
	  "P-Asserted-Identity: <sip:301@y>\r\n", 0, "" },
	{ "who can be reached where", "Contact: <sip:1@198.18.0.1>\r\n",
	  "Contact: <sip:1@198.18.0.9>\r\n", CHANGE_CONTACT,
	  "contact: 198.18.0.1 > 198.18.0.9" },
};

static void test_rewriting(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rewritings); i++) {
		char before[512], after[512];
		snprintf(before, sizeof before, SAME_SESSION "%s", rewritings[i].before);
		snprintf(after, sizeof after, SAME_SESSION "%s", rewritings[i].after);
		const struct dialog first = INNER("x1", "1", "2", before);
		const struct dialog second = OUTER("y2", "1", "2", after);
		struct scene *scene = scene_new();
		play(scene, &first);
		play(scene, &second);
		scene_run(scene);
		const struct leg_record *leg = leg_of(scene, "y2");
		if (leg->changes != (rewritings[i].changes | CHANGE_CALL_ID | CHANGE_TAG) ||
		    strcmp(leg->rewritten, rewritings[i].rewritten) != 0)
			fail_msg("%s: %#x, %s", rewritings[i].what, leg->changes,
			         leg->rewritten);
		assert_int_equal(leg_of(scene, "x1")->changes, 0);
		scene_free(scene);
	}
}

static void test_parties_written_otherwise(void **state)
{
	(void)state;
	const struct dialog first = INNER("x1", "0049301", "2", SAME_SESSION);
	const struct dialog second = OUTER("y2", "+49301", "3", SAME_SESSION);
	struct scene *scene = scene_new();
	play(scene, &first);
	play(scene, &second);
	scene_run(scene);
	assert_string_equal(leg_of(scene, "y2")->rewritten,
	                    "from_user: 0049301 > +49301; to_user: 2 > 3");
	scene_free(scene);
}

/* --- forks ---------------------------------------------------------------------------- */

static void test_fork(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct dialog to_proxy = { 0, A, PBX, "one", "1", "2", "", 0, 9000, NULL };
	const struct dialog to_b = { 10, PBX, B, "one", "1", "2", "", 486, 0, NULL };
	const struct dialog to_c = { 12, PBX, C, "one", "1", "2", "", 0, 8990, NULL };
	play(scene, &to_proxy);
	play(scene, &to_b);
	play(scene, &to_c);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	const struct call_record *call = call_of(scene, "one");
	assert_int_equal(call->branches, 2);
	for (size_t i = 0; i < 3; i++) {
		const struct leg_record *leg = &scene_record(scene, RECORD_LEG, i)->leg;
		const struct endpoint b = scene_endpoint(B), c = scene_endpoint(C);
		const enum branch_fate fate = endpoint_equal(&leg->dst, &b) ? BRANCH_REFUSED
		                              : endpoint_equal(&leg->dst, &c)
		                                      ? BRANCH_ANSWERED
		                                      : BRANCH_NONE;
		assert_int_equal(leg->branch, fate);
		assert_int_equal(leg->id == call->answered_leg, fate == BRANCH_ANSWERED);
	}
	scene_free(scene);
}

/* --- from leg to leg ------------------------------------------------------------------ */

static void test_changes(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct dialog same = { 0, A, PBX, "x1", M, N, "", 0, 9000, NULL };
	const struct dialog onward = {
		20, PBX,  B,   "y2", "anonymous", "030555002", "In-Reply-To: x1\r\n",
		0,  9000, NULL
	};
	play(scene, &same);
	play(scene, &onward);
	scene_run(scene);
	assert_int_equal(leg_of(scene, "x1")->changes, 0);
	assert_int_equal(leg_of(scene, "y2")->changes,
	                 CHANGE_CALL_ID | CHANGE_TAG | CHANGE_CALLER | CHANGE_FROM_USER |
	                         CHANGE_TO_USER);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joins),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_rewriting),
		cmocka_unit_test(test_parties_written_otherwise),
		cmocka_unit_test(test_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
