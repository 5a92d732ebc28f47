/* config_sla.c - what was agreed on with those whose trunks are measured. */
#include <string.h>

#include "probe/config_values.h"
#include "schema/filter_time.h"

static bool take_time(nstime *to, const char *value, struct option_error *error)
{
	if (filter_time_absolute(text_from(value), to) == OK)
		return true;
	return option_refuse(error, "'%s' is no time, such as 2026-03-28T22:00:00Z", value);
}

void config_begin_maintenance(struct config *config)
{
	config->draft.window =
	        (struct sla_window){ .from = NSTIME_NONE, .to = NSTIME_NONE };
}

bool config_take_maintenance_from(struct config *config, const char *value,
                                  struct option_error *error)
{
	return take_time(&config->draft.window.from, value, error);
}

bool config_take_maintenance_to(struct config *config, const char *value,
                                struct option_error *error)
{
	return take_time(&config->draft.window.to, value, error);
}

bool config_end_maintenance(struct config *config, struct option_error *error)
{
	const struct sla_window *window = &config->draft.window;
	struct sla_settings *sla = &config->sla;
	if (window->from == NSTIME_NONE || window->to == NSTIME_NONE)
		return option_refuse(error, "a window needs from and to");
	if (window->from >= window->to)
		return option_refuse(error, "the window ends before it begins");
	if (sla->window_count == SLA_WINDOWS)
		return option_refuse(error, "at most %d windows", SLA_WINDOWS);
	sla->windows[sla->window_count++] = *window;
	return true;
}

void config_sla_settings(const struct config *config, struct sla_settings *out)
{
	*out = config->sla;
	text_copy(out->sensor, sizeof out->sensor, text_from(config->settings.sensor));
	text_copy(out->site, sizeof out->site, text_from(config->site));
	text_copy(out->point, sizeof out->point, text_from(config->point));
}
