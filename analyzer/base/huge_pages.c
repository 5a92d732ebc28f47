#include "analyzer/base/huge_pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

void *huge_pages_take(size_t bytes, void **allocation)
{
	unsigned char *page = *allocation = malloc(bytes + HUGE_PAGE_BYTES);
	if (!page)
		return NULL;
	page += -(uintptr_t)page % HUGE_PAGE_BYTES;
	madvise(page, bytes - bytes % HUGE_PAGE_BYTES, MADV_HUGEPAGE);
	return page;
}
