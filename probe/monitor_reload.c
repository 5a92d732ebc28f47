#include "probe/monitor_reload.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "probe/control.h"

/* Each has its own place in the file. */
static void hand_over(const char *name, int to, const char *path,
                      const struct control *message)
{
	if (to < 0)
		return;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		warn("reload: %s", path);
	else if (control_send(to, message, fd) != OK)
		warnx("%s: does not listen", name);
	if (fd >= 0)
		close(fd);
}

/* The key of `limits` that is another now; NULL. */
static const char *limit_change(const struct config *now, const struct config *before)
{
	if (now->settings.memory_cap != before->settings.memory_cap)
		return "limits.memory_cap";
	return memcmp(&now->own_limits, &before->own_limits, sizeof now->own_limits) != 0
	               ? "limits"
	               : NULL;
}

static void say_what_stays(const struct config *config, const struct config *begun_with,
                           const struct config *before)
{
	const char *key = capture_config_change(&config->capture, &begun_with->capture);
	if (!key)
		key = limit_change(config, begun_with);
	if (key)
		warnx("reload: %s needs a restart", key);
	else if (config->digest != before->digest)
		warnx("reload: trunks, numbers, who may tell by HEP, alert rules and their "
		      "receivers are taken over; what else was changed needs a restart");
}

struct config *monitor_reload(const struct monitor_options *options,
                              const struct config *begun_with, int engine, int keeper,
                              bool *receivers)
{
	struct control message = { .kind = CONTROL_CONFIG };
	struct config_error error = { "memory ran out" };
	const char *path = options->config_path;
	if (!path) {
		warnx("reload: there is no configuration file");
		return NULL;
	}
	struct config *config = config_new();
	if (!config || config_load(config, path, &error) != OK) {
		warnx("reload: %s; the old one stays", error.text);
		config_free(config);
		return NULL;
	}
	say_what_stays(config, begun_with, options->config);
	/* What is between the members may differ, too: then the same ones are begun anew.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-*) */
	*receivers = memcmp(&config->notify, &options->config->notify,
	                    sizeof config->notify) != 0;
	message.counts[0] = config->digest;
	hand_over("engine", engine, path, &message);
	message.number = *receivers;
	hand_over("keeper", keeper, path, &message);
	return config;
}
