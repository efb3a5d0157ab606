// SPDX-License-Identifier: LGPL-2.1-or-later
// Between fork() and exec(): nothing in this file may allocate, lock or call into GLib.
#include "src/base/child_setup.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace butaca {

namespace {

[[noreturn]] void give_up(const ChildSetup &setup, ChildFailure::Step step)
{
    ChildFailure failure{step, errno};
    // Smaller than PIPE_BUF, so it is written whole; and who would hear of an error here?
    if (::write(setup.report_fd, &failure, sizeof failure) < 0)
        ::_exit(126);
    ::_exit(127);
}

// Marks everything from 3 on to be closed by exec().
bool hide_descriptors()
{
    if (::syscall(SYS_close_range, 3U, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */) == 0)
        return true;
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    for (int fd = 3; fd < static_cast<int>(limit.rlim_cur); ++fd)
        ::fcntl(fd, F_SETFD, FD_CLOEXEC); // EBADF for those that are not open
    return true;
}

// In two steps, for a number that is mapped to may be the descriptor of another mapping, or the report's.
bool map_descriptors(ChildSetup &setup)
{
    int report = ::fcntl(setup.report_fd, F_DUPFD_CLOEXEC, setup.first_free_number);
    if (report < 0)
        return false;
    setup.report_fd = report;
    if (!hide_descriptors())
        return false;
    for (std::size_t i = 0; i < setup.fds.size(); ++i) {
        setup.copies[i] = ::fcntl(setup.fds[i].fd, F_DUPFD_CLOEXEC, setup.first_free_number);
        if (setup.copies[i] < 0)
            return false;
    }
    // The copies lie above all the numbers, so dup2() never meets itself and always clears FD_CLOEXEC.
    for (std::size_t i = 0; i < setup.fds.size(); ++i)
        if (::dup2(setup.copies[i], setup.fds[i].number) < 0)
            return false;
    return true;
}

template <typename Resource>
bool limit_to(Resource resource, const std::optional<std::uint64_t> &most, std::uint64_t grace = 0)
{
    if (!most)
        return true;
    // An unprivileged child cannot raise the hard limit; a lower one that is there already holds as well.
    rlimit limit = {};
    if (::getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_max == RLIM_INFINITY || *most + grace < limit.rlim_max)
        limit.rlim_max = *most + grace;
    limit.rlim_cur = *most < limit.rlim_max ? *most : limit.rlim_max;
    return ::setrlimit(resource, &limit) == 0;
}

// AddressSanitizer maps terabytes for its shadow when a program starts, so none that it watches starts under
// this limit.
#ifdef __SANITIZE_ADDRESS__
constexpr bool limits_address_space = false;
#else
constexpr bool limits_address_space = true;
#endif

bool apply_limits(const ChildLimits &limits)
{
    return (!limits_address_space || limit_to(RLIMIT_AS, limits.address_space_bytes)) &&
           limit_to(RLIMIT_CPU, limits.cpu_s, 1) && limit_to(RLIMIT_NOFILE, limits.open_files) &&
           limit_to(RLIMIT_FSIZE, limits.file_size_bytes) && limit_to(RLIMIT_CORE, std::uint64_t{0});
}

// Straight to the kernel: the C library's versions take locks to change all threads, of which there are none
// here.
bool change_user(const ChildOptions &options)
{
    if (!options.uid && !options.gid)
        return true;
    if (::syscall(SYS_setgroups, 0, nullptr) != 0)
        return false;
    if (options.gid && ::syscall(SYS_setresgid, *options.gid, *options.gid, *options.gid) != 0)
        return false;
    return !options.uid || ::syscall(SYS_setresuid, *options.uid, *options.uid, *options.uid) == 0;
}

// exec() resets handlers, but what the parent ignores (SIGPIPE) stays ignored without this.
void reset_signals()
{
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &action, nullptr); // EINVAL for SIGKILL, SIGSTOP and the C library's own
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

void become_program(ChildSetup &setup)
{
    const ChildOptions &options = setup.options;
    reset_signals();
    if (!map_descriptors(setup))
        give_up(setup, ChildFailure::descriptors);
    if (!apply_limits(options.limits))
        give_up(setup, ChildFailure::limits);
    if (!change_user(options))
        give_up(setup, ChildFailure::user);
    if (options.no_new_privs && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        give_up(setup, ChildFailure::privileges);
    // After the change of user, which clears it. The parent may have died just before, unseen: then the child
    // has another parent by now.
    if (options.die_with_parent) {
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || ::getppid() != setup.parent)
            give_up(setup, ChildFailure::parent_died);
    }
    if (!options.working_directory.empty() && ::chdir(options.working_directory.c_str()) != 0)
        give_up(setup, ChildFailure::directory);
    ::execve(setup.program, setup.argv.data(), setup.environment.data());
    give_up(setup, ChildFailure::exec);
}

} // namespace butaca
