#include "probe/monitor_child.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/monitor.h"

/* Soon, but not as a busy loop.  One that lives that long had all it needs: who dies of
 * what somebody sends is to listen again within a second, each time. */
#define RESTART_FIRST (200 * NS_PER_MS)
#define RESTART_MOST (5 * NS_PER_SEC)
#define IS_HEALTHY_AFTER (500 * NS_PER_MS)
/* They speak once a second; a slow disk may keep the keeper for a while. */
#define HANGS_AFTER (30 * NS_PER_SEC)

void child_forget_control(struct child *child)
{
	if (child->control >= 0)
		close(child->control);
	child->control = -1;
}

pid_t child_fork(struct child *child, int *control)
{
	int ends[2];
	if (control_pair(ends) != OK)
		return -1;
	const pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		*control = ends[1];
		return 0;
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	child->pid = pid;
	child->control = ends[0];
	child->ready = child->kept = false;
	child->started = child->heard = monitor_clock();
	child->kill_at = 0;
	return pid;
}

void child_become(const char *name)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	sigset_t none;
	sigemptyset(&none);
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN); /* the parent tells when to end */
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

bool child_has_crashed(int status)
{
	return WIFSIGNALED(status)
	               ? WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM
	               : WEXITSTATUS(status) != EXIT_SUCCESS;
}

void child_plan_restart(struct child *child)
{
	const bool healthy = monitor_clock() - child->started >= IS_HEALTHY_AFTER;
	if (healthy || !child->restart_in)
		child->restart_in = RESTART_FIRST;
	else if (child->restart_in < RESTART_MOST / 2)
		child->restart_in *= 2;
	else
		child->restart_in = RESTART_MOST;
	child->restart_at = monitor_clock() + child->restart_in;
}

void child_stop(struct child *child, nstime until)
{
	const struct control stop = { .kind = CONTROL_STOP, .until = until };
	if (child->pid == 0 || child->kill_at)
		return;
	child->kill_at = until;
	if (control_send(child->control, &stop, -1) != OK)
		child_forget_control(child); /* which tells it as well */
}

void child_kill_late(struct child *child)
{
	if (!child->pid || !child->kill_at || monitor_clock() < child->kill_at)
		return;
	warnx("%s: does not end, is killed", child->name);
	kill(child->pid, SIGKILL);
	child->kill_at = monitor_clock() + HANGS_AFTER;
}

void child_kill_silent(struct child *child)
{
	if (!child->pid || !child->ready || monitor_clock() - child->heard < HANGS_AFTER)
		return;
	warnx("%s: hangs, is killed", child->name);
	kill(child->pid, SIGKILL);
	child->heard = monitor_clock();
}
