/*
 * monitor_status.h - how the running probe fares: who connects to a local socket gets one
 * JSON object and the end.  The parent writes what it knows and hands the connection to the
 * keeper, which has the engine's account and writes the rest.
 */
#ifndef EARSHOT_PROBE_MONITOR_STATUS_H
#define EARSHOT_PROBE_MONITOR_STATUS_H

#include "probe/monitor_interfaces.h"
#include "web/buffer.h"

#define STATUS_SOCKET "/run/earshot/status"

/* Listens there, for root and the group of the folder; -1: cannot, which was said. */
int status_listen(const char *path);
/* The next connection; -1: none now. */
int status_accept(int listening);

struct status_process {
	const char *name;
	pid_t pid; /* 0 = does not run now */
	bool ready;
	uint64_t restarts;
};

/* The parent's half, without the closing brace. */
void status_add_parent(struct buffer *to, const struct status_process *processes,
                       size_t process_count, struct interfaces *interfaces, nstime up);

/* ,"needs_restart":[...]: keys, with a comma between them. */
void status_add_stays(struct buffer *to, const struct buffer *keys);

/* A name as a JSON string. */
void status_add_string(struct buffer *to, const char *string);

/* Writes what the socket takes at once, and that is all of it; false: it does not. */
bool status_write(int connection, struct text text);

#endif
