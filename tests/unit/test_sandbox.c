#include "probe/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { FILTERED = 0 };
#else
enum { FILTERED = 1 };
#endif

static void say(void)
{
	if (write(STDERR_FILENO, "", 0) != 0)
		_exit(2);
}

static void open_a_file(void)
{
	(void)!open("/etc/passwd", O_RDONLY);
}

static void run_a_program(void)
{
	char *const words[] = { (char[]){ "true" }, NULL };
	execv("/bin/true", words);
}

static void open_a_socket(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void become_two(void)
{
	if (fork() == 0)
		_exit(0);
}

static void make_code(void)
{
	(void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void connect_somewhere(void)
{
	const struct sockaddr nobody = { .sa_family = AF_UNIX };
	(void)!connect(0, &nobody, sizeof nobody);
}

/* Nothing outside of its folder: where the kernel can see to that. */
static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	               LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static char folder[] = "/tmp/earshot-sandbox-XXXXXX";

static void make_files(void)
{
	char inside[sizeof folder + 8];
	snprintf(inside, sizeof inside, "%s/file", folder);
	const int mine = open(inside, O_RDWR | O_CREAT, 0600);
	const int other = open("/tmp/earshot-sandbox-other", O_RDWR | O_CREAT, 0600);
	if (mine < 0 || unlink(inside) != 0)
		_exit(3);
	if (other >= 0)
		_exit(4);
}

static const struct {
	const char *what;
	enum sandbox_role role;
	void (*act)(void);
	bool dies;
} cases[] = {
	{ "the engine may write", SANDBOX_ENGINE, say, false },
	{ "the engine may open no file", SANDBOX_ENGINE, open_a_file, true },
	{ "the engine may run no program", SANDBOX_ENGINE, run_a_program, true },
	{ "the engine may open no socket", SANDBOX_ENGINE, open_a_socket, true },
	{ "the engine may connect nothing", SANDBOX_ENGINE, connect_somewhere, true },
	{ "the engine may not fork", SANDBOX_ENGINE, become_two, true },
	{ "the engine may make no code", SANDBOX_ENGINE, make_code, true },
	{ "the keeper may open files", SANDBOX_KEEPER, open_a_file, false },
	{ "the keeper may make files in its folder alone", SANDBOX_KEEPER, make_files,
	  false },
	{ "the keeper may run no program", SANDBOX_KEEPER, run_a_program, true },
	{ "the keeper may open no socket", SANDBOX_KEEPER, open_a_socket, true },
	{ "the keeper may not fork", SANDBOX_KEEPER, become_two, true },
	{ "the keeper may make no code", SANDBOX_KEEPER, make_code, true },
};

static int status_of(enum sandbox_role role, void (*act)(void))
{
	const struct sandbox_user user = { 64001, 64001 };
	char error[SANDBOX_ERROR_SIZE];
	const pid_t pid = fork();
	int status;
	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(role, &user, folder, false, error) != OK) {
			(void)!write(STDERR_FILENO, error, strlen(error));
			_exit(1);
		}
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void what_a_role_does_not_need_kills_it(void **state)
{
	(void)state;
	if (geteuid() != 0 || !FILTERED)
		skip();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chown(folder, 64001, 64001), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (cases[i].act == make_files && !has_landlock())
			continue;
		const int status = status_of(cases[i].role, cases[i].act);
		const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
		const bool lived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (cases[i].dies ? !died : !lived)
			fail_msg("%s: status %#x", cases[i].what, (unsigned int)status);
	}
	rmdir(folder);
}

static void users_are_found_and_root_is_none(void **state)
{
	(void)state;
	struct sandbox_user user;
	char error[SANDBOX_ERROR_SIZE];
	assert_int_equal(sandbox_find_user("64002", &user, error), OK);
	assert_int_equal(user.uid, 64002);
	assert_int_equal(user.gid, 64002);
	assert_int_equal(sandbox_find_user("nobody", &user, error), OK);
	assert_int_equal(user.uid, 65534);
	assert_int_equal(sandbox_find_user("root", &user, error), ERR_UNSUPPORTED);
	assert_int_equal(sandbox_find_user("0", &user, error), ERR_UNSUPPORTED);
	assert_int_equal(sandbox_find_user("no such user", &user, error), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_role_does_not_need_kills_it),
		cmocka_unit_test(users_are_found_and_root_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
