/*
 * fuzz_mask.c - a SIP message, hidden: no number of a person, which has more than ten
 * digits here, is left of it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "web/mask.h"

enum { DIGITS = 11 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t key[SECRET_BYTES] = { 1 };
	struct mask mask;
	struct buffer out = { 0 };
	size_t run = 0;
	if (!secret_init())
		abort();
	mask_init(&mask, key);
	mask_add_message(&mask, (struct text){ (const char *)data, len }, &out);
	for (size_t i = 0; i < out.len; i++) {
		/* a pseudonym's own digits do not count, nor those of one right behind it
		 */
		while (i < out.len && out.at[i] == '~')
			i += 13;
		run = i < out.len && ascii_is_digit(out.at[i]) ? run + 1 : 0;
		assert(run < DIGITS);
	}
	buffer_free(&out);
	mask_free(&mask);
	return 0;
}
