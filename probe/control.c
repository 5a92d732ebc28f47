#include "probe/control.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAM_BYTES = 4 << 20 };

enum status control_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ? ERR_IO : OK;
}

enum status control_stream_pair(int ends[2])
{
	const int bytes = STREAM_BYTES;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return ERR_IO;
	/* As much as the system lets; less costs more wake-ups, no record. */
	for (int i = 0; i < 2; i++)
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes))
			(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bytes,
			                 sizeof bytes);
	return OK;
}

union descriptor_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

enum status control_send(int socket, const struct control *message, int fd)
{
	struct control copy = *message;
	union descriptor_room room = { 0 };
	struct iovec bytes = { &copy, sizeof copy };
	struct msghdr packet = { .msg_iov = &bytes, .msg_iovlen = 1 };
	if (fd >= 0) {
		packet.msg_control = room.bytes;
		packet.msg_controllen = sizeof room.bytes;
		struct cmsghdr *head = CMSG_FIRSTHDR(&packet);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(head), &fd, sizeof fd);
	}
	if (sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof copy)
		return OK;
	return errno == EAGAIN ? ERR_FULL : ERR_IO;
}

static int descriptor_of(struct msghdr *packet)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(packet);
	int fd = -1;
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(head), sizeof fd);
	return fd;
}

static bool is_ours(const struct control *message, ssize_t len)
{
	return len == sizeof *message && message->kind > CONTROL_NONE &&
	       message->kind < CONTROL_KIND_COUNT &&
	       memchr(message->text, '\0', sizeof message->text) &&
	       memchr(message->step.file.name, '\0', sizeof message->step.file.name);
}

enum status control_receive(int socket, struct control *message, int *fd)
{
	union descriptor_room room;
	struct iovec bytes = { message, sizeof *message };
	struct msghdr packet = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof room.bytes,
	};
	*fd = -1;
	const ssize_t len = recvmsg(socket, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? ERR_NOT_FOUND : ERR_IO;
	if (len == 0)
		return ERR_IO;
	*fd = descriptor_of(&packet);
	if (is_ours(message, len) && !(packet.msg_flags & MSG_TRUNC))
		return OK;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return ERR_MALFORMED;
}
