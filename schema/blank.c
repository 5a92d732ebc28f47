#include "schema/blank.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODE = 0644 }; /* SQLite's, less the umask */

/* For SQLite these are not names of files. */
static bool is_special(const char *path)
{
	return path[0] == ':' || strncmp(path, "file:", 5) == 0;
}

/*
 * Beside an empty file SQLite takes them for remnants of one that is gone, and deletes
 * them; beside any other for its own, and plays them into it.
 */
static bool has_journal(const char *path)
{
	static const char *const ends[] = { "-journal", "-wal" };
	char name[PATH_MAX + 16];
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		if (access(name, F_OK) == 0)
			return true;
	}
	return false;
}

static bool write_pieces(int fd)
{
	if (ftruncate(fd, (off_t)blank_size) != 0)
		return false;
	for (size_t i = 0; i < blank_piece_count; i++) {
		const struct blank_piece *piece = &blank_pieces[i];
		if (pwrite(fd, piece->bytes, piece->len, (off_t)piece->at) !=
		    (ssize_t)piece->len)
			return false;
	}
	return fdatasync(fd) == 0;
}

/* The file has no name until it is whole: whoever dies before leaves nothing. */
bool blank_copy_to(const char *path)
{
	char folder[PATH_MAX];
	char unnamed[64];
	const size_t len = strlen(path);
	if (is_special(path) || len >= sizeof folder || access(path, F_OK) == 0 ||
	    has_journal(path))
		return false;
	memcpy(folder, path, len + 1);
	const int fd = open(dirname(folder), O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
	if (fd < 0)
		return false;
	snprintf(unnamed, sizeof unnamed, "/proc/self/fd/%d", fd);
	const bool made = write_pieces(fd) &&
	                  linkat(AT_FDCWD, unnamed, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
	close(fd);
	return made;
}
