// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens in a child between fork() and exec(). Private to process.cpp.
#pragma once

#include <vector>

#include "src/base/process.h"

namespace butaca {

// Everything the child needs, made before fork(): after it, another thread's lock may be held for ever, so
// there is no memory to be had, and only plain system calls are safe (signal-safety(7)).
struct ChildSetup {
    const ChildOptions &options;
    const char *program = nullptr;
    std::vector<char *> argv; // ends in a null pointer, as does the next
    std::vector<char *> environment;
    std::vector<InheritedFd> fds; // with standard input
    std::vector<int> copies;      // room for one descriptor per entry of `fds`
    int first_free_number = 3;    // above every number that is mapped to
    int report_fd = -1;           // where a failure is told; closes itself in exec()
    pid_t parent = 0;
};

// What a child that could not become the program tells its parent.
struct ChildFailure {
    enum Step : int { descriptors, limits, user, privileges, parent_died, directory, exec };
    int step = exec;
    int number = 0; // errno
};

// Becomes the program or reports a ChildFailure and exits. Runs in the child, with all signals blocked.
[[noreturn]] void become_program(ChildSetup &setup);

} // namespace butaca
