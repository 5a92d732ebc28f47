#include "probe/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Follows links, so that what they point to is replaced; true when there is such a file. */
static bool find_place(const char *path, char place[PATH_MAX], struct stat *found)
{
	const bool there = stat(path, found) == 0;
	char *real = there && S_ISREG(found->st_mode) ? realpath(path, NULL) : NULL;
	snprintf(place, PATH_MAX, "%s", real ? real : path);
	free(real);
	return there;
}

static mode_t usual_mode(void)
{
	const mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

bool new_file_possible(const char *path)
{
	char place[PATH_MAX];
	struct stat found;
	if (strlen(path) >= PATH_MAX - sizeof ".XXXXXX") {
		errno = ENAMETOOLONG;
		return false;
	}
	if (find_place(path, place, &found)) {
		if (S_ISDIR(found.st_mode))
			errno = EISDIR;
		if (S_ISDIR(found.st_mode) || access(path, W_OK) != 0)
			return false;
		if (!S_ISREG(found.st_mode))
			return true;
	}
	return access(dirname(place), W_OK | X_OK) == 0;
}

bool new_file_open(struct new_file *file, const char *path)
{
	struct stat found;
	if (!new_file_possible(path))
		return false;
	const bool there = find_place(path, file->path, &found);
	const bool in_place = there && !S_ISREG(found.st_mode);
	file->name[0] = '\0';
	if (!in_place &&
	    snprintf(file->name, PATH_MAX, "%s.XXXXXX", file->path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	const int fd = in_place ? open(path, O_WRONLY | O_CLOEXEC) : mkstemp(file->name);
	if (fd < 0)
		return false;
	if (!in_place)
		(void)fchmod(fd, there ? found.st_mode & 0777 : usual_mode());
	file->out = fdopen(fd, "w");
	if (file->out)
		return true;
	const int reason = errno;
	close(fd);
	if (!in_place)
		unlink(file->name);
	errno = reason;
	return false;
}

bool new_file_close(struct new_file *file, bool whole)
{
	whole = whole && fflush(file->out) == 0;
	int reason = errno;
	if (fclose(file->out) != 0 && whole) {
		reason = errno;
		whole = false;
	}
	if (whole && file->name[0] && rename(file->name, file->path) != 0) {
		reason = errno;
		whole = false;
	}
	if (!whole && file->name[0])
		unlink(file->name);
	errno = reason;
	return whole;
}
