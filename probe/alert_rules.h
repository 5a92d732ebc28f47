/* alert_rules.h - `earshot alerts rules` and `earshot alerts test`. */
#ifndef EARSHOT_PROBE_ALERT_RULES_H
#define EARSHOT_PROBE_ALERT_RULES_H

/* The rules as a page: the exit status. */
int alert_rules_list(int argc, char **argv);
/* The alerts that rules make of captures: the exit status. */
int alert_rules_test(int argc, char **argv);

#endif
