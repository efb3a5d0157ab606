// SPDX-License-Identifier: LGPL-2.1-or-later
// Child processes: started with chosen descriptors, limits and user, watched by the loop, and gone when their
// owner goes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"

namespace butaca {

// What the kernel holds the child to; nothing means "as the parent". Core dumps are always off.
struct ChildLimits {
    std::optional<std::uint64_t> address_space_bytes; // RLIMIT_AS; not under AddressSanitizer
    std::optional<std::uint64_t> cpu_s;               // RLIMIT_CPU; SIGXCPU first, SIGKILL one second later
    std::optional<std::uint64_t> open_files;          // RLIMIT_NOFILE
    std::optional<std::uint64_t> file_size_bytes;     // RLIMIT_FSIZE; ends in SIGXFSZ
};

// A descriptor of the parent and the number that it has in the child. The parent's stays open.
struct InheritedFd {
    int fd = -1;
    int number = -1;
};

struct ChildOptions {
    std::vector<std::string> argv; // argv[0] is looked up in PATH when it has no slash
    std::vector<std::pair<std::string, std::string>> environment; // over the parent's
    bool clear_environment = false; // `environment` alone, nothing of the parent's
    // All other descriptors are closed, except standard output and error. Standard input is /dev/null unless
    // it is mapped here.
    std::vector<InheritedFd> fds;
    std::string working_directory; // empty: the parent's
    ChildLimits limits;
    bool no_new_privs = true;    // PR_SET_NO_NEW_PRIVS: no setuid program below it gains anything
    bool die_with_parent = true; // SIGKILL when the thread that spawned it ends: see Child::spawn()
    // Both need privileges. With either, supplementary groups are dropped as well.
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
};

// How a child ended: by itself with `code`, or by `signal_number` (0 when by itself).
struct ChildExit {
    int code = 0;
    int signal_number = 0;
    bool clean() const { return code == 0 && signal_number == 0; }
};

// One child. Belongs to the loop's thread. Destroying it kills it (SIGKILL) and waits for its end, which does
// not take long then.
class Child {
public:
    // Starts the program; by the time this returns it runs, or the error says why not: `not_found` where
    // there is no such program or working directory, `invalid_argument` for options that cannot be,
    // `unavailable` when the system is out of processes or descriptors, else `internal`. Call this from the
    // main thread only: with `die_with_parent` the kernel kills the child as soon as the THREAD that spawned
    // it ends, not the process (prctl(2), PR_SET_PDEATHSIG). SIGCHLD must not be ignored, nor may anything
    // else in the process reap all children.
    static Result<Child> spawn(const ChildOptions &options);

    ~Child();
    Child(Child &&other) noexcept;
    Child &operator=(Child &&other) noexcept;

    // Calls back once on the thread-default main context of the caller, even when the child has ended
    // already. The call may destroy the Child.
    void on_exit(std::function<void(ChildExit)> work);
    // Sends a signal; without effect when the child was seen to end.
    void kill(int signal_number);

    pid_t pid() const; // 0 when the child was seen to end, for its number may be someone else's then
    // Readable once the child has ended; -1 then. Owned by the Child.
    int pidfd() const;
    bool running() const { return pid() != 0; } // stays true until on_exit()'s callback, or the destructor

private:
    struct State;
    explicit Child(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace butaca
