#include "probe/notify_resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWERS_WITHIN (15 * NS_PER_SEC)
enum { ALARM_S = 14 };

/* --- looking up ----------------------------------------------------------------------- */

static bool take_address(const struct addrinfo *found, uint16_t port, struct endpoint *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (found->ai_family == AF_INET && found->ai_addrlen >= sizeof v4) {
		memcpy(&v4, found->ai_addr, sizeof v4);
		out->address = address_ipv4((const uint8_t *)&v4.sin_addr);
	} else if (found->ai_family == AF_INET6 && found->ai_addrlen >= sizeof v6) {
		memcpy(&v6, found->ai_addr, sizeof v6);
		out->address = address_ipv6(v6.sin6_addr.s6_addr);
	} else {
		return false;
	}
	out->port = port;
	return true;
}

enum status notify_resolve_now(const struct receiver *receiver, struct resolved *out,
                               const char **error)
{
	const struct place *place = &receiver->place;
	const struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG,
		                        .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	memset(out, 0, sizeof *out);
	if (receiver->transport == RECEIVER_LOCAL ||
	    place_endpoint(place, &out->list[0]) == OK) {
		out->count = 1;
		return OK;
	}
	const int code = getaddrinfo(place->host, NULL, &hints, &list);
	if (code) {
		*error = gai_strerror(code);
		return ERR_NOT_FOUND;
	}
	for (const struct addrinfo *at = list; at && out->count < RESOLVED_MOST;
	     at = at->ai_next)
		if (take_address(at, place->port, &out->list[out->count]))
			out->count++;
	freeaddrinfo(list);
	*error = "there is no address of that name";
	return out->count ? OK : ERR_NOT_FOUND;
}

/* --- in a process of its own ---------------------------------------------------------- */

static bool become_nobody(const struct sandbox_user *user)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && setgroups(0, NULL) == 0 &&
	       setresgid(user->gid, user->gid, user->gid) == 0 &&
	       setresuid(user->uid, user->uid, user->uid) == 0 && setresuid(0, 0, 0) != 0;
}

_Noreturn static void look_up(const struct receiver *receiver,
                              const struct sandbox_user *user, bool insecure, int to)
{
	struct resolved answer;
	const char *error = NULL;
	const int fd = dup2(to, STDERR_FILENO + 1);
	/* Nothing of the parent's stays open, and it does not stay for long itself. */
	if (fd < 0 || close_range((unsigned int)fd + 1, ~0U, 0))
		_exit(EXIT_FAILURE);
	alarm(ALARM_S);
	if (!become_nobody(user) && !insecure)
		_exit(EXIT_FAILURE);
	if (notify_resolve_now(receiver, &answer, &error) == OK)
		(void)!write(fd, &answer, sizeof answer);
	_exit(EXIT_SUCCESS);
}

static void start(struct resolver *r, const struct receiver *receiver,
                  const struct sandbox_user *user, bool insecure, nstime now)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	const pid_t pid = fork();
	if (pid == 0)
		look_up(receiver, user, insecure, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return;
	}
	r->fd = ends[0];
	r->until = now + ANSWERS_WITHIN;
}

void resolver_init(struct resolver *r)
{
	*r = (struct resolver){ .fd = -1 };
}

void resolver_free(struct resolver *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

/* What one without rights has written may be anything. */
static bool hear(struct resolver *r, uint16_t port, nstime now)
{
	struct resolved said;
	const ssize_t got = read(r->fd, &said, sizeof said);
	if (got < 0 && (errno == EAGAIN || errno == EINTR) && now < r->until)
		return false;
	resolver_free(r);
	r->known.count = 0;
	if (got == sizeof said && said.count <= RESOLVED_MOST) {
		r->known = said;
		r->known.next = 0;
		r->until = now + RESOLVED_FOR;
	}
	for (size_t i = 0; i < r->known.count; i++)
		r->known.list[i].port = port;
	return true;
}

enum resolver_state resolver_ask(struct resolver *r, const struct receiver *receiver,
                                 const struct sandbox_user *user, bool insecure, nstime now,
                                 struct endpoint *out)
{
	if (receiver->transport == RECEIVER_LOCAL ||
	    place_endpoint(&receiver->place, out) == OK)
		return RESOLVER_KNOWS;
	const bool asked = r->fd >= 0;
	if (asked && !hear(r, receiver->place.port, now))
		return RESOLVER_ASKING;
	if (!asked && (r->known.count == 0 || now >= r->until)) {
		start(r, receiver, user, insecure, now);
		return r->fd >= 0 ? RESOLVER_ASKING : RESOLVER_FAILED;
	}
	if (r->known.count == 0)
		return RESOLVER_FAILED;
	*out = r->known.list[r->known.next++ % r->known.count];
	return RESOLVER_KNOWS;
}
