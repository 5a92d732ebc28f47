#include "probe/record_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The disk has at least so many times as much for the room to be set aside. */
enum { PLENTY = 16 };

static void set_aside(const struct spill *spill)
{
	struct statvfs disk;
	if (fstatvfs(spill->fd, &disk) == 0 &&
	    disk.f_bavail / PLENTY >= spill->most / disk.f_frsize)
		(void)!fallocate(spill->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)spill->most);
}

static void cut(struct spill *spill, size_t end)
{
	spill->end = end;
	if (ftruncate(spill->fd, (off_t)end) == 0 && end == 0)
		set_aside(spill);
}

/* How far there are whole frames. */
static enum status find_end(struct spill *spill)
{
	struct stat file;
	struct link_frame frame;
	enum status status = fstat(spill->fd, &file) ? ERR_IO : OK;
	if (status != OK)
		return status;
	spill->end = file.st_size > 0 ? (size_t)file.st_size : 0;
	size_t whole = 0;
	do {
		const size_t before = spill->next;
		if ((status = spill_fill(spill)) != OK)
			return status;
		while ((status = link_receiver_next(&spill->in, &frame)) == OK)
			whole += LINK_HEAD + frame.body.len + frame.tail.len;
		link_receiver_kept(&spill->in);
		if (spill->next == before)
			break;
	} while (status == ERR_NOT_FOUND);
	link_receiver_connect(&spill->in, -1);
	spill->next = 0;
	if (whole < spill->end || whole == 0)
		cut(spill, whole);
	return OK;
}

enum status spill_open(struct spill *spill, const char *path, size_t most)
{
	*spill = (struct spill){ .fd = -1, .most = most };
	if (link_receiver_init(&spill->in) != OK)
		return ERR_NOMEM;
	spill->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct flock mine = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const bool taken = spill->fd >= 0 && fcntl(spill->fd, F_SETLK, &mine) == 0;
	const enum status status = taken ? find_end(spill) : ERR_IO;
	if (status != OK)
		spill_close(spill);
	return status;
}

void spill_close(struct spill *spill)
{
	const int why = errno;
	if (spill->fd >= 0) {
		if (spill->end == 0)
			(void)!ftruncate(spill->fd, 0); /* and what was set aside */
		close(spill->fd);
	}
	link_receiver_free(&spill->in);
	spill->fd = -1;
	spill->end = spill->next = 0;
	errno = why;
}

enum status spill_add(struct spill *spill, struct span frames)
{
	size_t put = 0;
	if (spill->fd < 0)
		return ERR_IO;
	if (frames.len > spill->most || spill->end > spill->most - frames.len)
		return ERR_FULL;
	while (put < frames.len) {
		const ssize_t more = pwrite(spill->fd, frames.at + put, frames.len - put,
		                            (off_t)(spill->end + put));
		if (more <= 0 && errno != EINTR)
			return ERR_IO; /* what was put will be written over */
		put += more > 0 ? (size_t)more : 0;
	}
	spill->end += frames.len;
	return OK;
}

bool spill_is_empty(const struct spill *spill)
{
	return spill->end == 0;
}

enum status spill_fill(struct spill *spill)
{
	while (spill->next < spill->end) {
		size_t room;
		uint8_t *to = link_receiver_room(&spill->in, &room);
		const size_t left = spill->end - spill->next;
		if (room == 0)
			return OK;
		const ssize_t got =
		        pread(spill->fd, to, left < room ? left : room, (off_t)spill->next);
		if (got <= 0 && errno != EINTR) {
			link_receiver_connect(&spill->in, -1);
			spill->next = 0;
			cut(spill, 0);
			return ERR_IO;
		}
		link_receiver_added(&spill->in, got > 0 ? (size_t)got : 0);
		spill->next += got > 0 ? (size_t)got : 0;
	}
	return OK;
}

void spill_kept(struct spill *spill)
{
	link_receiver_kept(&spill->in);
	if (spill->next < spill->end || spill->in.kept_to < spill->in.filled)
		return;
	link_receiver_connect(&spill->in, -1);
	spill->next = 0;
	cut(spill, 0);
}
