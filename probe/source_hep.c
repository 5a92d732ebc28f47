#include "probe/source_hep.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/wire/hep.h"

enum { CONNECTION_BYTES = 2 * HEP_MAX };
/* What lies in a socket for longer was taken for that: nobody reads so slowly. */
#define WAITED_AT_MOST (10 * NS_PER_SEC)

struct connection {
	int fd; /* -1 = none */
	struct endpoint peer;
	uint8_t *bytes; /* owned; CONNECTION_BYTES */
	size_t begin, end;
	nstime heard;
};

struct hep_source {
	struct hep_access access;
	int sockets[HEP_SOCKETS]; /* the one, and the one before it; -1 = none */
	struct connection connections[HEP_CONNECTIONS];
	struct hep_source_stats stats;
	struct hep_agents agents;
	uint32_t overflow[HEP_SOCKETS]; /* the kernel's counter when it was read last */
	uint8_t *slots;                 /* owned; LIVE_BATCH facts at their longest */
};

enum status hep_source_new(const struct hep_access *access, struct hep_source **out)
{
	struct hep_source *source = calloc(1, sizeof *source);
	if (!source)
		return ERR_NOMEM;
	source->access = *access;
	for (size_t i = 0; i < HEP_SOCKETS; i++)
		source->sockets[i] = -1;
	for (size_t i = 0; i < HEP_CONNECTIONS; i++)
		source->connections[i].fd = -1;
	source->slots = malloc((size_t)LIVE_BATCH * HEP_MAX);
	if (!source->slots) {
		hep_source_free(source);
		return ERR_NOMEM;
	}
	*out = source;
	return OK;
}

static void close_connection(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection->bytes);
	*connection = (struct connection){ .fd = -1 };
}

void hep_source_free(struct hep_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < HEP_SOCKETS; i++)
		if (source->sockets[i] >= 0)
			close(source->sockets[i]);
	for (size_t i = 0; i < HEP_CONNECTIONS; i++)
		close_connection(&source->connections[i]);
	free(source->slots);
	free(source);
}

void hep_source_set_access(struct hep_source *source, const struct hep_access *access)
{
	source->access = *access;
}

/* --- who may tell --------------------------------------------------------------------- */

static bool is_within(const struct trunk_net *net, const struct endpoint *peer)
{
	const size_t whole = net->bits / 8;
	const unsigned int rest = net->bits % 8;
	const uint8_t mask = (uint8_t)(0xff00 >> rest);
	if (peer->port < net->port_first || peer->port > net->port_last ||
	    memcmp(net->base.bytes, peer->address.bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((net->base.bytes[whole] ^ peer->address.bytes[whole]) & mask) == 0;
}

static bool is_loopback(const struct address *address)
{
	static const uint8_t one[16] = { [15] = 1 };
	return address_is_ipv4(address) ? address->bytes[12] == 127
	                                : memcmp(address->bytes, one, sizeof one) == 0;
}

static bool is_allowed(const struct hep_access *access, const struct endpoint *peer)
{
	if (access->net_count == 0)
		return access->key[0] || is_loopback(&peer->address);
	for (size_t i = 0; i < access->net_count; i++)
		if (is_within(&access->nets[i], peer))
			return true;
	return false;
}

/* Takes as long whatever the key is. */
static bool has_key(const struct hep_access *access, struct text told)
{
	const size_t len = strlen(access->key);
	unsigned int different = told.len != len;
	for (size_t i = 0; i < HEP_KEY; i++) {
		const char theirs = i < told.len ? told.at[i] : '\0';
		different |= (unsigned int)(access->key[i] ^ theirs) & 0xff;
	}
	return len == 0 || different == 0;
}

/* --- facts ---------------------------------------------------------------------------- */

/* The fact lies in the slot of the next frame.  False: it does not count. */
static bool take_fact(struct hep_source *s, struct span fact, const struct endpoint *peer,
                      nstime now, struct frame *frame)
{
	struct hep hep;
	nstime at;
	if (!is_allowed(&s->access, peer)) {
		s->stats.refused++;
		s->stats.refused_peer = *peer;
		return false;
	}
	if (hep_decode(fact, &hep) != OK) {
		s->stats.malformed++;
		return false;
	}
	if (!has_key(&s->access, hep.auth)) {
		s->stats.unauthenticated++;
		return false;
	}
	const struct hep_agent *agent =
	        hep_agents_note(&s->agents, &peer->address, &hep, now, &at);
	s->stats.received++;
	*frame = (struct frame){
		.at = at,
		.bytes = fact,
		.length = (uint32_t)fact.len,
		.link_type = FRAME_HEP,
		.interface = hep_agent_number(&s->agents, agent),
	};
	return true;
}

static struct endpoint endpoint_of(const struct sockaddr_storage *from)
{
	struct endpoint peer = { 0 };
	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)from;
		peer.address = address_ipv4((const uint8_t *)&in->sin_addr);
		peer.port = ntohs(in->sin_port);
	} else if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;
		peer.address = address_ipv6(in->sin6_addr.s6_addr);
		peer.port = ntohs(in->sin6_port);
	}
	return peer;
}

/* By the kernel, unless that is by a clock that somebody has set since. */
static nstime arrival(const struct timespec *came, nstime now)
{
	const nstime at = (nstime)came->tv_sec * NS_PER_SEC + came->tv_nsec;
	return at <= now && now - at < WAITED_AT_MOST ? at : now;
}

/* How many the kernel had no room for so far (SO_RXQ_OVFL), and when the datagram came; the
 * latter, or `now`. */
static nstime read_ancillary(struct hep_source *s, size_t socket, struct msghdr *message,
                             nstime now)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		uint32_t count;
		struct timespec came;
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SO_RXQ_OVFL && c->cmsg_len == CMSG_LEN(sizeof count)) {
			memcpy(&count, CMSG_DATA(c), sizeof count);
			s->stats.dropped += (uint32_t)(count - s->overflow[socket]);
			s->overflow[socket] = count;
		} else if (c->cmsg_type == SO_TIMESTAMPNS &&
		           c->cmsg_len == CMSG_LEN(sizeof came)) {
			memcpy(&came, CMSG_DATA(c), sizeof came);
			now = arrival(&came, now);
		}
	}
	return now;
}

static size_t read_socket(struct hep_source *s, size_t socket, struct frame *frames,
                          size_t count, nstime now)
{
	_Alignas(struct cmsghdr) char
	        control[CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(struct timespec))];
	while (s->sockets[socket] >= 0 && count < LIVE_BATCH) {
		uint8_t *slot = s->slots + count * HEP_MAX;
		struct sockaddr_storage from = { 0 };
		struct iovec bytes = { slot, HEP_MAX };
		struct msghdr message = { .msg_name = &from,
			                  .msg_namelen = sizeof from,
			                  .msg_iov = &bytes,
			                  .msg_iovlen = 1,
			                  .msg_control = control,
			                  .msg_controllen = sizeof control };
		const ssize_t got = recvmsg(s->sockets[socket], &message, MSG_DONTWAIT);
		if (got < 0 && socket == 1) {
			close(s->sockets[socket]);
			s->sockets[socket] = -1;
		}
		if (got < 0)
			break;
		const nstime came = read_ancillary(s, socket, &message, now);
		const struct endpoint peer = endpoint_of(&from);
		count += take_fact(s, (struct span){ slot, (size_t)got }, &peer, came,
		                   &frames[count]);
	}
	return count;
}

/* What has come whole; false: it is no HEP3. */
static bool take_facts(struct hep_source *s, struct connection *c, struct frame *frames,
                       size_t *count, nstime now)
{
	while (*count < LIVE_BATCH) {
		size_t length;
		const struct span rest = { c->bytes + c->begin, c->end - c->begin };
		const enum status status = hep_length(rest, &length);
		if (status == ERR_TRUNCATED || (status == OK && length > rest.len))
			return true;
		if (status != OK)
			return false;
		uint8_t *slot = s->slots + *count * HEP_MAX;
		memcpy(slot, rest.at, length);
		c->begin += length;
		*count += take_fact(s, (struct span){ slot, length }, &c->peer, now,
		                    &frames[*count]);
	}
	return true;
}

static size_t read_connection(struct hep_source *s, struct connection *c,
                              struct frame *frames, size_t count, nstime now)
{
	bool good = take_facts(s, c, frames, &count, now);
	while (good && count < LIVE_BATCH) {
		if (c->begin > 0)
			memmove(c->bytes, c->bytes + c->begin, c->end - c->begin);
		c->end -= c->begin;
		c->begin = 0;
		const ssize_t got = recv(c->fd, c->bytes + c->end,
		                         CONNECTION_BYTES - c->end, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return count;
		if (got <= 0) {
			close_connection(c);
			return count;
		}
		c->end += (size_t)got;
		c->heard = now;
		good = take_facts(s, c, frames, &count, now);
	}
	if (!good) {
		s->stats.malformed++;
		close_connection(c);
	}
	return count;
}

size_t hep_source_next(struct hep_source *source, struct frame frames[LIVE_BATCH],
                       nstime now)
{
	size_t count = 0;
	for (size_t i = 0; i < HEP_SOCKETS; i++)
		count = read_socket(source, i, frames, count, now);
	for (size_t i = 0; i < HEP_CONNECTIONS && count < LIVE_BATCH; i++)
		if (source->connections[i].fd >= 0)
			count = read_connection(source, &source->connections[i], frames,
			                        count, now);
	return count;
}

/* --- sockets -------------------------------------------------------------------------- */

void hep_source_retire_socket(struct hep_source *source)
{
	if (source->sockets[0] < 0)
		return;
	if (source->sockets[1] >= 0)
		close(source->sockets[1]);
	source->sockets[1] = source->sockets[0];
	source->overflow[1] = source->overflow[0];
	source->sockets[0] = -1;
}

void hep_source_set_socket(struct hep_source *source, int fd)
{
	hep_source_retire_socket(source);
	source->sockets[0] = fd;
	source->overflow[0] = 0;
}

/* Who says nothing for the longest time makes room. */
void hep_source_add_connection(struct hep_source *source, int fd,
                               const struct endpoint *peer)
{
	struct connection *best = &source->connections[0];
	for (size_t i = 0; i < HEP_CONNECTIONS; i++) {
		struct connection *c = &source->connections[i];
		if (best->fd >= 0 && (c->fd < 0 || c->heard < best->heard))
			best = c;
	}
	if (!is_allowed(&source->access, peer)) {
		source->stats.refused++;
		source->stats.refused_peer = *peer;
		close(fd);
		return;
	}
	source->stats.closed += best->fd >= 0;
	close_connection(best);
	best->bytes = malloc(CONNECTION_BYTES);
	if (!best->bytes) {
		close(fd);
		return;
	}
	best->fd = fd;
	best->peer = *peer;
}

size_t hep_source_poll(const struct hep_source *source,
                       struct pollfd polled[HEP_SOCKETS + HEP_CONNECTIONS])
{
	size_t count = 0;
	for (size_t i = 0; i < HEP_SOCKETS; i++)
		if (source->sockets[i] >= 0)
			polled[count++] = (struct pollfd){ .fd = source->sockets[i],
				                           .events = POLLIN };
	for (size_t i = 0; i < HEP_CONNECTIONS; i++)
		if (source->connections[i].fd >= 0)
			polled[count++] = (struct pollfd){ .fd = source->connections[i].fd,
				                           .events = POLLIN };
	return count;
}

const struct hep_source_stats *hep_source_stats(const struct hep_source *source)
{
	return &source->stats;
}

struct hep_agents *hep_source_agents(struct hep_source *source)
{
	return &source->agents;
}
