#include "probe/config_option.h"

#include <err.h>

bool config_option(struct config *config, int argc, char **argv, const char *letters,
                   const struct option *options, int letter)
{
	struct config_error error;
	const char *path = NULL;
	int option;
	opterr = 0; /* who reads the others complains */
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1)
		path = option == letter ? optarg : path;
	opterr = 1;
	optind = 0; /* GNU: begin anew */
	if (!path || config_load(config, path, &error) == OK)
		return true;
	warnx("%s", error.text);
	return false;
}
