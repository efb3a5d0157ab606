// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/watch.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/inotify.h>
#include <unistd.h>

#include "src/base/log.h"

namespace butaca::origin {

Result<std::unique_ptr<Watcher>> Watcher::start(Calls calls)
{
    Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd)
        return fail(ErrorCode::unavailable, "folders cannot be watched", std::strerror(errno));
    return std::unique_ptr<Watcher>(new Watcher(std::move(fd), std::move(calls)));
}

Watcher::Watcher(Fd fd, Calls calls) : fd_(std::move(fd)), calls_(std::move(calls))
{
    readable_.start(fd_.get(), G_IO_IN, [this](GIOCondition) { read_events(); });
}

void Watcher::add(const std::string &folder)
{
    constexpr std::uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE |
                                   IN_MODIFY | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW;
    int watch = inotify_add_watch(fd_.get(), folder.c_str(), mask);
    if (watch >= 0) {
        folders_[watch] = folder;
        return;
    }
    if (errno == ENOSPC && !complained_) {
        complained_ = true;
        log::warn("origin.watch.limit", {{"hint", "raise fs.inotify.max_user_watches"}});
    }
}

void Watcher::read_events()
{
    alignas(inotify_event) std::array<char, 16384> buffer;
    while (true) {
        ssize_t got = read(fd_.get(), buffer.data(), buffer.size());
        if (got <= 0)
            return;
        for (ssize_t at = 0; at < got;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if (event->mask & IN_Q_OVERFLOW) {
                calls_.lost();
                continue;
            }
            auto place = folders_.find(event->wd);
            if (place == folders_.end())
                continue;
            if (event->mask & IN_IGNORED)
                folders_.erase(place);
            else if (event->len > 0)
                calls_.changed(place->second + "/" + event->name);
        }
    }
}

} // namespace butaca::origin
