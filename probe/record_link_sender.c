/* record_link_sender.c - the engine's side of the record stream. */
#include "probe/record_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "probe/record_link_parts.h"
#include "probe/wire_put.h"
#include "schema/store.h"

/* One frame that is not known to be kept. */
struct held {
	struct held *next; /* owned */
	uint64_t number;
	size_t len;
	uint8_t loss;  /* what it is counted as if it is not sent after all */
	bool restates; /* it has the number of the one before */
	uint8_t bytes[];
};

struct link_sender {
	int fd;
	struct held *first, *last; /* owned; by number */
	struct held *sending;      /* of these; NULL = all are sent */
	size_t sent;               /* octets of it, or of the hello */
	uint64_t number;           /* of the last frame */
	size_t bytes, most;        /* held */
	size_t peak;               /* since the last account */
	uint64_t not_kept[LINK_LOSS_COUNT];
	uint8_t ack[LINK_ACK]; /* as far as it has come */
	size_t ack_len;
	bool watching;
	bool greeting; /* the hello is not sent yet */
	size_t hello_len;
	uint8_t hello[LINK_HEAD + RECORD_WIRE_MAX];
	uint8_t scratch[RECORD_WIRE_MAX];
};

enum status link_sender_new(const uint8_t engine[LINK_ENGINE_ID], const char *options,
                            size_t most, struct link_sender **out)
{
	struct link_sender *sender = calloc(1, sizeof *sender);
	if (!sender)
		return ERR_NOMEM;
	sender->fd = -1;
	sender->most = most;
	const struct text said =
	        text_head(text_from(options), RECORD_WIRE_MAX - LINK_ENGINE_ID);
	const struct link_frame hello = { .kind = LINK_HELLO,
		                          .body.len = LINK_ENGINE_ID + said.len };
	uint8_t *to = link_put_head(sender->hello, &hello);
	to = put_bytes(to, engine, LINK_ENGINE_ID);
	to = put_bytes(to, said.at, said.len);
	sender->hello_len = (size_t)(to - sender->hello);
	*out = sender;
	return OK;
}

static void drop_first(struct link_sender *sender)
{
	struct held *first = sender->first;
	sender->bytes -= first->len;
	sender->first = first->next;
	if (!sender->first)
		sender->last = NULL;
	free(first);
}

static void disconnect(struct link_sender *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	sender->fd = -1;
}

void link_sender_free(struct link_sender *sender)
{
	if (!sender)
		return;
	disconnect(sender);
	while (sender->first)
		drop_first(sender);
	free(sender);
}

void link_sender_connect(struct link_sender *sender, int fd)
{
	disconnect(sender);
	sender->fd = fd;
	sender->greeting = true;
	sender->sending = sender->first;
	sender->sent = 0;
	sender->ack_len = 0;
}

int link_sender_fd(const struct link_sender *sender)
{
	return sender->fd;
}

/* --- what goes ------------------------------------------------------------------------ */

/* Likewise of a leg or a call that is not over. */
enum { PROGRESS_AT = 80 };
/* What was lost is told even when there is no room for anything else. */
#define ACCOUNT_ROOM ((size_t)1 << 20)
static_assert(LINK_LOSS_COUNT <= UINT8_MAX, "a loss is an octet");

/*
 * What nobody answered is what floods are made of: it must not take the place of calls.
 * What had to be forgotten in the analyzer, for there were too many, is in progress still.
 */
static unsigned int room_for_state(enum leg_state state, bool answered)
{
	switch (state) {
	case LEG_COMPLETED:
		return 100;
	case LEG_IN_PROGRESS:
		return answered ? 100 : 50;
	case LEG_NO_RESPONSE:
		return 50;
	default:
		return 90;
	}
}

/* How full it may be, in percent, for that record still to be held; and for its tail. */
static void room_for(const struct record *record, unsigned int *whole, unsigned int *tail)
{
	switch (record->kind) {
	case RECORD_MESSAGE:
		*tail = 40;
		*whole = 60;
		return;
	case RECORD_STREAM:
		*tail = 70;
		*whole = record->stream.leg ? 95 : 80;
		return;
	case RECORD_LEG:
		*tail = *whole = room_for_state(record->leg.state,
		                                record->leg.answered != NSTIME_NONE);
		return;
	case RECORD_CALL:
		*tail = *whole =
		        room_for_state(record->call.state, record->call.answered_leg != 0);
		return;
	default:
		*tail = *whole = 90;
		return;
	}
}

static unsigned int percent_full(const struct link_sender *sender)
{
	return (unsigned int)(sender->bytes * 100 / sender->most);
}

/* restates: it says how things stand, as others before and after it.  loss: what it is
 * counted as when there is no room. */
static void hold(struct link_sender *sender, struct link_frame *frame, bool restates,
                 size_t loss)
{
	const size_t len = LINK_HEAD + frame->body.len + frame->tail.len;
	const size_t most = sender->most + (loss == LINK_LOSS_ACCOUNT ? ACCOUNT_ROOM : 0);
	struct held *held = sender->bytes + len <= most ? malloc(sizeof *held + len) : NULL;
	if (!held) {
		sender->not_kept[loss]++;
		return;
	}
	held->restates = restates && sender->watching;
	held->loss = (uint8_t)loss;
	sender->number += !held->restates;
	frame->number = held->number = sender->number;
	held->next = NULL;
	held->len = len;
	uint8_t *to = link_put_head(held->bytes, frame);
	to = put_bytes(to, frame->body.at, frame->body.len);
	if (frame->tail.len)
		put_bytes(to, frame->tail.at, frame->tail.len);
	if (sender->last)
		sender->last->next = held;
	else
		sender->first = held;
	sender->last = held;
	sender->bytes += len;
	sender->peak = sender->bytes > sender->peak ? sender->bytes : sender->peak;
	if (!sender->sending)
		sender->sending = held;
}

/* A message is cut in the database: one octet more than is kept tells that it was. */
static struct span tail_of(const struct record *record)
{
	struct span tail = record->tail;
	if (record->kind == RECORD_MESSAGE && tail.len > STORE_RAW_MAX)
		tail.len = STORE_RAW_MAX + 1;
	if (tail.len > RECORD_WIRE_TAIL_MAX)
		tail.len = 0;
	return tail;
}

void link_sender_record(struct link_sender *sender, const struct record *record, bool over)
{
	unsigned int whole, with_tail;
	struct link_frame frame = {
		.kind = (uint8_t)record->kind,
		.flags = over ? 0 : LINK_NOT_OVER,
		.at = record->at,
		.tail = tail_of(record),
	};
	room_for(record, &whole, &with_tail);
	const unsigned int full = percent_full(sender);
	const size_t loss = over ? (size_t)record->kind : LINK_LOSS_PROGRESS;
	if (full >= (over ? whole : PROGRESS_AT)) {
		sender->not_kept[loss]++;
		return;
	}
	if (full >= with_tail && frame.tail.len) {
		frame.tail = (struct span){ 0 };
		sender->not_kept[record->kind == RECORD_MESSAGE ? LINK_LOSS_BYTES
		                                                : LINK_LOSS_TIMELINE]++;
	}
	frame.body = (struct span){ sender->scratch,
		                    record_wire_encode(record, sender->scratch) };
	hold(sender, &frame, !over, loss);
}

void link_sender_account(struct link_sender *sender, const struct link_account *account,
                         struct text json)
{
	uint8_t body[8 * LINK_ACCOUNT_NUMBERS];
	uint64_t numbers[LINK_ACCOUNT_NUMBERS];
	struct link_account whole = *account;
	uint8_t *to = body;
	whole.queue_bytes = sender->bytes;
	whole.queue_most_bytes = sender->peak;
	sender->peak = sender->bytes;
	memcpy(whole.not_kept, sender->not_kept, sizeof whole.not_kept);
	memcpy(numbers, &whole, sizeof numbers);
	for (size_t i = 0; i < LINK_ACCOUNT_NUMBERS; i++)
		to = put_u64(to, numbers[i]);
	struct link_frame frame = {
		.kind = LINK_ACCOUNT,
		.body = { body, sizeof body },
		.tail = text_bytes(json),
	};
	hold(sender, &frame, true, LINK_LOSS_ACCOUNT);
}

void link_sender_goodbye(struct link_sender *sender)
{
	static const uint8_t nothing[1];
	struct link_frame frame = { .kind = LINK_GOODBYE, .body = { nothing, 0 } };
	hold(sender, &frame, false, LINK_LOSS_ACCOUNT);
}

void link_sender_watch(struct link_sender *sender, uint64_t number)
{
	sender->watching = true;
	sender->number = number;
}

uint64_t link_sender_number(const struct link_sender *sender)
{
	return sender->number;
}

void link_sender_tell(struct link_sender *sender, enum link_kind kind,
                      const uint64_t *numbers, size_t count, struct text tail)
{
	uint8_t *to = sender->scratch;
	for (size_t i = 0; i < count; i++)
		to = put_u64(to, numbers[i]);
	struct link_frame frame = {
		.kind = (uint8_t)kind,
		.body = { sender->scratch, (size_t)(to - sender->scratch) },
		.tail = text_bytes(tail),
	};
	hold(sender, &frame, false, LINK_LOSS_ACCOUNT);
}

/* --- what does not go after all ------------------------------------------------------- */

/* The first frame of which nothing was sent, NULL = there is none; without a socket nobody
 * has any of them. */
static struct held *first_unsent(struct link_sender *sender)
{
	if (sender->fd < 0) {
		sender->sending = sender->first;
		sender->sent = 0;
	}
	const bool partly = sender->sending && sender->sent && !sender->greeting;
	return partly ? sender->sending->next : sender->sending;
}

/* Of frames that were not begun to be sent; how many. */
static uint64_t drop_unsent(struct link_sender *sender, bool progress_alone)
{
	const struct held *unsent = first_unsent(sender);
	struct held **to = &sender->first, *last = NULL, *next;
	uint64_t dropped = 0;
	bool is_unsent = false;
	if (sender->sending == unsent)
		sender->sending = NULL;
	for (struct held *held = sender->first; held; held = next) {
		next = held->next;
		is_unsent = is_unsent || held == unsent;
		if (is_unsent && (!progress_alone || held->loss == LINK_LOSS_PROGRESS)) {
			sender->bytes -= held->len;
			if (!progress_alone && held->loss != LINK_LOSS_ACCOUNT) {
				sender->not_kept[held->loss]++;
				dropped++;
			}
			free(held);
			continue;
		}
		if (is_unsent && !sender->sending)
			sender->sending = held;
		last = *to = held;
		to = &held->next;
	}
	*to = NULL;
	sender->last = last;
	return dropped;
}

void link_sender_drop_progress(struct link_sender *sender)
{
	(void)drop_unsent(sender, true);
}

uint64_t link_sender_cut(struct link_sender *sender)
{
	return drop_unsent(sender, false);
}

/* --- the socket ----------------------------------------------------------------------- */

enum { AT_ONCE = 64 }; /* frames: one by one each costs the kernel more than its bytes */

/* What comes next, from where it was left; how many parts. */
static size_t gather(const struct link_sender *sender, struct iovec parts[AT_ONCE])
{
	size_t count = 0;
	if (sender->greeting)
		parts[count++] =
		        (struct iovec){ (uint8_t *)sender->hello, sender->hello_len };
	for (struct held *held = sender->sending; held && count < AT_ONCE;
	     held = held->next)
		parts[count++] = (struct iovec){ held->bytes, held->len };
	if (count) {
		parts[0].iov_base = (uint8_t *)parts[0].iov_base + sender->sent;
		parts[0].iov_len -= sender->sent;
	}
	return count;
}

/* So many octets more are sent. */
static void pass(struct link_sender *sender, size_t octets)
{
	sender->sent += octets;
	if (sender->greeting && sender->sent >= sender->hello_len) {
		sender->sent -= sender->hello_len;
		sender->greeting = false;
	}
	while (!sender->greeting && sender->sending &&
	       sender->sent >= sender->sending->len) {
		sender->sent -= sender->sending->len;
		sender->sending = sender->sending->next;
	}
}

static void send_all(struct link_sender *sender)
{
	struct iovec parts[AT_ONCE];
	size_t count;
	while (sender->fd >= 0 && (count = gather(sender, parts)) > 0) {
		const struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		const ssize_t put =
		        sendmsg(sender->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0) {
			if (errno != EAGAIN && errno != EINTR)
				disconnect(sender);
			return;
		}
		pass(sender, (size_t)put);
	}
}

/* A frame of which a part is sent stays, kept or not. */
static void forget_kept(struct link_sender *sender, uint64_t durable)
{
	while (sender->first && sender->first->number <= durable) {
		if (sender->first == sender->sending) {
			if (sender->sent || sender->first->restates)
				return;
			sender->sending = sender->first->next;
		}
		drop_first(sender);
	}
}

static void take_ack(struct link_sender *sender)
{
	struct reader r = reader_of((struct span){ sender->ack, LINK_ACK });
	sender->ack_len = 0;
	if (read_u32(&r) != LINK_MAGIC) {
		disconnect(sender);
		return;
	}
	forget_kept(sender, read_u64(&r));
}

static void hear(struct link_sender *sender)
{
	while (sender->fd >= 0) {
		const ssize_t got = recv(sender->fd, sender->ack + sender->ack_len,
		                         LINK_ACK - sender->ack_len, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			disconnect(sender);
			return;
		}
		sender->ack_len += (size_t)got;
		if (sender->ack_len == LINK_ACK)
			take_ack(sender);
	}
}

void link_sender_work(struct link_sender *sender)
{
	hear(sender);
	send_all(sender);
}

bool link_sender_wants_to_write(const struct link_sender *sender)
{
	return sender->fd >= 0 && (sender->greeting || sender->sending);
}

bool link_sender_has_unsent(const struct link_sender *sender)
{
	return sender->first && (sender->fd < 0 || sender->greeting || sender->sending);
}

size_t link_sender_bytes(const struct link_sender *sender)
{
	return sender->bytes;
}

uint64_t link_sender_not_kept(const struct link_sender *sender, size_t loss)
{
	return sender->not_kept[loss];
}
