#include "probe/sandbox_files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "analyzer/base/text.h"

/* Those of the first version, which every kernel with Landlock knows. */
#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                       \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |    \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define ALL_RIGHTS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static enum status allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights };
	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return errno == ENOENT ? OK : ERR_IO; /* nothing is reached there anyway */
	const long code = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	                          &beneath, 0);
	close(beneath.parent_fd);
	return code == 0 ? OK : ERR_IO;
}

enum status sandbox_confine_files(const struct sandbox_files *files)
{
	const struct landlock_ruleset_attr all = { .handled_access_fs = ALL_RIGHTS };
	const int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (rules < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? OK : ERR_IO;
	enum status status = files->reads ? allow(rules, "/", READ_RIGHTS) : OK;
	for (size_t i = 0; i < SANDBOX_FOLDERS && status == OK; i++)
		if (files->writes[i])
			status = allow(rules, files->writes[i], WRITE_RIGHTS);
	if (status == OK && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		status = ERR_IO;
	const int why = errno;
	close(rules);
	errno = why;
	return status;
}

bool sandbox_folder_of(const char *path, char *to, size_t size)
{
	char whole[PATH_MAX];
	char copy[PATH_MAX];
	/* A file that is yet to be made has no real path, but its folder has. */
	const bool there = realpath(path, whole) != NULL;
	if (!text_copy(copy, sizeof copy, text_from(there ? whole : path)))
		return false;
	return realpath(dirname(copy), whole) && text_copy(to, size, text_from(whole));
}
