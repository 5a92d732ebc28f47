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

/* Those of the configuration and what is said over them.  NULL: memory ran out. */
static struct rule_list *put_together(const struct config *config, const struct rule *said,
                                      size_t count)
{
	char why[RULE_ERROR_SIZE];
	struct rule_list *list = malloc(sizeof *list);
	if (!list)
		return NULL;
	*list = config->rules;
	for (size_t i = 0; i < count; i++)
		if (!rule_list_say(list, &said[i], why))
			warnx("keeper: rule '%s' that was made by the API: %s; it is left "
			      "out",
			      said[i].name, why);
	return list;
}

static bool follow(struct keeper_alerts *a, const struct config *config,
                   const struct rule *said, size_t count)
{
	struct rules_settings settings;
	struct rule_list *list = put_together(config, said, count);
	config_rules_settings(config, &settings);
	settings.rules = list;
	if (!list || rules_replace(a->rules, &settings) != OK) {
		warnx("keeper: no memory for other rules; the old ones stay");
		free(list);
		return false;
	}
	keeper_past_begin(&a->past); /* another rule may want another past */
	free(a->list);
	a->list = list;
	return true;
}

bool keeper_rules_reload(struct keeper_alerts *a, struct config *config)
{
	if (!follow(a, config, a->said, a->said_count)) {
		config_free(config);
		return false;
	}
	keeper_channels_follow(&a->channels, config->trunks);
	config_free(a->own);
	a->config = a->own = config;
	return true;
}

void keeper_rules_say(struct keeper_alerts *a, struct rule *said, size_t count)
{
	if (!follow(a, a->config, said, count)) {
		free(said);
		return;
	}
	free(a->said);
	a->said = said;
	a->said_count = count;
}
