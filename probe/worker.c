#include "probe/worker.h"

#include <signal.h>

enum status worker_start(pthread_t *thread, const char *name, void *(*run)(void *self),
                         void *self)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int code = pthread_create(thread, NULL, run, self);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0)
		return ERR_NOMEM;
	(void)pthread_setname_np(*thread, name);
	return OK;
}
