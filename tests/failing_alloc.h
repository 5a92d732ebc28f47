/*
 * failing_alloc.h - allocation that fails when told to, for the whole test program.
 *
 * To be included by the one source file of a program: it defines malloc and its kin, which
 * then replace those of libc (or of a sanitizer, which still sees every block).
 */
#ifndef EARSHOT_TESTS_FAILING_ALLOC_H
#define EARSHOT_TESTS_FAILING_ALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define UNDER_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define UNDER_THREAD_SANITIZER
#endif

/* ThreadSanitizer allocates before it is ready to be asked: nothing fails there. */
#ifdef UNDER_THREAD_SANITIZER
#define FAILING_ALLOC_WORKS 0
#else
#define FAILING_ALLOC_WORKS 1
#endif

#ifdef UNDER_ADDRESS_SANITIZER
#define REAL(name) __interceptor_##name
#define REAL_ALIGNED REAL(aligned_alloc)
#else
#define REAL(name) __libc_##name
#define REAL_ALIGNED REAL(memalign)
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *block, size_t size);
void *REAL_ALIGNED(size_t alignment, size_t size);

static struct {
	bool armed, and_all_after;
	size_t until; /* allocations before the one that fails */
	size_t failures;
} failing_alloc;

/* The nth allocation from now on fails (n counts from 1), or that and all behind it. */
static inline void failing_alloc_arm(size_t nth, bool and_all_after)
{
	failing_alloc.until = nth - 1;
	failing_alloc.and_all_after = and_all_after;
	failing_alloc.failures = 0;
	failing_alloc.armed = true;
}

/* How many have failed since. */
static inline size_t failing_alloc_disarm(void)
{
	failing_alloc.armed = false;
	return failing_alloc.failures;
}

static inline bool failing_alloc_fails(void)
{
	if (!failing_alloc.armed)
		return false;
	if (failing_alloc.until > 0) {
		failing_alloc.until--;
		return false;
	}
	if (failing_alloc.failures > 0 && !failing_alloc.and_all_after)
		return false;
	failing_alloc.failures++;
	errno = ENOMEM;
	return true;
}

#if FAILING_ALLOC_WORKS
void *malloc(size_t size)
{
	return failing_alloc_fails() ? NULL : REAL(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
	return failing_alloc_fails() ? NULL : REAL(calloc)(count, size);
}

void *realloc(void *block, size_t size)
{
	return failing_alloc_fails() ? NULL : REAL(realloc)(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return failing_alloc_fails() ? NULL : REAL_ALIGNED(alignment, size);
}

#endif /* FAILING_ALLOC_WORKS */

#endif
