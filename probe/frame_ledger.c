#include "probe/frame_ledger.h"

#include <sys/mman.h>

struct frame_ledger *frame_ledger_new(void)
{
	void *shared = mmap(NULL, sizeof(struct frame_ledger), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? NULL : shared;
}

void frame_ledger_free(struct frame_ledger *ledger)
{
	if (ledger)
		munmap(ledger, sizeof *ledger);
}

static void copy_ring(struct ring_ledger *to, const struct ring_ledger *from)
{
	ledger_set(&to->taken, ledger_get(&from->taken));
	ledger_set(&to->elsewhere, ledger_get(&from->elsewhere));
	atomic_store(&to->block, atomic_load(&from->block));
	atomic_store(&to->held, atomic_load(&from->held));
	atomic_store(&to->left, atomic_load(&from->left));
	atomic_store(&to->begun, atomic_load(&from->begun));
}

void source_ledger_copy(struct source_ledger *to, const struct source_ledger *from)
{
	ledger_set(&to->received, ledger_get(&from->received));
	ledger_set(&to->dropped, ledger_get(&from->dropped));
	ledger_set(&to->settled, ledger_get(&from->settled));
	for (size_t i = 0; i < LIVE_WORKERS; i++)
		copy_ring(&to->rings[i], &from->rings[i]);
}

uint64_t source_ledger_lost(const struct source_ledger *ledger, bool goes_on)
{
	uint64_t elsewhere = 0;
	uint64_t read = 0;
	for (size_t i = 0; i < LIVE_WORKERS; i++) {
		const struct ring_ledger *ring = &ledger->rings[i];
		elsewhere += ledger_get(&ring->elsewhere);
		read += ledger_get(&ring->taken) + atomic_load(&ring->left);
	}
	const uint64_t came =
	        goes_on ? read
	                : ledger_get(&ledger->received) - ledger_get(&ledger->dropped);
	const uint64_t done = elsewhere + ledger_get(&ledger->settled);
	/* Not even a mad engine has lost more than there can be in a lifetime. */
	return came > done && came - done <= INT64_MAX ? came - done : 0;
}
