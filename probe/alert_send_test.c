#include "probe/alert_send_test.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/config.h"
#include "probe/monitor.h"
#include "probe/notify_delivery.h"
#include "probe/notify_resolve.h"
#include "probe/options.h"
#include "web/display.h"

#define PATIENCE (5 * NS_PER_SEC)
enum { MESSAGE = 1 };

static const char help[] =
        "usage: earshot alerts send-test CONFIG [RECEIVER]\n"
        "\n"
        "Sends a test message to the receivers of a configuration, or to one of them, and says\n"
        "whether it was taken: by relp, webhook and alertmanager, that the receiver acknowledged it; by tcp and tls,\n"
        "that the receiver's host has it; by udp and local, that it was sent.\n"
        "\n"
        "examples:\n"
        "  earshot alerts send-test /etc/earshot/earshot.yaml noc\n";

/* Until it is delivered, the connection ends, or it takes too long. */
static bool deliver(struct delivery *delivery)
{
	const nstime begun = monitor_clock();
	while (delivery->delivered != MESSAGE && monitor_clock() - begun < PATIENCE) {
		delivery_work(delivery, monitor_clock(), monitor_now());
		if (delivery->stream.fd < 0)
			break;
		struct pollfd polled = delivery_poll(delivery);
		if (delivery->delivered != MESSAGE)
			(void)!poll(&polled, 1, 100);
	}
	return delivery->delivered == MESSAGE && !delivery->error[0];
}

static int connect_to(const struct receiver *receiver, const char **why)
{
	struct resolved resolved;
	if (notify_resolve_now(receiver, &resolved, why) != OK)
		return -1;
	const int fd = notify_connect(receiver, &resolved.list[0]);
	*why = strerror(errno);
	return fd;
}

static bool try_receiver(const struct notify_settings *settings,
                         const struct receiver *receiver)
{
	static const char *const results[RECEIVER_TRANSPORT_COUNT] = {
		[RECEIVER_LOCAL] = "sent",
		[RECEIVER_UDP] = "sent; nobody knows whether it arrived",
		[RECEIVER_TCP] = "taken by the receiver's host",
		[RECEIVER_TLS] = "taken by the receiver's host, whose certificate is good",
		[RECEIVER_RELP] = "acknowledged",
		[RECEIVER_WEBHOOK] = "acknowledged",
		[RECEIVER_ALERTMANAGER] = "acknowledged",
	};
	struct delivery delivery;
	struct buffer line = { 0 };
	const nstime now = monitor_now();
	notify_test_message(settings, receiver, now, &line);
	enum status status = line.failed ? ERR_NOMEM : OK;
	const enum status trust = delivery_init(&delivery, receiver);
	if (status == OK && trust != ERR_IO)
		status = trust;
	if (status == OK)
		status =
		        delivery_add(&delivery, MESSAGE, (uint64_t)now, buffer_text(&line));
	const char *why = "memory ran out";
	const int fd = status == OK ? connect_to(receiver, &why) : -1;
	delivery_connect(&delivery, fd, why, monitor_clock());
	const bool taken = deliver(&delivery);
	buffer_free(&line);
	display_text(&line, text_from(delivery.error[0] ? delivery.error
	                                                : "no answer within 5 s"));
	buffer_add_char(&line, '\0');
	printf("%s: %s\n", receiver->name,
	       taken          ? results[receiver->transport]
	       : !line.failed ? line.at
	                      : "not taken");
	delivery_free(&delivery);
	buffer_free(&line);
	return taken;
}

static int try_receivers(struct config *config, const char *only)
{
	struct notify_settings *settings = &config->notify;
	size_t tried = 0;
	bool good = true;
	memcpy(settings->sensor, config->settings.sensor, sizeof settings->sensor);
	for (size_t i = 0; i < settings->count; i++) {
		if (only && strcmp(settings->receivers[i].name, only) != 0)
			continue;
		tried++;
		good &= try_receiver(settings, &settings->receivers[i]);
	}
	if (tried == 0)
		warnx(only ? "there is no receiver '%s'" : "there is no receiver%s",
		      only ? only : "");
	return tried && good ? options_flush_stdout() : EXIT_FAILURE;
}

int alert_send_test(int argc, char **argv)
{
	struct config_error error = { "memory ran out" };
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(help, stdout);
		return options_flush_stdout();
	}
	if (argc < 2 || argc > 3) {
		warnx("which configuration? see earshot alerts send-test --help");
		return EXIT_USAGE;
	}
	struct config *config = config_new();
	int status = EXIT_FAILURE;
	if (config && config_load(config, argv[1], &error) == OK)
		status = try_receivers(config, argc == 3 ? argv[2] : NULL);
	else
		warnx("%s", error.text);
	config_free(config);
	return status;
}
