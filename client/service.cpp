// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/service.h"

#include <algorithm>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/log.h"

namespace butaca::client {

namespace {

using std::chrono::milliseconds;

constexpr unsigned ends_before_giving_up = 5;
constexpr off_t log_limit_bytes = 16 << 20;

Fd open_log(const std::string &path)
{
    struct stat found {};
    if (stat(path.c_str(), &found) == 0 && found.st_size > log_limit_bytes &&
        rename(path.c_str(), (path + ".1").c_str()) != 0)
        log::warn("up.log_not_moved", {{"path", path}});
    return Fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
}

std::string words_for(ChildExit exit)
{
    return exit.signal_number ? "signal " + std::to_string(exit.signal_number)
                              : "exit " + std::to_string(exit.code);
}

} // namespace

Service::Service(ServiceSpec spec, Events events) : spec_(std::move(spec)), events_(std::move(events)) {}

Status Service::spawn()
{
    const Fd log = open_log(spec_.log);
    if (!log)
        return fail(ErrorCode::internal, "a log file cannot be written", spec_.log);
    ChildOptions options;
    options.argv = spec_.wrapper;
    // A child is never the leader of its process group, so setsid does not fork and the pid stays.
    options.argv.emplace_back("setsid");
    options.argv.insert(options.argv.end(), spec_.argv.begin(), spec_.argv.end());
    options.environment = spec_.environment;
    options.working_directory = spec_.working_directory;
    options.fds = {{log.get(), STDOUT_FILENO}, {log.get(), STDERR_FILENO}};
    auto child = Child::spawn(options);
    if (!child)
        return fail(std::move(child).error());
    child_.emplace(std::move(*child));
    child_->on_exit([this](ChildExit exit) { ended(exit); });
    return {};
}

void Service::start()
{
    timer_.stop();
    started_at_ = std::chrono::steady_clock::now();
    if (Status spawned = spawn(); !spawned) {
        log::error("up.spawn_failed", {{"name", spec_.name}, {"error", spawned.error().detail}});
        try_later(spawned.error().message);
    }
}

void Service::ended(ChildExit exit)
{
    child_.reset();
    timer_.stop();
    if (stopped_) {
        auto stopped = std::exchange(stopped_, nullptr);
        stopped();
        return;
    }
    const auto ran = std::chrono::steady_clock::now() - started_at_;
    settled_ = settled_ || ran > std::chrono::seconds(5) || exit.signal_number == SIGKILL;
    try_later(words_for(exit));
}

void Service::try_later(const std::string &how)
{
    if (!settled_ && ++ends_ == ends_before_giving_up)
        return events_.gave_up(*this);
    const bool ran_long = std::chrono::steady_clock::now() - started_at_ > std::chrono::seconds(30);
    pause_ = ran_long ? milliseconds(200) : std::clamp(pause_ * 2, milliseconds(200), milliseconds(10000));
    timer_.once(pause_, [this] { start(); });
    events_.ended(*this, how, pause_);
}

void Service::stop(std::function<void()> done)
{
    timer_.stop();
    if (!child_)
        return done();
    stopped_ = std::move(done);
    child_->kill(spec_.stop_signal);
    timer_.once(spec_.grace, [this] {
        log::warn("up.killed", {{"name", spec_.name}});
        if (child_)
            child_->kill(SIGKILL);
    });
}

std::string end_of(const std::string &path, std::size_t limit_bytes)
{
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const off_t size = file ? lseek(file.get(), 0, SEEK_END) : 0;
    if (size <= 0)
        return {};
    std::string text(std::min(limit_bytes, static_cast<std::size_t>(size)), '\0');
    const ssize_t got = pread(file.get(), text.data(), text.size(), size - static_cast<off_t>(text.size()));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (static_cast<off_t>(text.size()) < size)
        text.erase(0, text.find('\n') + 1);
    return text;
}

} // namespace butaca::client
