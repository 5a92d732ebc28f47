#include "probe/record_link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "probe/control.h"
#include "tests/unit/records.h"

static const uint8_t engine_id[LINK_ENGINE_ID] = { 7 };

struct pair {
	struct link_sender *sender;
	struct link_receiver receiver;
};

static void connect_pair(struct pair *pair)
{
	int ends[2];
	assert_int_equal(control_stream_pair(ends), OK);
	link_sender_connect(pair->sender, ends[0]);
	link_receiver_connect(&pair->receiver, ends[1]);
}

static struct pair new_pair(size_t most)
{
	struct pair pair;
	assert_int_equal(link_sender_new(engine_id, "options", most, &pair.sender), OK);
	assert_int_equal(link_receiver_init(&pair.receiver), OK);
	connect_pair(&pair);
	return pair;
}

static void free_pair(struct pair *pair)
{
	link_sender_free(pair->sender);
	link_receiver_free(&pair->receiver);
}

static void give(struct pair *pair, enum record_kind kind, struct span tail)
{
	struct record record;
	records_fill(&record, kind, "text");
	record.at = 4711;
	record.tail = tail;
	link_sender_record(pair->sender, &record, kind != RECORD_LEG);
}

/* Everything over, and the next frame. */
static struct link_frame next(struct pair *pair)
{
	struct link_frame frame;
	link_sender_work(pair->sender);
	link_receiver_fill(&pair->receiver);
	assert_int_equal(link_receiver_next(&pair->receiver, &frame), OK);
	return frame;
}

static void expect_nothing(struct pair *pair)
{
	struct link_frame frame;
	link_sender_work(pair->sender);
	link_receiver_fill(&pair->receiver);
	assert_int_equal(link_receiver_next(&pair->receiver, &frame), ERR_NOT_FOUND);
}

static void expect(struct pair *pair, uint8_t kind, uint64_t number)
{
	const struct link_frame frame = next(pair);
	assert_int_equal(frame.kind, kind);
	assert_int_equal(frame.number, number);
}

static void records_come_in_order_with_their_tails(void **state)
{
	(void)state;
	static const uint8_t bytes[] = "tail";
	struct pair pair = new_pair(1 << 20);
	give(&pair, RECORD_STREAM, (struct span){ bytes, 4 });
	give(&pair, RECORD_LEG, (struct span){ 0 });
	link_sender_goodbye(pair.sender);

	struct link_frame frame = next(&pair);
	assert_int_equal(frame.kind, LINK_HELLO);
	assert_memory_equal(frame.body.at, engine_id, LINK_ENGINE_ID);
	assert_memory_equal(frame.body.at + LINK_ENGINE_ID, "options", 7);
	frame = next(&pair);
	assert_int_equal(frame.kind, RECORD_STREAM);
	assert_int_equal(frame.number, 1);
	assert_int_equal(frame.at, 4711);
	assert_int_equal(frame.flags, 0);
	assert_int_equal(frame.tail.len, 4);
	assert_memory_equal(frame.tail.at, bytes, 4);
	struct record sent, back;
	records_fill(&sent, RECORD_STREAM, "text");
	assert_int_equal(record_wire_decode(RECORD_STREAM, frame.body, &back), OK);
	assert_null(records_differ(&sent, &back));
	frame = next(&pair);
	assert_int_equal(frame.number, 2);
	assert_int_equal(frame.flags, LINK_NOT_OVER);
	expect(&pair, LINK_GOODBYE, 3);
	expect_nothing(&pair);
	free_pair(&pair);
}

static void what_is_not_kept_is_sent_again_on_a_new_stream(void **state)
{
	(void)state;
	struct pair pair = new_pair(1 << 20);
	for (int i = 0; i < 3; i++)
		give(&pair, RECORD_CALL, (struct span){ 0 });
	expect(&pair, LINK_HELLO, 0);
	expect(&pair, RECORD_CALL, 1);
	expect(&pair, RECORD_CALL, 2);
	link_receiver_tell(&pair.receiver, 1);
	link_sender_work(pair.sender);

	connect_pair(&pair);
	expect(&pair, LINK_HELLO, 0);
	expect(&pair, RECORD_CALL, 2);
	expect(&pair, RECORD_CALL, 3);
	expect_nothing(&pair);
	assert_true(link_sender_bytes(pair.sender) > 0);
	link_receiver_tell(&pair.receiver, 3);
	link_sender_work(pair.sender);
	assert_int_equal(link_sender_bytes(pair.sender), 0);
	free_pair(&pair);
}

static void frames_stay_until_they_are_kept(void **state)
{
	(void)state;
	struct pair pair = new_pair(1 << 20);
	give(&pair, RECORD_CALL, (struct span){ 0 });
	give(&pair, RECORD_LEG, (struct span){ 0 });
	expect(&pair, LINK_HELLO, 0);
	link_receiver_kept(&pair.receiver);
	expect(&pair, RECORD_CALL, 1);
	expect(&pair, RECORD_LEG, 2);
	link_receiver_rewind(&pair.receiver);
	expect(&pair, RECORD_CALL, 1);
	link_receiver_kept(&pair.receiver);
	link_receiver_rewind(&pair.receiver);
	expect(&pair, RECORD_LEG, 2);
	free_pair(&pair);
}

/* Nobody listens: what is dear stays longest. */
static void give_call(struct pair *pair, enum leg_state state, uint64_t answered_leg)
{
	const struct record record = { .kind = RECORD_CALL,
		                       .call = { .state = state,
		                                 .answered_leg = answered_leg } };
	link_sender_record(pair->sender, &record, true);
}

static void detail_is_left_out_first(void **state)
{
	(void)state;
	enum { MOST = 400000 };
	static uint8_t bytes[1000];
	struct pair pair = new_pair(MOST);
	struct link_frame frame;
	size_t with_tail = 0, messages = 0, streams = 0, calls = 0;
	for (int i = 0; i < 500; i++)
		give(&pair, RECORD_MESSAGE, (struct span){ bytes, sizeof bytes });
	for (int i = 0; i < 500; i++)
		give(&pair, RECORD_STREAM, (struct span){ 0 });
	/* Nobody answered these: of a flood there may be any number. */
	for (int i = 0; i < 1000; i++)
		give_call(&pair, LEG_NO_RESPONSE, 0);
	/* And these were forgotten while they rang. */
	for (int i = 0; i < 1000; i++)
		give_call(&pair, LEG_IN_PROGRESS, 0);
	assert_int_equal(link_sender_not_kept(pair.sender, RECORD_CALL), 2000);
	for (int i = 0; i < 10; i++)
		give_call(&pair, LEG_IN_PROGRESS, 1);
	for (int i = 0; i < 1000; i++)
		give_call(&pair, LEG_COMPLETED, 1);
	size_t bytes_all = 0;
	for (;;) {
		link_sender_work(pair.sender);
		link_receiver_fill(&pair.receiver);
		if (link_receiver_next(&pair.receiver, &frame) != OK)
			break;
		link_receiver_kept(&pair.receiver);
		with_tail += frame.kind == RECORD_MESSAGE && frame.tail.len;
		messages += frame.kind == RECORD_MESSAGE;
		streams += frame.kind == RECORD_STREAM;
		calls += frame.kind == RECORD_CALL;
		if (frame.kind != LINK_HELLO)
			bytes_all += LINK_HEAD + frame.body.len + frame.tail.len;
	}
	assert_true(bytes_all <= MOST && bytes_all > MOST - 1000);
	assert_true(with_tail > 100 && with_tail < messages);
	assert_true(streams > 20 && streams < 500);
	assert_true(calls > 50 && calls < 1000);
	/* Whole records that are missing, and tails. */
	assert_int_equal(link_sender_not_kept(pair.sender, RECORD_MESSAGE), 500 - messages);
	assert_int_equal(link_sender_not_kept(pair.sender, LINK_LOSS_BYTES),
	                 messages - with_tail);
	assert_int_equal(link_sender_not_kept(pair.sender, RECORD_STREAM), 500 - streams);
	assert_int_equal(link_sender_not_kept(pair.sender, RECORD_CALL), 3010 - calls);
	assert_int_equal(link_sender_not_kept(pair.sender, LINK_LOSS_TIMELINE), 0);
	free_pair(&pair);
}

static void noise_is_known_as_such(void **state)
{
	(void)state;
	struct pair pair = new_pair(1 << 20);
	struct link_frame frame;
	int ends[2];
	static const uint8_t noise[LINK_HEAD] = "GET / HTTP/1.1";
	assert_int_equal(control_stream_pair(ends), OK);
	link_receiver_connect(&pair.receiver, ends[1]);
	assert_int_equal(send(ends[0], noise, sizeof noise, 0), sizeof noise);
	link_receiver_fill(&pair.receiver);
	assert_int_equal(link_receiver_next(&pair.receiver, &frame), ERR_MALFORMED);
	/* And the other way: whoever says what nobody says is not listened to. */
	assert_int_equal(control_stream_pair(ends), OK);
	link_sender_connect(pair.sender, ends[0]);
	assert_int_equal(send(ends[1], noise, sizeof noise, 0), sizeof noise);
	link_sender_work(pair.sender);
	assert_int_equal(link_sender_fd(pair.sender), -1);
	close(ends[1]);
	free_pair(&pair);
}

static void at_the_end_how_calls_stand_is_left_out(void **state)
{
	(void)state;
	struct pair pair = new_pair(1 << 20);
	give(&pair, RECORD_CALL, (struct span){ 0 });
	give(&pair, RECORD_LEG, (struct span){ 0 });
	link_sender_work(pair.sender); /* these are on their way */
	give(&pair, RECORD_LEG, (struct span){ 0 });
	give(&pair, RECORD_CALL, (struct span){ 0 });
	give(&pair, RECORD_LEG, (struct span){ 0 });
	link_sender_drop_progress(pair.sender);
	assert_int_equal(link_sender_not_kept(pair.sender, LINK_LOSS_PROGRESS), 0);
	link_sender_goodbye(pair.sender);
	expect(&pair, LINK_HELLO, 0);
	expect(&pair, RECORD_CALL, 1);
	expect(&pair, RECORD_LEG, 2);
	expect(&pair, RECORD_CALL, 4);
	expect(&pair, LINK_GOODBYE, 6);
	expect_nothing(&pair);
	free_pair(&pair);
}

/* A socket that nobody reads takes so much and no more; a frame it has in part stays. */
static void what_has_no_time_is_counted(void **state)
{
	(void)state;
	enum { MANY = 20000 };
	struct pair pair = new_pair((size_t)256 << 20);
	for (int i = 0; i < MANY; i++)
		give(&pair, RECORD_CALL, (struct span){ 0 });
	link_sender_work(pair.sender);
	assert_true(link_sender_has_unsent(pair.sender));
	const uint64_t cut = link_sender_cut(pair.sender);
	assert_true(cut > 0 && cut < MANY);
	assert_int_equal(link_sender_not_kept(pair.sender, RECORD_CALL), cut);
	link_sender_goodbye(pair.sender);
	expect(&pair, LINK_HELLO, 0);
	for (uint64_t i = 1; i <= MANY - cut; i++) {
		expect(&pair, RECORD_CALL, i);
		link_receiver_kept(&pair.receiver);
	}
	expect(&pair, LINK_GOODBYE, MANY + 1);
	assert_false(link_sender_has_unsent(pair.sender));
	link_receiver_tell(&pair.receiver, MANY + 1);
	link_sender_work(pair.sender);
	assert_int_equal(link_sender_bytes(pair.sender), 0);
	free_pair(&pair);
}

static void what_was_lost_is_told_when_there_is_no_room(void **state)
{
	(void)state;
	static const struct link_account account = { .frames = 7 };
	struct pair pair = new_pair(LINK_HEAD);
	give(&pair, RECORD_CALL, (struct span){ 0 });
	link_sender_account(pair.sender, &account, TEXT("{}"));
	expect(&pair, LINK_HELLO, 0);
	const struct link_frame frame = next(&pair);
	struct link_account said;
	assert_int_equal(frame.kind, LINK_ACCOUNT);
	assert_true(link_read_account(frame.body, &said));
	assert_int_equal(said.not_kept[RECORD_CALL], 1);
	free_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_order_with_their_tails),
		cmocka_unit_test(what_is_not_kept_is_sent_again_on_a_new_stream),
		cmocka_unit_test(frames_stay_until_they_are_kept),
		cmocka_unit_test(detail_is_left_out_first),
		cmocka_unit_test(at_the_end_how_calls_stand_is_left_out),
		cmocka_unit_test(what_has_no_time_is_counted),
		cmocka_unit_test(what_was_lost_is_told_when_there_is_no_room),
		cmocka_unit_test(noise_is_known_as_such),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
