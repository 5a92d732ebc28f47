#include "web/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

static struct certificate_stamp stamp_of(const struct stat *file)
{
	return (struct certificate_stamp){ file->st_mtim, file->st_size, file->st_ino };
}

static bool is_same(const struct certificate_stamp *a, const struct certificate_stamp *b)
{
	return a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
	       a->inode == b->inode;
}

/* NULL: errno says why. */
static char *read_whole(const char *path, struct certificate_stamp *stamp)
{
	struct stat file;
	char *text = NULL;
	ssize_t len = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &file) == 0 && file.st_size <= FILE_MAX &&
	    (text = calloc(1, FILE_MAX + 1)))
		len = read(fd, text, FILE_MAX);
	if (text && len <= 0) {
		errno = len < 0 ? errno : EINVAL;
		free(text);
		text = NULL;
	}
	*stamp = stamp_of(&file);
	close(fd);
	return text;
}

enum status certificate_read(struct certificate *certificate, char *error, size_t size)
{
	char *texts[2] = { NULL, NULL };
	struct certificate_stamp seen[2];
	for (size_t i = 0; i < 2; i++) {
		texts[i] = read_whole(certificate->files[i], &seen[i]);
		if (texts[i])
			continue;
		snprintf(error, size, "%s: %s", certificate->files[i], strerror(errno));
		free(texts[0]);
		return ERR_IO;
	}
	certificate->chain = texts[0];
	certificate->key = texts[1];
	memcpy(certificate->seen, seen, sizeof seen);
	return OK;
}

/* Who writes them writes one after the other. */
bool certificate_has_changed(const struct certificate *certificate)
{
	bool changed = false;
	struct timespec now;
	struct stat file;
	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; certificate->chain && i < 2; i++) {
		if (stat(certificate->files[i], &file) < 0 ||
		    file.st_mtim.tv_sec + 1 >= now.tv_sec)
			return false;
		const struct certificate_stamp stamp = stamp_of(&file);
		changed |= !is_same(&stamp, &certificate->seen[i]);
	}
	return changed;
}

void certificate_forget(struct certificate *certificate)
{
	if (certificate->key)
		explicit_bzero(certificate->key, strlen(certificate->key));
	free(certificate->chain);
	free(certificate->key);
	certificate->chain = certificate->key = NULL;
}
