/* alert_send_test.h - `earshot alerts send-test`. */
#ifndef EARSHOT_PROBE_ALERT_SEND_TEST_H
#define EARSHOT_PROBE_ALERT_SEND_TEST_H

/* A test message to each receiver of a configuration: the exit status. */
int alert_send_test(int argc, char **argv);

#endif
