#include "probe/config_option.h"

#include <err.h>

static const struct option_row *row_of_config(const struct option_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == OPTION_READ)
			return &rows[i];
	return NULL;
}

bool config_option(struct config *config, const struct option_row *rows, size_t count,
                   int argc, char **argv)
{
	const struct option_row *row = row_of_config(rows, count);
	struct option_names names;
	struct config_error error;
	const char *path = NULL;
	int letter;
	option_table_names(rows, count, &names);
	opterr = 0; /* who reads the others complains */
	while ((letter = getopt_long(argc, argv, names.letters, names.list, NULL)) != -1)
		path = row && letter == row->letter ? optarg : path;
	opterr = 1;
	optind = 0; /* GNU: begin anew */
	if (!path || config_load(config, path, &error) == OK)
		return true;
	warnx("%s", error.text);
	return false;
}

bool sensor_option(struct settings *settings, const char *name)
{
	if (*name && text_copy(settings->sensor, sizeof settings->sensor, text_from(name)))
		return true;
	warnx("--sensor: a name of 1 to %zu characters", sizeof settings->sensor - 1);
	return false;
}
