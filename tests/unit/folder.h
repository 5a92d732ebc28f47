/* folder.h - a folder of a test's own, and the database in it. */
#ifndef EARSHOT_TESTS_UNIT_FOLDER_H
#define EARSHOT_TESTS_UNIT_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64], path[96]; /* of the database */

static inline int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/earshot-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/calls.db", folder);
	return 0;
}

static inline int remove_folder(void **state)
{
	char command[192];
	(void)state;
	snprintf(command, sizeof command, "chmod -R u+w %s && rm -r %s", folder, folder);
	return system(command);
}

#endif
