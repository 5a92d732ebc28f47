#include "analyzer/wire/websocket.h"

#include "analyzer/base/text.h"
#include "analyzer/wire/sip.h"

enum {
	OP_CONTINUATION = 0,
	OP_TEXT = 1,
	OP_BINARY = 2,
	OP_CLOSE = 8,
	OP_PONG = 10,
	CONTROL_MAX_BYTES = 125, /* RFC 6455 section 5.5 */
	MASK_BYTES = 4,
};

/* Is `word` one of a comma-separated list? */
static bool list_has(struct text list, struct text word)
{
	while (list.len > 0)
		if (text_equal_nocase(text_trim(text_cut(&list, ',')), word))
			return true;
	return false;
}

static bool is_first_line(struct text line)
{
	return text_starts(line, TEXT("HTTP/1.1 101")) ||
	       (text_starts(line, TEXT("GET ")) &&
	        text_ends_nocase(line, TEXT(" HTTP/1.1")));
}

/* Could these few bytes be the beginning of such a line? */
static bool may_be_first_line(struct text t)
{
	return text_starts(t, text_head(TEXT("GET "), t.len)) ||
	       text_starts(t, text_head(TEXT("HTTP/1.1 101"), t.len));
}

enum status websocket_handshake(struct span bytes, size_t *len)
{
	const struct text all = text_head(text_of(bytes), WEBSOCKET_MAX_HANDSHAKE);
	const enum status unfinished =
	        all.len < WEBSOCKET_MAX_HANDSHAKE ? ERR_TRUNCATED : ERR_NOT_FOUND;
	struct text rest = all;
	if (!may_be_first_line(all))
		return ERR_NOT_FOUND;
	bool upgrade = false, sip = false;
	for (bool first = true; text_find(rest, '\n') < rest.len; first = false) {
		struct text line = text_cut_line(&rest);
		if (first && !is_first_line(line))
			return ERR_NOT_FOUND;
		if (line.len == 0) {
			*len = all.len - rest.len;
			return upgrade && sip ? OK : ERR_NOT_FOUND;
		}
		const struct text name = text_trim(text_cut(&line, ':'));
		if (text_equal_nocase(name, TEXT("Upgrade")))
			upgrade = upgrade || list_has(line, TEXT("websocket"));
		else if (text_equal_nocase(name, TEXT("Sec-WebSocket-Protocol")))
			sip = sip || list_has(line, TEXT("sip"));
	}
	return unfinished;
}

/*
 * |F|R|R|R| opcode|M| length      | extended length: 16 bits after 126, 64 after 127
 * | masking key, if M             | payload ...                    RFC 6455 section 5.2
 */
struct frame {
	bool final, reserved, masked;
	uint8_t opcode;
	uint64_t len;
	struct span mask;
	struct span payload;
};

/* False: not all of it is there. */
static bool read_frame(struct reader *r, struct frame *out)
{
	const uint8_t first = read_u8(r);
	const uint8_t second = read_u8(r);
	out->final = first & 0x80;
	out->reserved = first & 0x70;
	out->opcode = first & 0x0f;
	out->masked = second & 0x80;
	out->len = second & 0x7f;
	if (out->len == 126)
		out->len = read_u16(r);
	else if (out->len == 127)
		out->len = read_u64(r);
	out->mask = take(r, out->masked ? MASK_BYTES : 0);
	if (r->ran_out || out->len > r->rest.len) {
		r->ran_out = true;
		return false;
	}
	out->payload = take(r, (size_t)out->len);
	return true;
}

static bool is_control(const struct frame *frame)
{
	return frame->opcode >= OP_CLOSE;
}

/* `inside`: fragments of a message came before.  Judged as soon as the fields are known. */
static bool is_lawful(const struct frame *frame, bool inside)
{
	if (frame->reserved || frame->opcode > OP_PONG ||
	    (frame->opcode > OP_BINARY && frame->opcode < OP_CLOSE))
		return false;
	if (is_control(frame))
		return frame->final && frame->len <= CONTROL_MAX_BYTES;
	return inside == (frame->opcode == OP_CONTINUATION);
}

static void unmask(const struct frame *frame, uint8_t *to)
{
	struct reader payload = reader_of(frame->payload);
	struct reader mask = reader_of(frame->mask);
	for (size_t i = 0; i < frame->payload.len; i++) {
		if (frame->masked && mask.rest.len == 0)
			mask = reader_of(frame->mask);
		to[i] = (uint8_t)(read_u8(&payload) ^ (frame->masked ? read_u8(&mask) : 0));
	}
}

struct websocket websocket_next(struct span bytes, uint8_t *to, size_t size)
{
	struct websocket ws = { .result = WEBSOCKET_MORE };
	struct reader r = reader_of(bytes);
	bool inside = false;
	while (r.rest.len > 0) {
		struct frame frame = { 0 };
		const bool whole = read_frame(&r, &frame);
		if (!is_lawful(&frame, inside) ||
		    (!is_control(&frame) && frame.len > size - ws.len)) {
			ws.result = WEBSOCKET_BROKEN;
			return ws;
		}
		if (!whole)
			return ws;
		if (!is_control(&frame)) {
			unmask(&frame, to + ws.len);
			ws.len += (size_t)frame.len;
			inside = !frame.final;
		}
		if (inside)
			continue;
		ws.skip = bytes.len - r.rest.len;
		if (!is_control(&frame) && ws.len > 0) {
			ws.result = WEBSOCKET_MESSAGE;
			return ws;
		}
	}
	return ws;
}
