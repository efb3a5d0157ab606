// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/poller.h"

#include <array>

#include <sys/epoll.h>

namespace butaca::http {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC))
{
    if (epoll_)
        watch_.start(epoll_.get(), G_IO_IN, [this](GIOCondition) { dispatch(); });
}

Poller::~Poller() { *alive_ = false; }

std::uint64_t Poller::add(int fd, std::uint32_t events, Work work)
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = ++last_id_;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return 0;
    entries_.emplace(last_id_, Entry{fd, events, std::make_shared<Work>(std::move(work))});
    return last_id_;
}

void Poller::modify(std::uint64_t id, std::uint32_t events)
{
    auto found = entries_.find(id);
    if (found == entries_.end() || found->second.events == events)
        return;
    found->second.events = events;
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, found->second.fd, &event);
}

void Poller::remove(std::uint64_t id)
{
    auto found = entries_.find(id);
    if (found == entries_.end())
        return;
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);
    entries_.erase(found);
}

void Poller::dispatch()
{
    std::array<epoll_event, 128> events;
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    // A call may remove other watches or destroy the poller: numbers are looked up anew each time.
    const auto alive = alive_;
    for (int i = 0; i < count && *alive; i++) {
        auto found = entries_.find(events[static_cast<std::size_t>(i)].data.u64);
        if (found == entries_.end())
            continue;
        const auto work = found->second.work;
        (*work)(events[static_cast<std::size_t>(i)].events);
    }
}

} // namespace butaca::http
