/*
 * huge_pages.h - memory for what lies far apart and is met at random, on huge pages where
 * the system has any: it costs few TLB misses, and few page faults.
 */
#ifndef EARSHOT_BASE_HUGE_PAGES_H
#define EARSHOT_BASE_HUGE_PAGES_H

#include <stddef.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

/*
 * So many bytes, from the beginning of a huge page; of the last one, what does not fill it
 * lies on small pages.  NULL when memory runs out; else *allocation is what to free.
 */
void *huge_pages_take(size_t bytes, void **allocation);

#endif
