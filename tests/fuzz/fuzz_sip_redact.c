/* fuzz_sip_redact.c - messages without their secrets: never more than there is room for,
 * and with less room the beginning of the same. */
#include "analyzer/wire/sip_redact.h"

#include <assert.h>
#include <string.h>

enum { ROOM = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char whole[ROOM];
	static char half[ROOM];
	const struct text message = { (const char *)data, len };
	const size_t all = sip_redact(message, whole, sizeof whole);
	assert(all <= sizeof whole);
	assert(sip_redact(message, half, all / 2) == all / 2);
	assert(memcmp(whole, half, all / 2) == 0);
	return 0;
}
