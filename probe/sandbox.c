#include "probe/sandbox.h"

#include <cap-ng.h>
#include <err.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/text.h"
#include "probe/sandbox_calls.h"
#include "probe/sandbox_files.h"

/* The keeper's: the connections of the web, and three files for each of its readers. */
enum { FILES_OF_ENGINE = 64, FILES_OF_WORKERS = 160, FILES_OF_KEEPER = 4096 };

enum status sandbox_find_user(const char *name, struct sandbox_user *out,
                              char error[SANDBOX_ERROR_SIZE])
{
	uint64_t number;
	if (text_number(text_from(name), INT32_MAX, &number) == OK) {
		out->uid = (uid_t)number;
		out->gid = (gid_t)number;
	} else {
		const struct passwd *user = getpwnam(name);
		if (!user) {
			snprintf(error, SANDBOX_ERROR_SIZE, "there is no user '%s'", name);
			return ERR_NOT_FOUND;
		}
		out->uid = user->pw_uid;
		out->gid = user->pw_gid;
	}
	if (out->uid && out->gid)
		return OK;
	snprintf(error, SANDBOX_ERROR_SIZE, "user '%s' is root, or in its group", name);
	return ERR_UNSUPPORTED;
}

/* --- the steps: NULL, or what went wrong ---------------------------------------------- */

struct step {
	enum sandbox_role role;
	const struct sandbox_user *user;
	const char *folder;
};

static const char *drop_user(const struct step *step)
{
	const uid_t uid = step->user->uid;
	const gid_t gid = step->user->gid;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_BOUNDS))
		return "the bounding set of capabilities cannot be dropped";
	if (setgroups(0, NULL))
		return "supplementary groups cannot be dropped";
	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return "user and group cannot be changed";
	return NULL;
}

static const char *user_is_dropped(const struct step *step)
{
	uid_t uids[3];
	gid_t gids[3];
	if (getresuid(&uids[0], &uids[1], &uids[2]) ||
	    getresgid(&gids[0], &gids[1], &gids[2]) || getgroups(0, NULL) != 0)
		return "user and groups cannot be read";
	for (int i = 0; i < 3; i++)
		if (uids[i] != step->user->uid || gids[i] != step->user->gid)
			return "user and group were not changed";
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0)
		return "the way back to root is open";
	return NULL;
}

static const char *drop_capabilities(const struct step *step)
{
	(void)step;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return "capabilities cannot be dropped";
	if (capng_get_caps_process() ||
	    capng_have_capabilities(CAPNG_SELECT_ALL) > CAPNG_NONE)
		return "capabilities are still there";
	return NULL;
}

static const char *no_new_privileges(const struct step *step)
{
	(void)step;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return "new privileges cannot be renounced";
	return NULL;
}

static bool limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit now;
	if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
		most = now.rlim_max; /* it is limited further already */
	const struct rlimit both = { most, most };
	return setrlimit(resource, &both) == 0 && getrlimit(resource, &now) == 0 &&
	       now.rlim_max <= most;
}

static const char *set_limits(const struct step *step)
{
	struct stat errors;
	if (!limit(RLIMIT_CORE, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return "memory dumps cannot be switched off";
	const bool has_workers = step->role == SANDBOX_ENGINE_OF_WORKERS;
	const bool is_engine = step->role == SANDBOX_ENGINE || has_workers;
	if (!limit(RLIMIT_NOFILE, has_workers ? FILES_OF_WORKERS
	                          : is_engine ? FILES_OF_ENGINE
	                                      : FILES_OF_KEEPER))
		return "the number of open files cannot be limited";
	if (!is_engine)
		return NULL;
	if (!has_workers && !limit(RLIMIT_NPROC, 0))
		return "the number of processes cannot be limited";
	/* Where standard error is a file, its first line would be the last. */
	if (fstat(STDERR_FILENO, &errors) == 0 && !S_ISREG(errors.st_mode) &&
	    !limit(RLIMIT_FSIZE, 0))
		return "the size of files cannot be limited";
	return NULL;
}

static const char *confine_files(const struct step *step)
{
	const struct sandbox_files files = { .reads = step->role == SANDBOX_KEEPER,
		                             .writes = { step->folder } };
	return sandbox_confine_files(&files) == OK ? NULL : "files cannot be confined";
}

static const char *filter_calls(const struct step *step)
{
	return sandbox_filter_calls(step->role) == OK ? NULL
	                                              : "system calls cannot be filtered";
}

enum status sandbox_no_more_threads(bool insecure, char error[SANDBOX_ERROR_SIZE])
{
	if (limit(RLIMIT_NPROC, 0))
		return OK;
	snprintf(error, SANDBOX_ERROR_SIZE, "the number of processes cannot be limited: %s",
	         strerror(errno));
	if (!insecure)
		return ERR_IO;
	warnx("insecure: %s", error);
	return OK;
}

enum status sandbox_enter(enum sandbox_role role, const struct sandbox_user *user,
                          const char *folder, bool insecure, char error[SANDBOX_ERROR_SIZE])
{
	static const char *(*const steps[])(const struct step *) = {
		drop_user,  user_is_dropped, drop_capabilities, no_new_privileges,
		set_limits, confine_files,   filter_calls,
	};
	const struct step step = { role, user, folder };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		errno = 0;
		const char *wrong = steps[i](&step);
		if (!wrong)
			continue;
		snprintf(error, SANDBOX_ERROR_SIZE, "%s%s%s", wrong, errno ? ": " : "",
		         errno ? strerror(errno) : "");
		if (!insecure)
			return ERR_IO;
		warnx("insecure: %s", error);
	}
	return OK;
}
