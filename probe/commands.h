/*
 * commands.h - the subcommands of `earshot`.  Each gets its own name as argv[0] and
 * returns the exit status: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef EARSHOT_PROBE_COMMANDS_H
#define EARSHOT_PROBE_COMMANDS_H

int command_alerts(int argc, char **argv);   /* what rules found, and the rules */
int command_analyze(int argc, char **argv);  /* calls and their quality out of captures */
int command_call(int argc, char **argv);     /* one call with its ladder */
int command_calls(int argc, char **argv);    /* the calls of a database */
int command_config(int argc, char **argv);   /* is a configuration good */
int command_db(int argc, char **argv);       /* is a database whole; what is old goes */
int command_explain(int argc, char **argv);  /* how a score came about */
int command_export(int argc, char **argv);   /* records, to go on with later */
int command_extract(int argc, char **argv);  /* the packets of one call */
int command_findings(int argc, char **argv); /* what went wrong in calls */
int command_kpis(int argc, char **argv);     /* ratios, delays and traffic */
int command_monitor(int argc, char **argv);  /* listens on interfaces, for months */
int command_mos(int argc, char **argv);      /* the E-model as a calculator */
int command_peers(int argc, char **argv);    /* who answers and who does not */
int command_registrations(int argc, char **argv); /* who is registered where */
int command_report(int argc, char **argv);   /* a trunk's month beside what was agreed */
int command_security(int argc, char **argv); /* what looks like an attack */
int command_status(int argc, char **argv);   /* how the running probe fares */
int command_trunks(int argc, char **argv);   /* what each trunk carried */
int command_serve(int argc, char **argv);    /* the API over a database */
int command_token(int argc, char **argv);    /* by which programs ask the server */
int command_user(int argc, char **argv);     /* who may log in to the server */

#endif
