/* record_link.c - frames, and the keeper's side of the record stream. */
#include "probe/record_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/record_link_parts.h"
#include "probe/wire_put.h"

/* Several of the largest frames, or some thousand of the usual ones. */
enum { RECEIVER_BYTES = 4 << 20 };
static_assert(RECEIVER_BYTES >= 2 * LINK_FRAME_MAX, "a frame always finds room");

uint8_t *link_put_head(uint8_t *to, const struct link_frame *frame)
{
	to = put_u32(to, LINK_MAGIC);
	*to++ = LINK_VERSION;
	*to++ = frame->kind;
	to = put_u16(to, frame->flags);
	to = put_u64(to, frame->number);
	to = put_u64(to, (uint64_t)frame->at);
	to = put_u32(to, (uint32_t)frame->body.len);
	return put_u32(to, (uint32_t)frame->tail.len);
}

/* OK, ERR_TRUNCATED: more has to come; ERR_MALFORMED. */
static enum status read_frame(struct reader *r, struct link_frame *out)
{
	if (r->rest.len < LINK_HEAD)
		return ERR_TRUNCATED;
	const uint32_t magic = read_u32(r);
	const uint8_t version = read_u8(r);
	out->kind = read_u8(r);
	out->flags = read_u16(r);
	out->number = read_u64(r);
	out->at = (nstime)read_u64(r);
	const uint32_t body = read_u32(r);
	const uint32_t tail = read_u32(r);
	if (magic != LINK_MAGIC || version != LINK_VERSION || body > RECORD_WIRE_MAX ||
	    tail > RECORD_WIRE_TAIL_MAX || out->number > INT64_MAX ||
	    out->flags & ~(unsigned int)LINK_NOT_OVER)
		return ERR_MALFORMED;
	out->body = take(r, body);
	out->tail = take(r, tail);
	return r->ran_out ? ERR_TRUNCATED : OK;
}

const char *link_loss_name(size_t loss)
{
	static const char *const others[] = { "message_bytes", "timeline", "progress",
		                              "account" };
	static_assert(ARRAY_LEN(others) == LINK_LOSS_COUNT - RECORD_KIND_COUNT, "as many");
	return loss < RECORD_KIND_COUNT ? record_kind_names[loss]
	                                : others[loss - RECORD_KIND_COUNT];
}

bool link_read_account(struct span body, struct link_account *out)
{
	struct reader r = reader_of(body);
	uint64_t numbers[LINK_ACCOUNT_NUMBERS] = { 0 };
	for (size_t i = 0; i < LINK_ACCOUNT_NUMBERS; i++) {
		numbers[i] = read_u64(&r);
		if (numbers[i] > INT64_MAX)
			return false;
	}
	memcpy(out, numbers, sizeof *out);
	return !r.ran_out && r.rest.len == 0;
}

enum status link_receiver_init(struct link_receiver *receiver)
{
	*receiver = (struct link_receiver){ .fd = -1 };
	receiver->bytes = malloc(RECEIVER_BYTES);
	return receiver->bytes ? OK : ERR_NOMEM;
}

void link_receiver_free(struct link_receiver *receiver)
{
	if (receiver->fd >= 0)
		close(receiver->fd);
	free(receiver->bytes);
	*receiver = (struct link_receiver){ .fd = -1 };
}

void link_receiver_connect(struct link_receiver *receiver, int fd)
{
	if (receiver->fd >= 0)
		close(receiver->fd);
	receiver->fd = fd;
	receiver->kept_to = receiver->read_to = receiver->filled = 0;
	receiver->ended = false;
}

bool link_receiver_has_room(const struct link_receiver *receiver)
{
	return receiver->filled - receiver->kept_to < RECEIVER_BYTES;
}

bool link_receiver_is_filling_up(const struct link_receiver *receiver)
{
	return receiver->filled - receiver->kept_to > RECEIVER_BYTES - RECEIVER_BYTES / 4;
}

static void move_to_front(struct link_receiver *receiver)
{
	if (receiver->kept_to == 0)
		return;
	memmove(receiver->bytes, receiver->bytes + receiver->kept_to,
	        receiver->filled - receiver->kept_to);
	receiver->filled -= receiver->kept_to;
	receiver->read_to -= receiver->kept_to;
	receiver->kept_to = 0;
}

uint8_t *link_receiver_room(struct link_receiver *receiver, size_t *size)
{
	if (receiver->filled == RECEIVER_BYTES)
		move_to_front(receiver);
	*size = RECEIVER_BYTES - receiver->filled;
	return receiver->bytes + receiver->filled;
}

void link_receiver_added(struct link_receiver *receiver, size_t len)
{
	receiver->filled += len;
}

void link_receiver_fill(struct link_receiver *receiver)
{
	while (receiver->fd >= 0 && !receiver->ended && link_receiver_has_room(receiver)) {
		size_t room;
		uint8_t *to = link_receiver_room(receiver, &room);
		const ssize_t got = recv(receiver->fd, to, room, MSG_DONTWAIT);
		if (got > 0)
			link_receiver_added(receiver, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			receiver->ended = true;
		else if (errno == EAGAIN)
			return;
	}
}

enum status link_receiver_next(struct link_receiver *receiver, struct link_frame *out)
{
	struct reader r = reader_of((struct span){ receiver->bytes + receiver->read_to,
	                                           receiver->filled - receiver->read_to });
	const struct span whole = r.rest;
	const enum status status = read_frame(&r, out);
	if (status != OK)
		return status == ERR_TRUNCATED ? ERR_NOT_FOUND : status;
	receiver->read_to += whole.len - r.rest.len;
	return OK;
}

void link_receiver_rewind(struct link_receiver *receiver)
{
	receiver->read_to = receiver->kept_to;
}

void link_receiver_kept(struct link_receiver *receiver)
{
	receiver->kept_to = receiver->read_to;
}

void link_receiver_tell(const struct link_receiver *receiver, uint64_t durable)
{
	uint8_t bytes[LINK_ACK];
	put_u64(put_u32(bytes, LINK_MAGIC), durable);
	if (receiver->fd >= 0)
		(void)send(receiver->fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
}
