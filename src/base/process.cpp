// SPDX-License-Identifier: LGPL-2.1-or-later
// fork(), not posix_spawn(), for that knows neither limits nor PR_SET_PDEATHSIG.
#include "src/base/process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/child_setup.h"
#include "src/base/gobject.h"
#include "src/base/loop.h"

namespace butaca {

struct Child::State {
    pid_t pid = 0; // 0 once reaped
    Fd pidfd;
    FdWatch watch;
    std::function<void(ChildExit)> work;

    ChildExit reap();
    ~State()
    {
        if (pid == 0)
            return;
        ::kill(pid, SIGKILL);
        reap();
    }
};

// Waits for the child's end, which is there already or comes at once.
ChildExit Child::State::reap()
{
    int status = 0;
    pid_t reaped = 0;
    do
        reaped = ::waitpid(pid, &status, 0);
    while (reaped < 0 && errno == EINTR);
    pid = 0;
    watch.stop();
    pidfd.reset();
    if (reaped < 0)
        return {-1, 0}; // someone else has reaped it, which spawn() forbids
    if (WIFSIGNALED(status))
        return {0, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

namespace {

tl::unexpected<Error> failure(int number, std::string message, std::string detail)
{
    ErrorCode code = ErrorCode::internal;
    if (number == ENOENT || number == ENOTDIR)
        code = ErrorCode::not_found;
    else if (number == EAGAIN || number == ENOMEM || number == EMFILE || number == ENFILE)
        code = ErrorCode::unavailable;
    return fail(code, std::move(message), std::move(detail) + ": " + g_strerror(number));
}

const char *to_string(int step)
{
    switch (step) {
    case ChildFailure::descriptors:
        return "passing descriptors";
    case ChildFailure::limits:
        return "setting limits";
    case ChildFailure::user:
        return "changing the user";
    case ChildFailure::privileges:
        return "giving up privileges";
    case ChildFailure::parent_died:
        return "tying it to its parent";
    case ChildFailure::directory:
        return "changing the directory";
    default:
        return "running the program";
    }
}

Status check(const ChildOptions &options)
{
    if (options.argv.empty() || options.argv[0].empty())
        return fail(ErrorCode::invalid_argument, "there is no program to run");
    for (const InheritedFd &mapping : options.fds)
        if (mapping.fd < 0 || mapping.number < 0 || mapping.number > 1000)
            return fail(ErrorCode::invalid_argument, "a descriptor to pass is out of range");
    for (const auto &[name, value] : options.environment)
        if (name.empty() || name.find('=') != std::string::npos)
            return fail(ErrorCode::invalid_argument, "a name in the environment is malformed");
    auto holds_nul = [](const std::string &text) { return text.find('\0') != std::string::npos; };
    if (std::any_of(options.argv.begin(), options.argv.end(), holds_nul))
        return fail(ErrorCode::invalid_argument, "an argument holds a NUL");
    return {};
}

std::vector<std::string> environment_for(const ChildOptions &options)
{
    std::map<std::string, std::string> variables;
    for (char **entry = options.clear_environment ? nullptr : environ; entry && *entry; ++entry) {
        std::string_view text = *entry;
        std::size_t equals = std::min(text.find('='), text.size());
        variables[std::string(text.substr(0, equals))] = text.substr(std::min(equals + 1, text.size()));
    }
    for (const auto &[name, value] : options.environment)
        variables[name] = value;
    std::vector<std::string> entries;
    entries.reserve(variables.size());
    for (const auto &[name, value] : variables)
        entries.emplace_back(name).append("=").append(value);
    return entries;
}

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> list;
    list.reserve(texts.size() + 1);
    for (const std::string &text : texts)
        list.push_back(const_cast<char *>(text.c_str())); // execve() promises not to write there
    list.push_back(nullptr);
    return list;
}

// fork() with all signals blocked, so that no handler of the parent's runs in the child.
pid_t fork_into(ChildSetup &setup)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = ::fork();
    if (pid == 0)
        become_program(setup);
    int number = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = number;
    return pid;
}

// Waits until the child is the program (nothing) or has said why not.
std::optional<ChildFailure> failure_told(int fd)
{
    ChildFailure told;
    ssize_t length = 0;
    do
        length = ::read(fd, &told, sizeof told);
    while (length < 0 && errno == EINTR);
    if (length != static_cast<ssize_t>(sizeof told))
        return std::nullopt;
    return told;
}

} // namespace

Child::Child(std::unique_ptr<State> state) : state_(std::move(state)) {}
Child::~Child() = default;
Child::Child(Child &&other) noexcept = default;
Child &Child::operator=(Child &&other) noexcept = default;

Result<Child> Child::spawn(const ChildOptions &options)
{
    if (auto checked = check(options); !checked)
        return fail(std::move(checked).error());
    Owned<char> program = adopt(g_find_program_in_path(options.argv[0].c_str()));
    if (!program)
        return fail(ErrorCode::not_found, "there is no such program", options.argv[0]);
    Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    int report[2] = {-1, -1};
    if (!null || ::pipe2(report, O_CLOEXEC) != 0)
        return failure(errno, "a process cannot be started", options.argv[0]);
    Fd report_reader(report[0]);
    Fd report_writer(report[1]);

    auto variables = environment_for(options);
    ChildSetup setup{options, program.get(), pointers(options.argv), pointers(variables), options.fds};
    auto is_input = [](const InheritedFd &mapping) { return mapping.number == 0; };
    if (std::none_of(setup.fds.begin(), setup.fds.end(), is_input))
        setup.fds.push_back({null.get(), 0});
    setup.copies.resize(setup.fds.size());
    for (const InheritedFd &mapping : setup.fds)
        setup.first_free_number = std::max(setup.first_free_number, mapping.number + 1);
    setup.report_fd = report_writer.get();
    setup.parent = ::getpid();

    pid_t pid = fork_into(setup);
    if (pid < 0)
        return failure(errno, "a process cannot be started", options.argv[0]);
    auto state = std::make_unique<State>();
    state->pid = pid; // from here on, any return reaps it
    state->pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!state->pidfd)
        return failure(errno, "a process cannot be watched", options.argv[0]);
    report_writer.reset();
    if (auto told = failure_told(report_reader.get()))
        return failure(told->number, "a process cannot be started",
                       std::string(to_string(told->step)) + ": " + options.argv[0]);
    return Child(std::move(state));
}

void Child::on_exit(std::function<void(ChildExit)> work)
{
    if (!state_->pidfd)
        return;
    state_->work = std::move(work);
    state_->watch.start(state_->pidfd.get(), G_IO_IN, [state = state_.get()](GIOCondition) {
        ChildExit how = state->reap();
        // The call may destroy `state`, so nothing of it is touched once it began.
        auto callback = std::move(state->work);
        callback(how);
    });
}

void Child::kill(int signal_number)
{
    // By number is safe: until it is reaped, which only State does, the number is the child's.
    if (state_->pid != 0)
        ::kill(state_->pid, signal_number);
}

pid_t Child::pid() const { return state_->pid; }
int Child::pidfd() const { return state_->pidfd.get(); }

} // namespace butaca
