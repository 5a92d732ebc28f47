#include "probe/monitor_reload.h"

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

#include "probe/control.h"

void monitor_reload(const struct monitor_options *options, int control)
{
	const struct control message = { .kind = CONTROL_CONFIG };
	struct config_error error = { "memory ran out" };
	const char *path = options->config_path;
	if (!path) {
		warnx("reload: there is no configuration file");
		return;
	}
	struct config *config = config_new();
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!config || config_load(config, path, &error) != OK) {
		warnx("reload: %s; the old one stays", error.text);
	} else if (fd >= 0 && control >= 0) {
		const char *key =
		        capture_config_change(&config->capture, &options->config->capture);
		if (key)
			warnx("reload: %s needs a restart", key);
		else if (config->digest != options->config->digest)
			warnx("reload: trunks, numbers and who may tell by HEP are taken "
			      "over; what else was changed needs a restart");
		if (control_send(control, &message, fd) != OK)
			warnx("engine: does not listen");
	}
	if (fd >= 0)
		close(fd);
	config_free(config);
}
