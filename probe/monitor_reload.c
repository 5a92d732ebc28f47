#include "probe/monitor_reload.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "probe/config_table.h"
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

/* "sip.ports, media.no_plc"; empty: all that was changed is taken. */
static void find_what_stays(const struct config *config, const struct config *begun_with,
                            struct buffer *out)
{
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		if (!config_key_needs_restart(key, config, begun_with))
			continue;
		buffer_add_string(out, out->len ? ", " : "");
		buffer_add_string(out, key->path);
	}
}

struct config *monitor_reload(const struct monitor_options *options,
                              const struct config *begun_with, int engine, int keeper,
                              struct buffer *stays, bool *receivers)
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
	stays->len = 0;
	find_what_stays(config, begun_with, stays);
	if (stays->len)
		warnx("reload: only a restart takes over what changed of %.*s",
		      (int)stays->len, stays->at);
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
