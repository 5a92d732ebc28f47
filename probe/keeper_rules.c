#include "probe/keeper_rules.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

struct config *keeper_rules_read(int fd, uint64_t digest)
{
	struct config_error error = { "memory ran out" };
	struct config *config = config_new();
	FILE *file = fdopen(fd, "r");
	const bool good =
	        config && file && config_read(config, file, "configuration", &error) == OK;
	if (file)
		fclose(file);
	else
		close(fd);
	if (good && config->digest == digest)
		return config;
	warnx("keeper: %s; the old one stays",
	      good ? "the configuration is being written" : error.text);
	config_free(config);
	return NULL;
}

bool keeper_rules_reload(struct keeper_alerts *a, struct config *config)
{
	struct rules_settings settings;
	config_rules_settings(config, &settings);
	if (rules_replace(a->rules, &settings) != OK) {
		warnx("keeper: no memory for other rules; the old ones stay");
		config_free(config);
		return false;
	}
	keeper_channels_follow(&a->channels, config->trunks);
	config_free(a->own);
	a->own = config;
	return true;
}
