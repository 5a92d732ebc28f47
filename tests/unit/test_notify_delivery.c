/* Messages on their way to one receiver, which is the other end of a socket pair; the time
 * is the test's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/notify_delivery.h"
#include "tests/unit/unit.h"

#define S NS_PER_SEC

static const struct receiver tcp = { .name = "tcp", .transport = RECEIVER_TCP };
static const struct receiver relp = { .name = "relp", .transport = RECEIVER_RELP };
static const struct receiver hook = { .name = "hook",
	                              .transport = RECEIVER_WEBHOOK,
	                              .place = { "a", 80, false, "/" } };

struct line {
	struct delivery delivery;
	int other; /* the receiver's end */
	nstime now;
	char heard[65536];
};

static void begin(struct line *l, const struct receiver *receiver)
{
	memset(l, 0, sizeof *l);
	l->other = -1;
	l->now = 1000 * S;
	assert_int_equal(delivery_init(&l->delivery, receiver), OK);
}

static void end(struct line *l)
{
	if (l->other >= 0)
		close(l->other);
	delivery_free(&l->delivery);
}

static void hang_up(struct line *l)
{
	close(l->other);
	l->other = -1;
	delivery_work(&l->delivery, l->now, l->now);
	assert_int_equal(l->delivery.stream.fd, -1);
}

static void connect_it(struct line *l)
{
	int ends[2];
	for (int i = 0; i < 70 && !delivery_wants_socket(&l->delivery, l->now); i++)
		l->now += S;
	assert_true(delivery_wants_socket(&l->delivery, l->now));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	delivery_connect(&l->delivery, ends[0], "", l->now);
	l->other = ends[1];
}

static void add(struct line *l, uint64_t number, const char *text)
{
	assert_int_equal(delivery_add(&l->delivery, number, number, text_from(text)), OK);
}

/* What comes to the receiver now. */
static const char *heard(struct line *l)
{
	size_t len = 0;
	ssize_t got;
	delivery_work(&l->delivery, l->now, l->now);
	while ((got = recv(l->other, l->heard + len, sizeof l->heard - 1 - len,
	                   MSG_DONTWAIT)) > 0) {
		len += (size_t)got;
		delivery_work(&l->delivery, l->now, l->now);
	}
	l->heard[len] = '\0';
	return l->heard;
}

static void after(struct line *l, nstime seconds)
{
	for (; seconds > 0; seconds--) {
		l->now += S;
		delivery_work(&l->delivery, l->now, l->now);
	}
}

static void say(struct line *l, const char *words)
{
	assert_true(send(l->other, words, strlen(words), 0) > 0);
	delivery_work(&l->delivery, l->now, l->now);
}

static void the_last_minute_is_sent_again(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &tcp);
	add(&l, 1, "old");
	connect_it(&l);
	assert_string_equal(heard(&l), "3 old");
	after(&l, 50);
	add(&l, 2, "newer");
	assert_string_equal(heard(&l), "5 newer");
	assert_int_equal(l.delivery.delivered, 1);
	after(&l, 20); /* 70 s after the first, 20 s after the second */
	assert_int_equal(l.delivery.delivered, 2);
	hang_up(&l);
	add(&l, 3, "last");
	connect_it(&l);
	assert_string_equal(heard(&l), "5 newer4 last");
	end(&l);
}

static void what_is_hung_up_on_at_once_is_not_delivered(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &tcp);
	add(&l, 1, "a");
	for (int i = 0; i < 9; i++) {
		connect_it(&l);
		assert_string_equal(heard(&l), "1 a");
		assert_int_equal(l.delivery.delivered, 0);
		hang_up(&l);
	}
	connect_it(&l);
	assert_string_equal(heard(&l), "1 a");
	after(&l, 2);
	assert_int_equal(l.delivery.delivered, 1);
	end(&l);
}

static void a_line_that_breaks_all_the_time_is_not_sent_the_same_for_ever(void **state)
{
	(void)state;
	struct line l;
	size_t times = 0;
	begin(&l, &tcp);
	add(&l, 1, "a");
	for (int i = 0; i < 9 && delivery_wants_socket(&l.delivery, l.now + 3600 * S);
	     i++) {
		connect_it(&l);
		times += strcmp(heard(&l), "1 a") == 0;
		after(&l, 5);
		hang_up(&l);
	}
	assert_int_equal(times, 4); /* once, and three times again */
	assert_int_equal(l.delivery.delivered, 1);
	end(&l);
}

static void who_never_reads_has_nothing(void **state)
{
	(void)state;
	static char long_text[4096];
	struct line l;
	memset(long_text, 'x', sizeof long_text - 1);
	begin(&l, &tcp);
	for (uint64_t i = 1; i <= 100; i++)
		add(&l, i, long_text);
	connect_it(&l);
	after(&l, 30);
	assert_int_equal(l.delivery.delivered, 0);
	assert_true(l.delivery.stream.fd >= 0);
	after(&l, 40);
	assert_int_equal(l.delivery.stream.fd, -1); /* another connection may be better */
	assert_string_equal(l.delivery.error, "the receiver takes nothing");
	end(&l);
}

static void alerts_overtake_what_passes(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &relp);
	add(&l, 1, "first");
	add(&l, 0, "record");
	add(&l, 0, "record");
	add(&l, 2, "second");
	connect_it(&l);
	assert_non_null(strstr(heard(&l), "1 open "));
	say(&l, "1 rsp 6 200 OK\n");
	assert_string_equal(heard(&l), "2 syslog 5 first\n3 syslog 6 second\n"
	                               "4 syslog 6 record\n5 syslog 6 record\n");
	say(&l, "2 rsp 6 200 OK\n3 rsp 6 200 OK\n");
	assert_int_equal(l.delivery.delivered, 2);
	assert_int_equal(l.delivery.passing, 2);
	say(&l, "4 rsp 6 200 OK\n5 rsp 6 200 OK\n");
	assert_int_equal(l.delivery.count, 0);
	assert_int_equal(l.delivery.passing, 0);
	end(&l);
}

static void too_much_that_passes_is_left_out_and_counted(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &relp);
	for (int i = 0; i < 2000; i++)
		add(&l, 0, "record");
	for (uint64_t i = 1; i <= 128; i++)
		add(&l, i, "alert");
	assert_int_equal(l.delivery.passing, DELIVERY_PASSING);
	assert_int_equal(l.delivery.left_out, 2000 - DELIVERY_PASSING);
	assert_int_equal(l.delivery.count, DELIVERY_PASSING + 128);
	end(&l);
}

static void relp_without_an_answer_is_sent_again(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &relp);
	add(&l, 7, "a");
	connect_it(&l);
	heard(&l);
	say(&l, "1 rsp 6 200 OK\n");
	assert_string_equal(heard(&l), "2 syslog 1 a\n");
	after(&l, 11);
	assert_string_equal(l.delivery.error, "the receiver does not acknowledge");
	close(l.other);
	connect_it(&l);
	heard(&l);
	say(&l, "1 rsp 6 200 OK\n");
	assert_string_equal(heard(&l), "2 syslog 1 a\n");
	say(&l, "2 rsp 14 500 not today\n\n"); /* it does not want it, tomorrow either */
	assert_int_equal(l.delivery.delivered, 7);
	end(&l);
}

static void what_fires_is_not_posted_behind_its_end(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &hook);
	add(&l, 0, "still firing");
	add(&l, 5, "over");
	connect_it(&l);
	assert_non_null(strstr(heard(&l), "\r\n\r\nover"));
	say(&l, "HTTP/1.1 200 OK\r\n\r\n");
	assert_int_equal(l.delivery.delivered, 5);
	assert_int_equal(l.delivery.count, 0);
	assert_int_equal(l.delivery.left_out, 1);
	end(&l);
}

static void an_answer_that_says_when_is_obeyed(void **state)
{
	(void)state;
	struct line l;
	begin(&l, &hook);
	add(&l, 1, "a");
	connect_it(&l);
	heard(&l);
	say(&l, "HTTP/1.1 503 x\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(l.delivery.stream.fd, -1);
	close(l.other);
	l.other = -1;
	assert_false(delivery_wants_socket(&l.delivery, l.now + 119 * S));
	assert_true(delivery_wants_socket(&l.delivery, l.now + 120 * S));
	l.now += 120 * S;
	connect_it(&l);
	heard(&l);
	say(&l, "HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nbye");
	assert_int_equal(l.delivery.refused, 1);
	assert_int_equal(l.delivery.delivered, 1);
	assert_string_equal(l.delivery.error, "the receiver says 410 bye");
	end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_minute_is_sent_again),
		cmocka_unit_test(what_is_hung_up_on_at_once_is_not_delivered),
		cmocka_unit_test(
		        a_line_that_breaks_all_the_time_is_not_sent_the_same_for_ever),
		cmocka_unit_test(who_never_reads_has_nothing),
		cmocka_unit_test(alerts_overtake_what_passes),
		cmocka_unit_test(too_much_that_passes_is_left_out_and_counted),
		cmocka_unit_test(relp_without_an_answer_is_sent_again),
		cmocka_unit_test(what_fires_is_not_posted_behind_its_end),
		cmocka_unit_test(an_answer_that_says_when_is_obeyed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
