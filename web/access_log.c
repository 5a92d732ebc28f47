#include "web/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "web/display.h"

void access_log_init(struct access_log *log)
{
	*log = (struct access_log){ 0 };
	pthread_mutex_init(&log->lock, NULL);
}

/* For its owner alone, as the accounts are. */
static FILE *open_to_append(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "a");
	if (fd >= 0 && !file)
		close(fd);
	return file;
}

enum status access_log_open(struct access_log *log, const char *path, char *error,
                            size_t size)
{
	log->path = path;
	log->file = open_to_append(path);
	if (log->file)
		return OK;
	snprintf(error, size, "%s: %s", path, strerror(errno));
	return ERR_IO;
}

void access_log_reopen(struct access_log *log)
{
	pthread_mutex_lock(&log->lock);
	if (log->file)
		fclose(log->file);
	log->file = log->path ? open_to_append(log->path) : NULL;
	pthread_mutex_unlock(&log->lock);
}

void access_log_write(struct access_log *log, const struct access *access)
{
	struct buffer line = { 0 };
	char address[ENDPOINT_TEXT_SIZE];
	pthread_mutex_lock(&log->lock);
	if (log->file) {
		display_time(&line, access->at, 3);
		buffer_format(&line, " %s %s \"%s ",
		              address_format(access->client, address),
		              access->who[0] ? access->who : "-", access->method);
		display_log(&line, text_from(access->path));
		buffer_format(&line, "\" %u %zu %lldms\n", access->status, access->octets,
		              (long long)(access->took / NS_PER_MS));
		(void)!buffer_write(&line, log->file);
		fflush(log->file);
	}
	pthread_mutex_unlock(&log->lock);
	buffer_free(&line);
}

void access_log_close(struct access_log *log)
{
	if (log->file)
		fclose(log->file);
	log->file = NULL;
	pthread_mutex_destroy(&log->lock);
}
