#include "probe/keeper_check.h"

static void *look(void *self)
{
	struct keeper_check *check = self;
	check->status = db_check_file(check->path, check->depth, check->most_ms,
	                              &check->stop, &check->error);
	atomic_store(&check->over, true);
	return NULL;
}

void keeper_check_begin(struct keeper_check *check, const char *path,
                        enum db_check_depth depth, int most_ms)
{
	if (check->running)
		return;
	check->path = path;
	check->depth = depth;
	check->most_ms = most_ms;
	atomic_store(&check->stop, false);
	atomic_store(&check->over, false);
	check->running = pthread_create(&check->thread, NULL, look, check) == 0;
}

enum status keeper_check_result(struct keeper_check *check)
{
	if (!check->running || !atomic_load(&check->over))
		return ERR_NOT_FOUND;
	pthread_join(check->thread, NULL);
	check->running = false;
	return check->status;
}

void keeper_check_stop(struct keeper_check *check)
{
	if (!check->running)
		return;
	atomic_store(&check->stop, true);
	pthread_join(check->thread, NULL);
	check->running = false;
}
