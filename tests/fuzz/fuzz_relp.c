/* fuzz_relp.c - what a receiver of alerts answers by RELP. */
#include "probe/notify_relp.h"

#include <assert.h>

enum { MOST = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct text rest = { (const char *)data, len < MOST ? len : MOST };
	struct relp_frame frame;
	size_t whole;
	while (rest.len && (whole = relp_take(rest, MOST, &frame)) != 0 &&
	       whole != SIZE_MAX) {
		assert(whole <= rest.len && whole >= frame.data.len + frame.command.len);
		assert(frame.data.len == 0 ||
		       (frame.data.at >= rest.at &&
		        frame.data.at + frame.data.len < rest.at + whole));
		rest = text_skip(rest, whole);
	}
	return 0;
}
