/*
 * commands.h - the subcommands of `earshot`.  Each gets its own name as argv[0] and
 * returns the exit status: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef EARSHOT_PROBE_COMMANDS_H
#define EARSHOT_PROBE_COMMANDS_H

int command_mos(int argc, char **argv); /* the E-model as a calculator */

#endif
