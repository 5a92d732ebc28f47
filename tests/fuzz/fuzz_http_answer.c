/* fuzz_http_answer.c - what a receiver of alerts answers to a POST. */
#include "probe/notify_http.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct text bytes = { (const char *)data, len };
	for (int closed = 0; closed < 2; closed++) {
		struct http_answer answer;
		const enum status status = http_answer_read(
		        bytes, closed != 0, INT64_C(784111777) * NS_PER_SEC, &answer);
		assert(!closed || status != ERR_NOT_FOUND);
		if (status != OK)
			continue;
		assert(answer.code >= 200 && answer.code <= 599 && answer.after >= 0);
		assert(memchr(answer.said, '\0', sizeof answer.said));
	}
	return 0;
}
