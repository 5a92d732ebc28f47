/*
 * config_option.h - the option --config of a command: its file goes before all other
 * options, wherever it stands among them.
 */
#ifndef EARSHOT_PROBE_CONFIG_OPTION_H
#define EARSHOT_PROBE_CONFIG_OPTION_H

#include <getopt.h>

#include "probe/config.h"

/*
 * Reads the file that the option `letter` names, if it is given.  getopt_long begins anew
 * behind it.  False: prints why.
 */
bool config_option(struct config *config, int argc, char **argv, const char *letters,
                   const struct option *options, int letter);

#endif
