#include "probe/monitor_interfaces.h"

#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/packet_ring.h"

/* From one ring to another: soon, but with both there, and the kernel's stamps on. */
#define CHANGE_AFTER (100 * NS_PER_MS)
#define STAMPS_FOR (2 * NS_PER_SEC)

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

/* What that interface itself has dropped since it is there; 0: that is not known. */
static uint64_t interface_drops(const char *name)
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

/* Its place, a new one if need be; LIVE_SOURCES: there is none. */
static size_t place_of(struct interfaces *interfaces, const char *name)
{
	size_t i = 0;
	while (i < interfaces->count && strcmp(interfaces->names[i], name) != 0)
		i++;
	if (i < interfaces->count || i == LIVE_SOURCES)
		return i;
	text_copy(interfaces->names[i], sizeof interfaces->names[i], text_from(name));
	interfaces->of[i].dropped_total = interface_drops(name);
	return interfaces->count++;
}

bool interfaces_follow(struct interfaces *interfaces, struct monitor_options *options,
                       bool anew)
{
	bool wanted[LIVE_SOURCES] = { false };
	for (size_t i = 0; i < options->interface_count; i++) {
		const size_t place = place_of(interfaces, options->interfaces[i]);
		if (place == LIVE_SOURCES)
			return false;
		wanted[place] = true;
	}
	for (size_t i = 0; i < interfaces->count; i++) {
		interfaces->of[i].wanted = wanted[i];
		interfaces->of[i].stale = interfaces->of[i].stale || anew;
		options->interfaces[i] = interfaces->names[i];
	}
	options->interface_count = interfaces->count;
	return true;
}

void interfaces_init(struct interfaces *interfaces, struct monitor_options *options)
{
	*interfaces = (struct interfaces){ .options = options };
	interfaces->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)interfaces_follow(interfaces, options, false);
}

uint64_t interfaces_dropped(struct interfaces *interfaces, size_t i)
{
	const uint64_t total = interface_drops(interfaces->names[i]);
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
		kept_sockets_drop(&interfaces->of[i].kept);
	}
	if (interfaces->socket >= 0)
		close(interfaces->socket);
	interfaces->socket = -1;
}

void interfaces_free(struct interfaces *interfaces)
{
	interfaces_forget(interfaces);
	frame_ledger_free(interfaces->ledger);
	interfaces->ledger = NULL;
}

static struct live_source_options options_of(const struct interfaces *interfaces, size_t i)
{
	const struct monitor_options *options = interfaces->options;
	return (struct live_source_options){
		.interface = interfaces->names[i],
		.bpf = options->bpf,
		.snaplen = options->snaplen,
		.buffer_mib = options->buffer_mib,
		.workers = (unsigned int)options->workers,
		.promiscuous = options->promiscuous,
		.adapter_stamps = options->adapter_stamps,
		.number = (uint16_t)i,
		.point = config_point_of(options->config, options->interfaces[i]),
	};
}

static unsigned int index_of(const struct interfaces *interfaces, size_t i)
{
	struct ifreq asked = { 0 };
	text_copy(asked.ifr_name, sizeof asked.ifr_name, text_from(interfaces->names[i]));
	return ioctl(interfaces->socket, SIOCGIFINDEX, &asked) == 0
	               ? (unsigned int)asked.ifr_ifindex
	               : 0;
}

/* What cannot be opened is said once. */
static void say(struct interfaces *interfaces, size_t i, enum status status,
                const char *error)
{
	if (status != OK && !interfaces->of[i].said)
		warnx("%s", error);
	interfaces->of[i].said = status != OK;
}

/* A handle of libpcap. */
static enum status open_handle(struct interfaces *interfaces, size_t i,
                               struct live_source **out)
{
	const struct live_source_options wanted = options_of(interfaces, i);
	char error[LIVE_ERROR_SIZE] = "memory ran out";
	const enum status status = live_source_open(&wanted, out, error);
	say(interfaces, i, status, error);
	return status;
}

static void note_open(struct interfaces *interfaces, size_t i)
{
	interfaces->of[i].open = true;
	interfaces->of[i].stale = false;
	interfaces->of[i].index = index_of(interfaces, i);
}

/* --- what an engine leaves to the next one -------------------------------------------- */

static struct source_ledger *ledger_of(const struct interfaces *interfaces, size_t i)
{
	return &interfaces->ledger->sources[i][interfaces->of[i].kept.set];
}

static bool may_go_on(const struct interfaces *interfaces, size_t i)
{
	const struct kept_sockets *kept = &interfaces->of[i].kept;
	return interfaces->of[i].wanted && interfaces->of[i].open &&
	       !interfaces->of[i].stale && kept->has_shape &&
	       kept->count == (size_t)interfaces->options->workers &&
	       index_of(interfaces, i) == interfaces->of[i].index;
}

void interfaces_settle(struct interfaces *interfaces, struct engine_end *end)
{
	struct frame_ledger *ledger = interfaces->ledger;
	*end = (struct engine_end){ .frames = { 0 } };
	if (!ledger)
		return;
	end->frames = (struct frame_tally){ .frames = ledger_get(&ledger->frames),
		                            .parsed = ledger_get(&ledger->parsed),
		                            .not_ours = ledger_get(&ledger->not_ours),
		                            .malformed = ledger_get(&ledger->malformed),
		                            .dropped = ledger_get(&ledger->lacked_room) };
	for (size_t i = 0; i < interfaces->count; i++) {
		const bool goes_on = may_go_on(interfaces, i);
		uint64_t dropped;
		end->of[i].lost = kept_sockets_settle(&interfaces->of[i].kept, ledger, i,
		                                      goes_on, &dropped);
		end->of[i].dropped = ledger_get(&ledger->dropped[i]) + dropped;
		end->of[i].analysed = ledger_get(&ledger->analysed[i]);
		interfaces->of[i].lost += end->of[i].lost;
		if (!goes_on)
			kept_sockets_drop(&interfaces->of[i].kept);
	}
}

bool interfaces_settle_rest(struct interfaces *interfaces, uint64_t lost[LIVE_SOURCES])
{
	bool any = false;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		struct kept_sockets *kept = &interfaces->of[i].kept;
		uint64_t dropped = 0;
		lost[i] = 0;
		if (!interfaces->ledger || !kept->count || may_go_on(interfaces, i))
			continue;
		lost[i] = kept_sockets_settle(kept, interfaces->ledger, i, false, &dropped);
		lost[i] += dropped;
		interfaces->of[i].lost += lost[i];
		kept_sockets_drop(kept);
		any = any || lost[i];
	}
	return any;
}

void interfaces_release(struct interfaces *interfaces)
{
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		kept_sockets_drop(&interfaces->of[i].kept);
	frame_ledger_free(interfaces->ledger);
	interfaces->ledger = NULL;
}

enum status interfaces_begin(struct interfaces *interfaces)
{
	struct frame_ledger *next = frame_ledger_new();
	if (!next)
		return ERR_NOMEM;
	for (size_t i = 0; i < interfaces->count && interfaces->ledger; i++)
		if (interfaces->of[i].kept.count)
			source_ledger_copy(&next->sources[i][interfaces->of[i].kept.set],
			                   ledger_of(interfaces, i));
	frame_ledger_free(interfaces->ledger);
	interfaces->ledger = next;
	return OK;
}

/* Sockets that come after others of the same interface. */
static bool keep(struct interfaces *interfaces, size_t i, const int *fds, size_t count,
                 const struct packet_ring_shape *shape)
{
	static const struct source_ledger nothing;
	if (!kept_sockets_take(&interfaces->of[i].kept, fds, count, shape))
		return false;
	source_ledger_copy(ledger_of(interfaces, i), &nothing);
	return true;
}

/* --- its handles ---------------------------------------------------------------------- */

static enum status adopt(struct interfaces *interfaces, size_t i, const int *fds,
                         struct live_source **out)
{
	const struct live_source_options wanted = options_of(interfaces, i);
	const struct kept_sockets *kept = &interfaces->of[i].kept;
	const enum status status =
	        live_source_adopt(fds, kept->count, wanted.number, &kept->shape,
	                          ledger_of(interfaces, i), out);
	if (status == OK)
		live_source_set_point(*out, wanted.point);
	return status;
}

/* From where the engine before stopped. */
static enum status open_kept(struct interfaces *interfaces, size_t i,
                             struct live_source **out)
{
	int fds[LIVE_WORKERS];
	if (!may_go_on(interfaces, i) || !kept_sockets_copy(&interfaces->of[i].kept, fds))
		return ERR_NOT_FOUND;
	return adopt(interfaces, i, fds, out);
}

static enum status open_sockets(struct interfaces *interfaces, size_t i,
                                struct live_source **out)
{
	const struct live_source_options wanted = options_of(interfaces, i);
	struct packet_ring_shape shape;
	int fds[LIVE_WORKERS];
	char error[LIVE_ERROR_SIZE] = "memory ran out";
	enum status status = packet_ring_open(&wanted, fds, &shape, error);
	if (status == ERR_UNSUPPORTED)
		return status;
	say(interfaces, i, status, error);
	if (status != OK)
		return status;
	if (keep(interfaces, i, fds, wanted.workers, &shape))
		return adopt(interfaces, i, fds, out);
	for (size_t n = 0; n < wanted.workers; n++)
		close(fds[n]);
	return ERR_IO;
}

static void keep_handle(struct interfaces *interfaces, size_t i, struct live_source *source)
{
	int fds[LIVE_WORKERS];
	const size_t count = live_source_rings(source);
	for (size_t n = 0; n < count; n++)
		fds[n] = live_ring_fd(live_source_ring(source, n));
	if (keep(interfaces, i, fds, count, NULL))
		live_source_set_ledger(source, ledger_of(interfaces, i));
}

/* NULL: it cannot be had. */
static struct live_source *open_one(struct interfaces *interfaces, size_t i)
{
	struct live_source *source = interfaces->of[i].spare;
	enum status status = OK;
	interfaces->of[i].spare = NULL;
	if (!source) {
		status = open_kept(interfaces, i, &source);
		if (status != OK)
			status = open_sockets(interfaces, i, &source);
		if (status != ERR_UNSUPPORTED)
			return status == OK ? source : NULL;
		status = open_handle(interfaces, i, &source);
	}
	if (status != OK)
		return NULL;
	keep_handle(interfaces, i, source);
	return source;
}

size_t interfaces_open(struct interfaces *interfaces,
                       struct live_source *sources[LIVE_SOURCES])
{
	size_t count = 0;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		sources[i] = interfaces->of[i].wanted || interfaces->of[i].spare
		                     ? open_one(interfaces, i)
		                     : NULL;
		interfaces->of[i].open = sources[i] != NULL;
		if (sources[i])
			note_open(interfaces, i);
		count += sources[i] != NULL;
	}
	interfaces->rings = count || interfaces->options->workers == 1
	                            ? interfaces->options->workers
	                            : 0;
	return count;
}

const char *interfaces_lost(struct interfaces *interfaces, uint32_t number, const char *why)
{
	if (number >= interfaces->count || !interfaces->of[number].open)
		return NULL;
	const char *name = interfaces->names[number];
	const bool news = interfaces->of[number].up || !interfaces->of[number].known;
	interfaces->of[number].open = interfaces->of[number].up = false;
	warnx("%s: %s", name, why);
	return news ? name : NULL;
}

static bool is_up(const struct interfaces *interfaces, size_t i)
{
	struct ifreq asked = { 0 };
	const struct text name = text_from(interfaces->names[i]);
	text_copy(asked.ifr_name, sizeof asked.ifr_name, name);
	return ioctl(interfaces->socket, SIOCGIFFLAGS, &asked) == 0 &&
	       asked.ifr_flags & IFF_UP && asked.ifr_flags & IFF_RUNNING;
}

/* Is another one of that name there, or none? */
static bool is_another(struct interfaces *interfaces, size_t i)
{
	if (!interfaces->of[i].open || strcmp(interfaces->names[i], "any") == 0 ||
	    index_of(interfaces, i) == interfaces->of[i].index)
		return false;
	interfaces->of[i].open = false;
	return true;
}

const char *interfaces_changed(struct interfaces *interfaces, bool *up)
{
	for (size_t i = 0; i < interfaces->count; i++) {
		const bool was_up = interfaces->of[i].up;
		const bool was_known = interfaces->of[i].known;
		if (!interfaces->of[i].wanted)
			continue;
		/* "any" stands for all of them. */
		*up = strcmp(interfaces->names[i], "any") == 0 || is_up(interfaces, i);
		*up = !is_another(interfaces, i) && *up;
		interfaces->of[i].known = true;
		interfaces->of[i].up = *up;
		if (was_known && was_up != *up)
			return interfaces->names[i];
	}
	return NULL;
}

/* --- what the engine is given while it runs ------------------------------------------- */

/* Two rings of one interface have the same stamps only when the kernel makes them once for
 * all who listen, which it does while anybody asks for them. */
static void ask_for_stamps(struct interfaces *interfaces, bool on)
{
	const int value = on;
	(void)setsockopt(interfaces->socket, SOL_SOCKET, SO_TIMESTAMPNS, &value,
	                 sizeof value);
	interfaces->stamps_till = on ? monitor_clock() + STAMPS_FOR : 0;
}

static enum status send_all(int engine_control, struct control *message, const int *fds,
                            size_t count)
{
	enum status status = OK;
	message->counts[2] = count;
	for (size_t n = 0; n < count; n++) {
		message->what = (uint32_t)(count - 1 - n);
		if (status == OK)
			status = control_send(engine_control, message, fds[n]);
		close(fds[n]);
	}
	return status;
}

/* True: that can only be inherited. */
static bool hand_over_one(struct interfaces *interfaces, size_t i, int engine_control)
{
	const struct live_source_options wanted = options_of(interfaces, i);
	struct control message = { .kind = CONTROL_INTERFACE,
		                   .number = (uint32_t)i,
		                   .at = NSTIME_NONE };
	struct packet_ring_shape shape;
	int fds[LIVE_WORKERS];
	char error[LIVE_ERROR_SIZE] = "memory ran out";
	enum status status = ERR_UNSUPPORTED;
	if (interfaces->of[i].spare)
		return true;
	if (interfaces->of[i].open) /* there is one, and there shall be another */
		ask_for_stamps(interfaces, true);
	if (interfaces->rings == (int)wanted.workers)
		status = packet_ring_open(&wanted, fds, &shape, error);
	if (status == ERR_UNSUPPORTED) {
		const bool has = open_handle(interfaces, i, &interfaces->of[i].spare) == OK;
		if (!has)
			interfaces->of[i].spare = NULL;
		return has;
	}
	say(interfaces, i, status, error);
	if (status != OK)
		return false;
	if (interfaces->of[i].open)
		message.at = monitor_now() + CHANGE_AFTER;
	text_copy(message.text, sizeof message.text, text_from(interfaces->names[i]));
	message.counts[0] = shape.block_bytes;
	message.counts[1] = shape.block_count;
	if (!keep(interfaces, i, fds, wanted.workers, &shape))
		kept_sockets_drop(&interfaces->of[i].kept);
	message.counts[3] = interfaces->of[i].kept.set;
	if (send_all(engine_control, &message, fds, wanted.workers) == OK)
		note_open(interfaces, i);
	return false;
}

static void take_away(struct interfaces *interfaces, size_t i, int engine_control)
{
	struct control message = { .kind = CONTROL_INTERFACE, .number = (uint32_t)i };
	text_copy(message.text, sizeof message.text, text_from(interfaces->names[i]));
	kept_sockets_drop(
	        &interfaces->of[i].kept); /* there may be more, which nobody wants */
	interfaces->of[i].open = control_send(engine_control, &message, -1) != OK;
	interfaces->of[i].up = interfaces->of[i].known = false;
	if (!interfaces->of[i].open)
		warnx("%s is not listened to any more", interfaces->names[i]);
}

bool interfaces_hand_over(struct interfaces *interfaces, int engine_control)
{
	bool renew = false;
	if (interfaces->stamps_till && monitor_clock() >= interfaces->stamps_till)
		ask_for_stamps(interfaces, false);
	for (size_t i = 0; i < interfaces->count; i++) {
		const bool lacks = !interfaces->of[i].open || interfaces->of[i].stale;
		if (!interfaces->of[i].wanted && interfaces->of[i].open)
			take_away(interfaces, i, engine_control);
		else if (interfaces->of[i].wanted && interfaces->of[i].up && lacks)
			renew = hand_over_one(interfaces, i, engine_control) || renew;
	}
	return renew;
}
