#include "web/clients.h"

#include <sys/socket.h>
#include <time.h>

static nstime monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

void clients_init(struct clients *clients)
{
	pthread_mutex_init(&clients->lock, NULL);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		clients->list[i].fd = -1;
}

void clients_end(struct clients *clients)
{
	pthread_mutex_destroy(&clients->lock);
}

struct client *clients_add(struct clients *clients, int fd)
{
	struct client *client = NULL;
	pthread_mutex_lock(&clients->lock);
	for (size_t i = 0; i < CLIENTS_MAX && !client; i++) {
		if (clients->list[i].fd < 0)
			client = &clients->list[i];
	}
	if (client)
		*client = (struct client){ .fd = fd, .since = monotonic_now() };
	pthread_mutex_unlock(&clients->lock);
	return client;
}

void clients_remove(struct clients *clients, struct client *client)
{
	pthread_mutex_lock(&clients->lock);
	if (client)
		client->fd = -1;
	pthread_mutex_unlock(&clients->lock);
}

void clients_wait(struct clients *clients, struct client *client, bool answering)
{
	pthread_mutex_lock(&clients->lock);
	if (client) {
		client->since = monotonic_now();
		client->answering = answering;
	}
	pthread_mutex_unlock(&clients->lock);
}

size_t clients_cut(struct clients *clients)
{
	const nstime now = monotonic_now();
	size_t cut = 0;
	pthread_mutex_lock(&clients->lock);
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &clients->list[i];
		const nstime most =
		        client->answering ? CLIENTS_ANSWER_S : CLIENTS_REQUEST_S;
		if (client->fd < 0 || now - client->since <= most * NS_PER_SEC)
			continue;
		shutdown(client->fd, SHUT_RDWR);
		client->since = now;
		cut++;
	}
	pthread_mutex_unlock(&clients->lock);
	return cut;
}
