/* Who is told of which alert, how often, and what is said besides; the time is the test's.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/keeper_notices.h"

#define T0 (INT64_C(1800000000) * NS_PER_SEC)
#define AFTER(s) (T0 + (s)*NS_PER_SEC)

enum { SYSLOG, HOOK, MANAGER };

static const struct notify_settings settings = {
	.receivers = {
		{ .name = "syslog", .transport = RECEIVER_RELP, .least = SEVERITY_WARNING,
		  .facility = 3, .limit_per_minute = 3, .give_up = 3600 * NS_PER_SEC,
		  .reminder = 600 * NS_PER_SEC, .heartbeat = 30 * NS_PER_SEC },
		{ .name = "hook", .transport = RECEIVER_WEBHOOK, .least = SEVERITY_CRITICAL,
		  .give_up = 3600 * NS_PER_SEC },
		{ .name = "manager", .transport = RECEIVER_ALERTMANAGER, .limit_per_minute = 1,
		  .least = SEVERITY_WARNING, .give_up = 3600 * NS_PER_SEC,
		  .resend = 60 * NS_PER_SEC },
	},
	.count = 3,
	.enterprise = 32473,
};

static struct alert_record alert_of(uint64_t id, enum alert_state state)
{
	struct alert_record alert = {
		.id = id, .at = T0, .raised = T0, .state = state, .severity = SEVERITY_MAJOR
	};
	text_copy(alert.rule, sizeof alert.rule, TEXT("mos_low"));
	text_copy(alert.metric, sizeof alert.metric, TEXT("mos_nb_p50"));
	return alert;
}

static enum told_verdict judge(struct told *told, size_t receiver,
                               const struct alert_record *alert, nstime now)
{
	const enum told_verdict verdict = told_judge(told, &settings, receiver, alert, now);
	told_note(told, alert);
	return verdict;
}

static void each_is_told_once_and_hears_of_the_end(void **state)
{
	(void)state;
	struct told told = { .list = NULL };
	struct alert_record alert = alert_of(1, ALERT_FIRING);
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
	assert_int_equal(judge(&told, HOOK, &alert, T0), TOLD_NOT); /* not severe enough */
	told_kept(&told);
	alert.state = ALERT_CLEARING;
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_NOT);
	alert.state = ALERT_FIRING; /* the figure goes up and down at its threshold */
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_NOT);
	told_kept(&told);
	alert.state = ALERT_OK;
	alert.muted = true; /* by now, by something else */
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
	assert_int_equal(judge(&told, HOOK, &alert, T0), TOLD_NOT);
	told_kept(&told);
	assert_int_equal(told.count, 0);
	told_free(&told);
}

static void what_was_muted_is_told_when_it_is_not_any_more(void **state)
{
	(void)state;
	struct told told = { .list = NULL };
	struct alert_record alert = alert_of(1, ALERT_FIRING);
	alert.muted = true;
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_NOT);
	told_kept(&told);
	alert.muted = false;
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
	told_free(&told);
	struct told other = { .list = NULL };
	alert.muted = true;
	assert_int_equal(judge(&other, SYSLOG, &alert, T0), TOLD_NOT);
	told_kept(&other);
	alert.muted = false;
	alert.state = ALERT_OK; /* nobody heard of it */
	assert_int_equal(judge(&other, SYSLOG, &alert, T0), TOLD_NOT);
	told_free(&other);
}

static void too_many_are_told_together_but_not_emergencies(void **state)
{
	(void)state;
	struct told told = { .list = NULL };
	for (uint64_t i = 1; i <= 5; i++) {
		const struct alert_record alert = alert_of(i, ALERT_FIRING);
		assert_int_equal(judge(&told, SYSLOG, &alert, T0),
		                 i <= 3 ? TOLD_SINGLY : TOLD_TOGETHER);
		assert_int_equal(told_judge(&told, &settings, MANAGER, &alert, T0),
		                 TOLD_SINGLY);
	}
	struct alert_record emergency = alert_of(6, ALERT_FIRING);
	text_copy(emergency.metric, sizeof emergency.metric, TEXT("emergency_failed"));
	assert_int_equal(judge(&told, SYSLOG, &emergency, T0), TOLD_SINGLY);
	told_kept(&told);
	/* The end of those that were told, and of no other. */
	for (uint64_t i = 1; i <= 5; i++) {
		const struct alert_record alert = alert_of(i, ALERT_OK);
		assert_int_equal(judge(&told, SYSLOG, &alert, T0),
		                 i <= 3 ? TOLD_SINGLY : TOLD_NOT);
	}
	told_kept(&told);
	const struct alert_record later = alert_of(7, ALERT_FIRING);
	assert_int_equal(judge(&told, SYSLOG, &later, AFTER(59)), TOLD_TOGETHER);
	const struct alert_record next = alert_of(8, ALERT_FIRING);
	assert_int_equal(judge(&told, SYSLOG, &next, AFTER(60)), TOLD_SINGLY);
	told_free(&told);
}

static void a_batch_that_is_undone_told_nobody(void **state)
{
	(void)state;
	struct told told = { .list = NULL };
	for (int attempt = 0; attempt < 9; attempt++) {
		const struct alert_record alert = alert_of(1, ALERT_FIRING);
		assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
		told_undone(&told);
	}
	const struct alert_record alert = alert_of(1, ALERT_FIRING);
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
	told_kept(&told);
	const struct alert_record over = alert_of(1, ALERT_OK);
	for (int attempt = 0; attempt < 9; attempt++) {
		assert_int_equal(judge(&told, SYSLOG, &over, T0), TOLD_SINGLY);
		told_undone(&told);
	}
	assert_int_equal(told.count, 1);
	told_free(&told);
}

static void other_receivers_do_not_mix_up_who_was_told(void **state)
{
	(void)state;
	struct told told = { .list = NULL };
	struct notify_settings other = { .count = 2 };
	const struct alert_record alert = alert_of(1, ALERT_FIRING);
	const struct alert_record over = alert_of(1, ALERT_OK);
	other.receivers[0] = settings.receivers[MANAGER];
	other.receivers[1] = settings.receivers[SYSLOG];
	assert_int_equal(judge(&told, SYSLOG, &alert, T0), TOLD_SINGLY);
	told_kept(&told);
	told_move(&told, &settings, &other);
	assert_int_equal(told_judge(&told, &other, 0, &over, T0), TOLD_NOT);
	assert_int_equal(told_judge(&told, &other, 1, &over, T0), TOLD_SINGLY);
	told_free(&told);
}

/* --- with a database, and the notifier's end of the pair ------------------------------ */

struct desk {
	struct keeper_notices notices;
	struct store_live *live;
	int other;
	char folder[64], path[80];
};

static void open_desk(struct desk *d)
{
	struct db_error error;
	int ends[2];
	memset(d, 0, sizeof *d);
	strcpy(d->folder, "/tmp/earshot-keeper-notices-XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	snprintf(d->path, sizeof d->path, "%s/x.db", d->folder);
	if (store_live_open(d->path, &d->live, &error) != OK)
		fail_msg("%s", error.text);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	keeper_notices_init(&d->notices, &settings, "probe-1");
	keeper_notices_connect(&d->notices, ends[0]);
	d->other = ends[1];
}

static void close_desk(struct desk *d)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char file[96];
	keeper_notices_free(&d->notices);
	told_free(&d->notices.told);
	close(d->other);
	store_live_close(d->live, true);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(file, sizeof file, "%s%s", d->path, ends[i]);
		unlink(file);
	}
	rmdir(d->folder);
}

/* What comes to the notifier for that receiver and has those words; how many. */
static size_t hear(struct desk *d, uint32_t receiver, const char *words)
{
	struct notice_packet packet;
	size_t count = 0;
	assert_int_equal(keeper_notices_hand(&d->notices, d->live, T0), OK);
	while (recv(d->other, &packet, sizeof packet - 1, MSG_DONTWAIT) > 0) {
		packet.text[packet.len] = '\0';
		count += packet.receiver == receiver && strstr(packet.text, words);
		if (packet.number == 0)
			continue;
		struct notice_packet answer = { .number = packet.number,
			                        .receiver = packet.receiver,
			                        .kind = NOTICE_DELIVERED };
		assert_true(send(d->other, &answer, NOTICE_HEAD, 0) > 0);
	}
	(void)keeper_notices_hear(&d->notices, T0);
	assert_int_equal(keeper_notices_forget(&d->notices, d->live), OK);
	return count;
}

static void tell(struct desk *d, const struct alert_record *alert)
{
	assert_int_equal(keeper_notices_add(&d->notices, d->live, alert, T0), OK);
	assert_int_equal(store_live_commit(d->live), OK);
	keeper_notices_kept(&d->notices);
}

static void say(struct desk *d, nstime now)
{
	const struct notice_pulse pulse = { .frames = 12345, .dropped = 6 };
	assert_int_equal(keeper_notices_say(&d->notices, d->live, &pulse, now), OK);
	assert_int_equal(store_live_commit(d->live), OK);
}

static void what_fires_is_repeated_and_reminded_of(void **state)
{
	(void)state;
	struct desk d;
	open_desk(&d);
	const struct alert_record alert = alert_of(0xabc, ALERT_FIRING);
	tell(&d, &alert);
	assert_int_equal(hear(&d, MANAGER, "startsAt"), 1);
	for (nstime s = 1; s < 60; s++)
		say(&d, AFTER(s));
	assert_int_equal(hear(&d, MANAGER, "startsAt"), 0);
	say(&d, AFTER(61));
	assert_int_equal(hear(&d, MANAGER, "startsAt"), 1);
	say(&d, AFTER(122));
	assert_int_equal(hear(&d, MANAGER, "\"id\":\"0000000000000abc\""), 1);
	say(&d, AFTER(599));
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	say(&d, AFTER(601));
	assert_int_equal(hear(&d, SYSLOG, "reminder=\"true\""), 1);
	say(&d, AFTER(603));
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	const struct alert_record over = alert_of(0xabc, ALERT_OK);
	tell(&d, &over);
	assert_int_equal(hear(&d, MANAGER, "endsAt"), 1);
	say(&d, AFTER(9000));
	assert_int_equal(hear(&d, MANAGER, ""), 0);
	say(&d, AFTER(9900));
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	close_desk(&d);
}

static void a_restart_goes_on_with_what_fires(void **state)
{
	(void)state;
	struct desk d;
	open_desk(&d);
	struct alert_record alert = alert_of(1, ALERT_CLEARING);
	keeper_notices_restore(&d.notices, &alert, T0);
	alert.state = ALERT_FIRING; /* it was told before */
	tell(&d, &alert);
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	say(&d, AFTER(1));
	assert_int_equal(hear(&d, MANAGER, "startsAt"),
	                 1); /* at once: it may have forgotten */
	alert.state = ALERT_OK;
	tell(&d, &alert);
	assert_int_equal(hear(&d, SYSLOG, "state=\"ok\""), 1);
	close_desk(&d);
}

static void many_are_one_line(void **state)
{
	(void)state;
	struct desk d;
	open_desk(&d);
	say(&d, T0);
	for (uint64_t i = 1; i <= 10; i++) {
		struct alert_record alert = alert_of(i, ALERT_FIRING);
		if (i == 9)
			text_copy(alert.rule, sizeof alert.rule, TEXT("loss_high"));
		tell(&d, &alert);
	}
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 3);
	say(&d, AFTER(59));
	assert_int_equal(hear(&d, SYSLOG, "SUMMARY"), 0);
	say(&d, AFTER(61));
	assert_int_equal(
	        hear(&d, SYSLOG, "7 alerts not sent singly: 6 mos_low, 1 loss_high"), 1);
	say(&d, AFTER(122));
	assert_int_equal(hear(&d, SYSLOG, "SUMMARY"), 0);
	close_desk(&d);
}

static void it_says_that_it_lives(void **state)
{
	(void)state;
	struct desk d;
	open_desk(&d);
	say(&d, T0);
	assert_int_equal(
	        hear(&d, SYSLOG, "HEARTBEAT [earshot@32473 state=\"heartbeat\" delivery="),
	        1);
	say(&d, AFTER(29));
	assert_int_equal(hear(&d, SYSLOG, "HEARTBEAT"), 0);
	say(&d, AFTER(30));
	assert_int_equal(hear(&d, SYSLOG, "calls=\"0\" packets=\"12345\" dropped=\"6\""),
	                 1);
	close_desk(&d);
}

static void what_is_too_old_is_given_up(void **state)
{
	(void)state;
	struct desk d;
	uint64_t count;
	open_desk(&d);
	const struct alert_record alert = alert_of(1, ALERT_FIRING);
	tell(&d, &alert);
	assert_int_equal(keeper_notices_expire(&d.notices, d.live, AFTER(3599)), OK);
	assert_int_equal(d.notices.of[SYSLOG].given_up, 0);
	assert_int_equal(keeper_notices_expire(&d.notices, d.live, AFTER(3611)), OK);
	assert_int_equal(d.notices.of[SYSLOG].given_up, 1);
	assert_int_equal(d.notices.of[HOOK].given_up, 0);
	assert_int_equal(store_notices_count(d.live, "syslog", NOTICE_DEAD, 0, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	close_desk(&d);
}

static void a_notifier_that_lies_forgets_nothing(void **state)
{
	(void)state;
	static struct notice_packet packets[] = {
		{ .number = 99, .receiver = SYSLOG, .kind = NOTICE_DELIVERED },
		{ .number = 99, .receiver = SYSLOG, .kind = NOTICE_REFUSED },
		{ .number = 1, .receiver = 7, .kind = NOTICE_DELIVERED },
		{ .number = 1, .receiver = UINT32_MAX, .kind = NOTICE_DELIVERED },
		{ .number = 1, .receiver = SYSLOG, .kind = NOTICE_MESSAGE },
		{ .number = 1, .receiver = SYSLOG, .kind = 77 },
		{ .number = 1, .receiver = SYSLOG, .kind = NOTICE_DELIVERED, .len = 100 },
	};
	struct desk d;
	uint64_t count;
	open_desk(&d);
	const struct alert_record alert = alert_of(1, ALERT_FIRING);
	tell(&d, &alert);
	assert_int_equal(keeper_notices_hand(&d.notices, d.live, T0), OK);
	for (size_t i = 0; i < ARRAY_LEN(packets); i++)
		assert_true(send(d.other, &packets[i], NOTICE_HEAD, 0) > 0);
	assert_true(send(d.other, "x", 1, 0) > 0);
	assert_false(keeper_notices_hear(&d.notices, T0));
	assert_int_equal(store_notices_count(d.live, "syslog", NOTICE_WAITING, 0, &count),
	                 OK);
	assert_int_equal(count, 1);
	close_desk(&d);
}

/* The number of messages of that receiver in that state. */
static uint64_t count(struct desk *d, const char *receiver, enum notice_state state)
{
	uint64_t n = 0;
	assert_int_equal(store_notices_count(d->live, receiver, state, 0, &n), OK);
	return n;
}

static void follow(struct desk *d, const struct notify_settings *to, nstime now)
{
	keeper_notices_follow(&d->notices, to);
	close(d->other);
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	keeper_notices_connect(&d->notices, ends[0]);
	d->other = ends[1];
	assert_int_equal(keeper_notices_sort(&d->notices, d->live, now), OK);
	assert_int_equal(store_live_commit(d->live), OK);
}

static void what_waits_for_a_receiver_that_is_gone_is_given_up(void **state)
{
	(void)state;
	struct desk d;
	struct notify_settings other = { .count = 1 };
	struct notify_settings changed = settings;
	struct buffer status = { 0 };
	open_desk(&d);
	other.receivers[0] = settings.receivers[MANAGER];
	for (uint64_t i = 1; i <= 2; i++) {
		const struct alert_record alert = alert_of(i, ALERT_FIRING);
		tell(&d, &alert);
	}
	follow(&d, &other, T0);
	assert_int_equal(count(&d, "syslog", NOTICE_WAITING), 0);
	assert_int_equal(count(&d, "syslog", NOTICE_STRANDED), 2);
	assert_int_equal(count(&d, "manager", NOTICE_WAITING), 2);
	assert_int_equal(d.notices.stranded_count, 1);
	assert_int_equal(d.notices.stranded[0].count, 2);
	keeper_notices_add_status(&d.notices, d.live, &status);
	buffer_add_char(&status, '\0');
	assert_non_null(strstr(status.at, "{\"name\":\"syslog\",\"transport\":null,"
	                                  "\"state\":\"removed\",\"waiting\":0,"
	                                  "\"together\":0,\"dead\":2,"));
	buffer_free(&status);
	/* One that is back, within the time that it has. */
	follow(&d, &settings, AFTER(600));
	assert_int_equal(d.notices.stranded_count, 0);
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 2);
	/* Of another kind: what was written for the former is no message for it. */
	const struct alert_record third = alert_of(3, ALERT_FIRING);
	tell(&d, &third);
	changed.receivers[SYSLOG].transport = RECEIVER_WEBHOOK;
	follow(&d, &changed, AFTER(700));
	assert_int_equal(count(&d, "syslog", NOTICE_DEAD), 1);
	assert_int_equal(d.notices.of[SYSLOG].given_up, 1);
	assert_int_equal(hear(&d, SYSLOG, ""), 0);
	close_desk(&d);
}

/* Those of a keeper before are known by the database; too late is too late. */
static void a_receiver_that_is_back_too_late_gets_nothing_old(void **state)
{
	(void)state;
	struct desk d;
	struct notify_settings none = { .count = 0 };
	open_desk(&d);
	const struct alert_record alert = alert_of(1, ALERT_FIRING);
	tell(&d, &alert);
	follow(&d, &none, T0);
	memset(d.notices.stranded, 0, sizeof d.notices.stranded);
	d.notices.stranded_count = 0;
	follow(&d, &none, AFTER(1800));
	assert_int_equal(d.notices.stranded_count, 2);
	assert_string_equal(d.notices.stranded[1].name, "syslog");
	follow(&d, &settings, AFTER(3601));
	assert_int_equal(hear(&d, SYSLOG, "MOS_LOW"), 0);
	assert_int_equal(count(&d, "syslog", NOTICE_STRANDED), 1);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_once_and_hears_of_the_end),
		cmocka_unit_test(what_was_muted_is_told_when_it_is_not_any_more),
		cmocka_unit_test(too_many_are_told_together_but_not_emergencies),
		cmocka_unit_test(a_batch_that_is_undone_told_nobody),
		cmocka_unit_test(other_receivers_do_not_mix_up_who_was_told),
		cmocka_unit_test(what_fires_is_repeated_and_reminded_of),
		cmocka_unit_test(a_restart_goes_on_with_what_fires),
		cmocka_unit_test(many_are_one_line),
		cmocka_unit_test(it_says_that_it_lives),
		cmocka_unit_test(what_waits_for_a_receiver_that_is_gone_is_given_up),
		cmocka_unit_test(a_receiver_that_is_back_too_late_gets_nothing_old),
		cmocka_unit_test(what_is_too_old_is_given_up),
		cmocka_unit_test(a_notifier_that_lies_forgets_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
