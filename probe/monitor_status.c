#include "probe/monitor_status.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING = 8 };

int status_listen(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (!text_copy(at.sun_path, sizeof at.sun_path, text_from(path))) {
		warnx("%s: too long for a socket", path);
		return -1;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* What a probe that was killed left; never anything but a socket. */
	struct stat there;
	if (lstat(path, &there) == 0 && S_ISSOCK(there.st_mode))
		unlink(path);
	const mode_t mask = umask(0117);
	const bool bound = fd >= 0 &&
	                   bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
	                   listen(fd, WAITING) == 0;
	const int why = errno;
	umask(mask);
	if (bound)
		return fd;
	warnx("%s: %s; `earshot status` will not work", path, strerror(why));
	if (fd >= 0)
		close(fd);
	return -1;
}

int status_accept(int listening)
{
	return accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* Names of interfaces are the operator's; the kernel takes nearly anything for one. */
void status_add_string(struct buffer *to, const char *string)
{
	buffer_add_char(to, '"');
	for (; *string; string++) {
		const unsigned char c = (unsigned char)*string;
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			buffer_format(to, "\\u%04x", c);
		else
			buffer_add_char(to, *string);
	}
	buffer_add_char(to, '"');
}

static void add_process(struct buffer *to, const struct status_process *process)
{
	buffer_format(to, "{\"name\":\"%s\",\"pid\":", process->name);
	if (process->pid)
		buffer_add_number(to, (uint64_t)process->pid);
	else
		buffer_add_string(to, "null");
	buffer_format(to, ",\"ready\":%s,\"restarts\":", process->ready ? "true" : "false");
	buffer_add_number(to, process->restarts);
	buffer_add_char(to, '}');
}

/* What the configuration calls it, and where it listens. */
static void add_place(struct buffer *to, const struct config *config, const char *name)
{
	const struct capture_config *capture = &config->capture;
	for (size_t i = 0; i < capture->interface_count; i++) {
		const struct capture_interface *interface = &capture->interfaces[i];
		if (strcmp(interface->name, name) != 0)
			continue;
		if (interface->label[0]) {
			buffer_add_string(to, ",\"label\":");
			status_add_string(to, interface->label);
		}
		if (interface->point[0]) {
			buffer_add_string(to, ",\"point\":");
			status_add_string(to, interface->point);
		}
	}
}

void status_add_parent(struct buffer *to, const struct status_process *processes,
                       size_t process_count, struct interfaces *interfaces, nstime up)
{
	const struct monitor_options *options = interfaces->options;
	buffer_format(to,
	              "{\"kind\":\"status\",\"insecure\":%s,\"up_s\":%lld,\"processes\":[",
	              options->insecure ? "true" : "false", (long long)(up / NS_PER_SEC));
	for (size_t i = 0; i < process_count; i++) {
		buffer_add_string(to, i ? "," : "");
		add_process(to, &processes[i]);
	}
	buffer_add_string(to, "],\"interfaces\":[");
	for (size_t i = 0; i < interfaces->count; i++) {
		buffer_add_string(to, i ? ",{\"name\":" : "{\"name\":");
		status_add_string(to, interfaces->names[i]);
		add_place(to, options->config, interfaces->names[i]);
		if (!interfaces->of[i].wanted)
			buffer_add_string(to, ",\"given_up\":true");
		buffer_add_string(to, ",\"dropped\":");
		buffer_add_number(to, interfaces_dropped(interfaces, i));
		buffer_add_string(to, ",\"lost\":");
		buffer_add_number(to, interfaces->of[i].lost);
		buffer_format(to, ",\"up\":%s,\"open\":%s}",
		              interfaces->of[i].up ? "true" : "false",
		              interfaces->of[i].open ? "true" : "false");
	}
	buffer_add_char(to, ']');
}

void status_add_stays(struct buffer *to, const struct buffer *keys)
{
	struct text rest = buffer_text(keys);
	const char *comma = "";
	buffer_add_string(to, ",\"needs_restart\":[");
	while (rest.len) {
		const size_t end = text_find(rest, ',');
		buffer_format(to, "%s\"%.*s\"", comma, (int)end, rest.at);
		rest = text_trim(text_skip(rest, end + (end < rest.len)));
		comma = ",";
	}
	buffer_add_char(to, ']');
}

bool status_write(int connection, struct text text)
{
	return send(connection, text.at, text.len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)text.len;
}
