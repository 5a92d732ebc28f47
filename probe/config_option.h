/*
 * config_option.h - what several commands share of their command lines: --config, whose
 * file goes before all other options, wherever it stands among them, and --sensor.
 */
#ifndef EARSHOT_PROBE_CONFIG_OPTION_H
#define EARSHOT_PROBE_CONFIG_OPTION_H

#include "probe/config.h"
#include "probe/option_table.h"

/*
 * Reads the file that the row OPTION_READ names, if it is given; the command line can then
 * be read from its beginning.  False: prints why.
 */
bool config_option(struct config *config, const struct option_row *rows, size_t count,
                   int argc, char **argv);

/* The name that ids are made with.  False: prints why. */
bool sensor_option(struct settings *settings, const char *name);

#endif
