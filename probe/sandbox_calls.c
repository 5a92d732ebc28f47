#include "probe/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "analyzer/base/text.h"

#define ALLOW(name) SCMP_SYS(name)

/* Both: memory, time, sockets that are open already, the end. */
static const int common[] = {
	ALLOW(read),
	ALLOW(readv),
	ALLOW(write),
	ALLOW(writev),
	ALLOW(close),
	ALLOW(sendto),
	ALLOW(sendmsg),
	ALLOW(recvfrom),
	ALLOW(recvmsg),
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(futex),
	ALLOW(clock_gettime),
	ALLOW(clock_nanosleep),
	ALLOW(nanosleep),
	ALLOW(gettimeofday),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(brk),
	ALLOW(rt_sigreturn),
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigaction),
	ALLOW(exit),
	ALLOW(exit_group),
	ALLOW(getrandom),
	ALLOW(fstat),
	ALLOW(newfstatat),
	ALLOW(lseek),
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(tgkill),
	ALLOW(restart_syscall),
	ALLOW(sched_yield),
	ALLOW(prlimit64),
	ALLOW(sysinfo), /* qsort asks how much memory there is */
};

/* Packet sockets: statistics, and libpcap asks which interface it lost. */
static const int engine[] = {
	ALLOW(getsockopt),
	ALLOW(getsockname),
	ALLOW(ioctl),
};

/* What a thread does when it begins; add_threads says how it may. */
static const int threads[] = {
	ALLOW(set_robust_list),
	ALLOW(rseq),
};

/* SQLite and its files. */
static const int keeper[] = {
	ALLOW(openat),
	ALLOW(open),
	ALLOW(pread64),
	ALLOW(pwrite64),
	ALLOW(fsync),
	ALLOW(fdatasync),
	ALLOW(ftruncate),
	ALLOW(fallocate),
	ALLOW(unlink),
	ALLOW(unlinkat),
	ALLOW(fcntl),
	ALLOW(stat),
	ALLOW(lstat),
	ALLOW(access),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(readlink),
	ALLOW(readlinkat),
	ALLOW(getcwd),
	ALLOW(fchmod),
	ALLOW(geteuid),
	ALLOW(getuid),
	ALLOW(fchown),
	ALLOW(utimensat),
	ALLOW(getdents64),
	ALLOW(statfs),
	ALLOW(fstatfs),
	ALLOW(rename),
	/* The web: connections at sockets that were handed over. */
	ALLOW(accept4),
	ALLOW(shutdown),
	ALLOW(getsockname),
	ALLOW(getpeername),
	ALLOW(getsockopt),
	ALLOW(eventfd2),
	ALLOW(pipe2),
};

static int add_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < count; i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return code;
}

/* Memory may not become code. */
static int add_memory(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
	                        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/*
 * How libpcap gives the ring of a packet socket back, and how a stream is made of a
 * descriptor that was handed over; no other option may be set or asked.
 */
static int add_exceptions(scmp_filter_ctx filter)
{
	const int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
	                                  SCMP_A1(SCMP_CMP_EQ, SOL_PACKET),
	                                  SCMP_A2(SCMP_CMP_EQ, PACKET_RX_RING));
	return code ? code
	            : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
	                               SCMP_A1(SCMP_CMP_EQ, F_GETFL));
}

/* Of a connection when what was written is sent: no other option. */
static int add_connections(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 1,
	                        SCMP_A1(SCMP_CMP_EQ, IPPROTO_TCP));
}

/* How much of what was sent the other host has not got yet; no other request. */
static int add_receivers(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
	                        SCMP_A1(SCMP_CMP_EQ, SIOCOUTQ));
}

/* Threads of this process and no other one, and their names.  Without clone3, whose flags
 * cannot be seen from here, the C library falls back to clone. */
static int add_threads(scmp_filter_ctx filter)
{
	int code = add_all(filter, threads, ARRAY_LEN(threads));
	if (code == 0)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		                        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM,
		                                CLONE_THREAD | CLONE_VM));
	if (code == 0)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		                        SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	return code ? code
	            : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fill(scmp_filter_ctx filter, enum sandbox_role role)
{
	const bool has_workers = role == SANDBOX_ENGINE_OF_WORKERS;
	const bool is_engine = role == SANDBOX_ENGINE || has_workers;
	int code = add_all(filter, common, ARRAY_LEN(common));
	if (code == 0)
		code = is_engine                ? add_all(filter, engine, ARRAY_LEN(engine))
		       : role == SANDBOX_KEEPER ? add_all(filter, keeper, ARRAY_LEN(keeper))
		                                : 0;
	if (code == 0)
		code = is_engine                  ? add_exceptions(filter)
		       : role == SANDBOX_NOTIFIER ? add_receivers(filter)
		                                  : 0;
	if (code == 0 && (role == SANDBOX_KEEPER || has_workers))
		code = add_threads(filter);
	if (code == 0 && role == SANDBOX_KEEPER)
		code = add_connections(filter);
	if (code == 0)
		code = add_memory(filter, SCMP_SYS(mmap));
	return code == 0 ? add_memory(filter, SCMP_SYS(mprotect)) : code;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum status sandbox_filter_calls(enum sandbox_role role)
{
	if (SANITIZED)
		return OK;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return ERR_NOMEM;
	int code = fill(filter, role);
	if (code == 0)
		code = seccomp_load(filter);
	seccomp_release(filter);
	return code == 0 ? OK : ERR_IO;
}
