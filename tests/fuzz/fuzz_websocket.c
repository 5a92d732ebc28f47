/*
 * fuzz_websocket.c - a stream of WebSocket frames behind a handshake or without.  The first
 * two bytes say where it is cut: a message framed early must be the same message later.
 */
#include "analyzer/wire/websocket.h"

#include <assert.h>
#include <string.h>

enum { MESSAGE_MAX = 512 };

static void expect_handshake(struct span bytes)
{
	size_t len = 0;
	if (websocket_handshake(bytes, &len) != OK)
		return;
	assert(len > 0 && len <= bytes.len);
	size_t again = 0;
	assert(websocket_handshake((struct span){ bytes.at, len }, &again) == OK);
	assert(again == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	const size_t wanted = read_u16(&r);
	const struct span bytes = r.rest;
	uint8_t early[MESSAGE_MAX], late[MESSAGE_MAX];
	expect_handshake(bytes);
	const struct span part = { bytes.at, bytes.len ? wanted % (bytes.len + 1) : 0 };
	const struct websocket first = websocket_next(part, early, sizeof early);
	const struct websocket second = websocket_next(bytes, late, sizeof late);
	assert(first.skip <= part.len && second.skip <= bytes.len);
	assert(second.len <= MESSAGE_MAX && second.len <= bytes.len);
	if (first.result == WEBSOCKET_BROKEN)
		assert(second.result == WEBSOCKET_BROKEN);
	if (first.result != WEBSOCKET_MESSAGE)
		return 0;
	assert(second.result == WEBSOCKET_MESSAGE && second.skip == first.skip);
	assert(first.len > 0 && second.len == first.len);
	assert(memcmp(early, late, first.len) == 0);
	return 0;
}
