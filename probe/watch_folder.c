#include "probe/watch_folder.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "probe/monitor.h"

/* Events tell sooner; on some file systems there are none. */
#define LOOK_EVERY NS_PER_SEC
#define IS_QUIET (2 * NS_PER_SEC)
#define IS_QUIET_FOR_SURE (60 * NS_PER_SEC)
enum { DIGEST_BYTES = 16 * 1024, DIGESTS_AT_ONCE = 512, FIRST_ROOM = 256 };
enum { CLOSED_AT_ONCE = 64 };

void watch_folder_init(struct watch_folder *folder, const char *path)
{
	*folder = (struct watch_folder){
		.path = path, .fd = -1, .events = -1, .dirty = true
	};
}

static void close_folder(struct watch_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	if (folder->events >= 0)
		close(folder->events);
	folder->fd = folder->events = -1;
}

void watch_folder_free(struct watch_folder *folder)
{
	close_folder(folder);
	free(folder->files);
	folder->files = NULL;
	folder->count = folder->room = 0;
}

int watch_folder_fd(const struct watch_folder *folder)
{
	return folder->events;
}

/* It may be mounted later, or once more. */
static bool open_folder(struct watch_folder *folder)
{
	struct stat open, there;
	if (folder->fd >= 0 && (stat(folder->path, &there) || fstat(folder->fd, &open) ||
	                        there.st_ino != open.st_ino || there.st_dev != open.st_dev))
		close_folder(folder);
	if (folder->fd >= 0)
		return true;
	folder->fd = openat(AT_FDCWD, folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0) {
		if (!folder->said)
			warn("%s", folder->path);
		folder->said = true;
		return false;
	}
	folder->said = false;
	folder->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (folder->events >= 0 &&
	    inotify_add_watch(folder->events, folder->path,
	                      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
	                              IN_DELETE) < 0) {
		close(folder->events);
		folder->events = -1;
	}
	return true;
}

/* --- by name -------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
	const struct watched *a = left;
	const struct watched *b = right;
	return strcmp(a->file.name, b->file.name);
}

/* Among the first `count`, which are sorted. */
static struct watched *find_name(const struct watch_folder *folder, size_t count,
                                 const char *name)
{
	size_t low = 0;
	while (low < count) {
		const size_t middle = low + (count - low) / 2;
		const int order = strcmp(name, folder->files[middle].file.name);
		if (order == 0)
			return &folder->files[middle];
		if (order < 0)
			count = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static struct watched *add_name(struct watch_folder *folder, const char *name)
{
	if (folder->count == WATCH_FILES) {
		folder->left_out++;
		return NULL;
	}
	if (folder->count == folder->room) {
		const size_t room = folder->room ? 2 * folder->room : FIRST_ROOM;
		struct watched *more = realloc(folder->files, room * sizeof *more);
		if (!more)
			return NULL;
		folder->files = more;
		folder->room = room;
	}
	struct watched *new = &folder->files[folder->count++];
	*new = (struct watched){ 0 };
	text_copy(new->file.name, sizeof new->file.name, text_from(name));
	return new;
}

/* --- what happened -------------------------------------------------------------------- */

/* Names that were closed or moved here; beyond so many, silence will tell. */
struct closed {
	size_t count;
	char names[CLOSED_AT_ONCE][WATCH_NAME];
};

static void hear_events(struct watch_folder *folder, struct closed *closed)
{
	_Alignas(struct inotify_event) char bytes[8192];
	ssize_t got;
	while (folder->events >= 0 &&
	       (got = read(folder->events, bytes, sizeof bytes)) > 0) {
		folder->dirty = true;
		for (char *at = bytes; at < bytes + got;) {
			const struct inotify_event *event = (const void *)at;
			if (event->len && event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO) &&
			    closed->count < CLOSED_AT_ONCE)
				text_copy(closed->names[closed->count++], WATCH_NAME,
				          text_from(event->name));
			at += sizeof *event + event->len;
		}
	}
}

static void note_closed(struct watch_folder *folder, const struct closed *closed)
{
	for (size_t i = 0; i < closed->count; i++) {
		struct watched *watched =
		        find_name(folder, folder->count, closed->names[i]);
		if (watched)
			watched->closed = true;
	}
}

static bool ends_in(struct text name, const char *ending)
{
	const struct text end = text_from(ending);
	return name.len > end.len && text_equal(text_skip(name, name.len - end.len), end);
}

static bool may_be_one(const char *name)
{
	const struct text text = text_from(name);
	return text.len < WATCH_NAME && name[0] != '.' && !ends_in(text, ".tmp") &&
	       !ends_in(text, ".part");
}

static nstime modified_of(const struct stat *about)
{
	return (nstime)about->st_mtim.tv_sec * NS_PER_SEC + about->st_mtim.tv_nsec;
}

static bool is_same(const struct watch_file *file, const struct stat *about)
{
	return file->device == about->st_dev && file->inode == about->st_ino &&
	       file->size == (uint64_t)about->st_size &&
	       file->modified == modified_of(about);
}

/* A name that is used again, or a file that has grown, is another file. */
static void note_stat(struct watched *watched, const struct stat *about)
{
	watched->there = true;
	if (is_same(&watched->file, about))
		return;
	watched->file.device = about->st_dev;
	watched->file.inode = about->st_ino;
	watched->file.size = (uint64_t)about->st_size;
	watched->file.modified = modified_of(about);
	watched->changed = monitor_clock();
	watched->state = WATCHED_GROWING;
	watched->closed = false;
	watched->id = watched->place = watched->before = 0;
}

static void note_entry(struct watch_folder *folder, size_t sorted, const char *name)
{
	struct stat about;
	if (!may_be_one(name) ||
	    fstatat(folder->fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(about.st_mode))
		return;
	struct watched *watched = find_name(folder, sorted, name);
	if (!watched)
		watched = add_name(folder, name);
	if (watched)
		note_stat(watched, &about);
}

static void read_folder(struct watch_folder *folder)
{
	const int copy = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;
	const size_t sorted = folder->count;
	if (!entries) {
		if (copy >= 0)
			close(copy);
		return;
	}
	folder->left_out = 0;
	for (size_t i = 0; i < sorted; i++)
		folder->files[i].there = false;
	while ((entry = readdir(entries)))
		note_entry(folder, sorted, entry->d_name);
	closedir(entries);
	size_t left = 0;
	for (size_t i = 0; i < folder->count; i++)
		if (folder->files[i].there)
			folder->files[left++] = folder->files[i];
	folder->count = left;
	if (left)
		qsort(folder->files, left, sizeof *folder->files, compare_names);
}

/* --- finished or not ------------------------------------------------------------------ */

enum writing { WRITING_NO, WRITING_YES, WRITING_UNKNOWN };

/* A lease for reading is refused while somebody may write (fcntl(2)). */
static enum writing is_written(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return WRITING_NO;
	}
	return errno == EAGAIN ? WRITING_YES : WRITING_UNKNOWN;
}

static bool add_part(XXH3_state_t *state, int fd, uint8_t *bytes, uint64_t from)
{
	const ssize_t got = pread(fd, bytes, DIGEST_BYTES, (off_t)from);
	return got >= 0 && XXH3_128bits_update(state, bytes, (size_t)got) == XXH_OK;
}

static bool make_digest(int fd, struct watch_file *file)
{
	uint8_t bytes[DIGEST_BYTES];
	XXH3_state_t state;
	const uint64_t tail = file->size > DIGEST_BYTES ? file->size - DIGEST_BYTES : 0;
	XXH3_128bits_reset(&state);
	XXH3_128bits_update(&state, &file->size, sizeof file->size);
	if (!add_part(&state, fd, bytes, 0) || !add_part(&state, fd, bytes, tail))
		return false;
	XXH128_canonical_t digest;
	XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(&state));
	static_assert(sizeof digest.digest == WATCH_DIGEST, "128 bits");
	memcpy(file->digest, digest.digest, WATCH_DIGEST);
	return true;
}

int watch_folder_open(const struct watch_folder *folder, const struct watched *watched)
{
	struct stat about;
	const int fd = openat(folder->fd, watched->file.name,
	                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &about) == 0 && is_same(&watched->file, &about)))
		return fd;
	close(fd);
	return -1;
}

/* For how long it has been as it is: seen by us, or by its own time. */
static nstime quiet_for(const struct watched *watched)
{
	const nstime seen = monitor_clock() - watched->changed;
	const nstime told = monitor_now() - watched->file.modified;
	return told > seen ? told : seen;
}

static bool seems_finished(const struct watched *watched, nstime newest)
{
	return watched->file.size > 0 &&
	       (watched->closed || watched->file.modified < newest ||
	        quiet_for(watched) >= IS_QUIET);
}

static void finish_one(struct watch_folder *folder, struct watched *watched, nstime newest)
{
	const bool told = watched->closed || watched->file.modified < newest;
	const int fd = watch_folder_open(folder, watched);
	if (fd < 0)
		return;
	const enum writing writing = is_written(fd);
	const bool finished = writing == WRITING_NO ||
	                      (writing == WRITING_UNKNOWN &&
	                       (told || quiet_for(watched) >= IS_QUIET_FOR_SURE));
	if (finished && make_digest(fd, &watched->file))
		watched->state = WATCHED_FINISHED;
	close(fd);
}

static void finish_all(struct watch_folder *folder)
{
	nstime newest = 0;
	size_t done = 0;
	for (size_t i = 0; i < folder->count; i++)
		if (folder->files[i].file.modified > newest)
			newest = folder->files[i].file.modified;
	for (size_t i = 0; i < folder->count && done < DIGESTS_AT_ONCE; i++) {
		struct watched *watched = &folder->files[i];
		if (watched->state != WATCHED_GROWING || !seems_finished(watched, newest))
			continue;
		finish_one(folder, watched, newest);
		done++;
	}
	folder->dirty = done == DIGESTS_AT_ONCE; /* there may be more */
}

void watch_folder_look(struct watch_folder *folder)
{
	const nstime now = monitor_clock();
	struct closed closed;
	closed.count = 0;
	hear_events(folder, &closed);
	if (!folder->dirty && now - folder->looked < LOOK_EVERY)
		return;
	folder->looked = now;
	folder->dirty = false;
	if (!open_folder(folder))
		return;
	read_folder(folder);
	note_closed(folder, &closed);
	finish_all(folder);
}

/* --- which one ------------------------------------------------------------------------ */

/* Of the same time: file9 before file10. */
static bool is_earlier(const struct watched *a, const struct watched *b)
{
	return a->file.modified != b->file.modified
	               ? a->file.modified < b->file.modified
	               : strverscmp(a->file.name, b->file.name) < 0;
}

struct watched *watch_folder_next(struct watch_folder *folder)
{
	struct watched *first = NULL;
	for (size_t i = 0; i < folder->count; i++) {
		struct watched *watched = &folder->files[i];
		if (watched->state == WATCHED_FINISHED &&
		    (!first || is_earlier(watched, first)))
			first = watched;
	}
	return first;
}

static bool is_that_one(const struct watched *watched, const struct watch_file *file)
{
	if (watched->file.size != file->size)
		return false;
	if (watched->file.device == file->device && watched->file.inode == file->inode &&
	    watched->file.modified == file->modified)
		return true;
	return watched->state != WATCHED_GROWING &&
	       memcmp(watched->file.digest, file->digest, WATCH_DIGEST) == 0;
}

struct watched *watch_folder_find(struct watch_folder *folder,
                                  const struct watch_file *file)
{
	for (size_t i = 0; i < folder->count; i++)
		if (is_that_one(&folder->files[i], file))
			return &folder->files[i];
	return NULL;
}
