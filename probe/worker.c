#include "probe/worker.h"

#include <signal.h>

enum status worker_start(pthread_t *thread, void *(*run)(void *self), void *self)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int code = pthread_create(thread, NULL, run, self);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code == 0 ? OK : ERR_NOMEM;
}

void worker_be(const char *name)
{
	/* Only of itself: the name of another one is a file. */
	(void)pthread_setname_np(pthread_self(), name);
}
