/* touch.h - reads every byte of a span, so that a sanitizer sees what is not there. */
#ifndef EARSHOT_FUZZ_TOUCH_H
#define EARSHOT_FUZZ_TOUCH_H

#include "analyzer/base/span.h"

static inline void touch(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		(void)*(const volatile uint8_t *)&bytes.at[i];
}

#endif
