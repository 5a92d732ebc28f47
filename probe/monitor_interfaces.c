#include "probe/monitor_interfaces.h"

#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The number that a file of the kernel holds; 0: there is none. */
static uint64_t read_number(const char *path)
{
	char bytes[32];
	uint64_t number = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	if (fd >= 0)
		close(fd);
	const struct text said = { bytes, len > 0 ? (size_t)len : 0 };
	return text_number(text_trim(said), INT64_MAX, &number) == OK ? number : 0;
}

uint64_t interface_drops(const char *name)
{
	static const char *const counters[] = { "rx_dropped", "rx_missed_errors" };
	uint64_t total = 0;
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		char path[160];
		const int len =
		        snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", name,
		                 counters[i]);
		if (len > 0 && (size_t)len < sizeof path)
			total += read_number(path);
	}
	return total;
}

void interfaces_init(struct interfaces *interfaces, const struct monitor_options *options)
{
	*interfaces = (struct interfaces){ .options = options };
	interfaces->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (size_t i = 0; i < options->interface_count; i++)
		interfaces->of[i].dropped_total = interface_drops(options->interfaces[i]);
}

uint64_t interfaces_dropped(struct interfaces *interfaces, size_t i)
{
	const uint64_t total = interface_drops(interfaces->options->interfaces[i]);
	const uint64_t before = interfaces->of[i].dropped_total;
	interfaces->of[i].dropped += total >= before ? total - before : total;
	interfaces->of[i].dropped_total = total;
	return interfaces->of[i].dropped;
}

void interfaces_forget(struct interfaces *interfaces)
{
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		live_source_close(interfaces->of[i].spare);
		interfaces->of[i].spare = NULL;
	}
	if (interfaces->socket >= 0)
		close(interfaces->socket);
	interfaces->socket = -1;
}

static enum status open_one(struct interfaces *interfaces, size_t i,
                            struct live_source **out)
{
	const struct monitor_options *options = interfaces->options;
	const struct live_source_options wanted = {
		.interface = options->interfaces[i],
		.bpf = options->bpf,
		.snaplen = options->snaplen,
		.buffer_mib = options->buffer_mib,
		.workers = (unsigned int)options->workers,
		.promiscuous = options->promiscuous,
		.adapter_stamps = options->adapter_stamps,
		.number = (uint16_t)i,
		.point = config_point_of(options->config, options->interfaces[i]),
	};
	char error[LIVE_ERROR_SIZE] = "memory ran out";
	const enum status status = live_source_open(&wanted, out, error);
	if (status != OK && !interfaces->of[i].said)
		warnx("%s", error);
	interfaces->of[i].said = status != OK;
	return status;
}

size_t interfaces_open(struct interfaces *interfaces,
                       struct live_source *sources[LIVE_SOURCES])
{
	size_t count = 0;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		sources[i] = interfaces->of[i].spare;
		interfaces->of[i].spare = NULL;
		if (i < interfaces->options->interface_count && !sources[i] &&
		    open_one(interfaces, i, &sources[i]) != OK)
			sources[i] = NULL;
		interfaces->of[i].open = sources[i] != NULL;
		count += sources[i] != NULL;
	}
	return count;
}

const char *interfaces_lost(struct interfaces *interfaces, uint32_t number, const char *why)
{
	if (number >= interfaces->options->interface_count || !interfaces->of[number].open)
		return NULL;
	const char *name = interfaces->options->interfaces[number];
	const bool news = interfaces->of[number].up || !interfaces->of[number].known;
	interfaces->of[number].open = interfaces->of[number].up = false;
	warnx("%s: %s", name, why);
	return news ? name : NULL;
}

static bool is_up(const struct interfaces *interfaces, size_t i)
{
	struct ifreq asked = { 0 };
	const struct text name = text_from(interfaces->options->interfaces[i]);
	text_copy(asked.ifr_name, sizeof asked.ifr_name, name);
	return ioctl(interfaces->socket, SIOCGIFFLAGS, &asked) == 0 &&
	       asked.ifr_flags & IFF_UP && asked.ifr_flags & IFF_RUNNING;
}

const char *interfaces_changed(struct interfaces *interfaces, bool *up, bool *renew)
{
	*renew = false;
	for (size_t i = 0; i < interfaces->options->interface_count; i++) {
		const char *name = interfaces->options->interfaces[i];
		const bool was_up = interfaces->of[i].up;
		const bool was_known = interfaces->of[i].known;
		/* "any" stands for all of them. */
		*up = strcmp(name, "any") == 0 || is_up(interfaces, i);
		interfaces->of[i].known = true;
		interfaces->of[i].up = *up;
		if (*up && !interfaces->of[i].open && !interfaces->of[i].spare &&
		    open_one(interfaces, i, &interfaces->of[i].spare) != OK)
			interfaces->of[i].spare = NULL;
		*renew = *renew || interfaces->of[i].spare;
		if (was_known && was_up != *up)
			return name;
	}
	return NULL;
}
