#include "probe/service_notify.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "analyzer/base/text.h"

void service_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const size_t len = path ? strlen(path) : 0;
	if (len < 2 || len >= sizeof to.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (*path == '@')
		to.sun_path[0] = '\0'; /* an abstract name */
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
	              (const struct sockaddr *)&to, size);
	close(fd);
}

nstime service_watchdog(void)
{
	uint64_t us = 0, pid = 0;
	const char *said = getenv("WATCHDOG_USEC");
	const char *whose = getenv("WATCHDOG_PID");
	if (!said || text_number(text_from(said), INT32_MAX, &us) != OK)
		return 0;
	if (whose && (text_number(text_from(whose), INT32_MAX, &pid) != OK ||
	              pid != (uint64_t)getpid()))
		return 0;
	return (nstime)us * NS_PER_US;
}
