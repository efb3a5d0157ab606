// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/backend.h"

#include <chrono>
#include <optional>

#include "src/base/loop.h"

namespace butaca::playback::rtsp {

namespace {

// As long as an origin may take to answer for an index that AppS does not know yet.
constexpr std::chrono::seconds patience{15};

} // namespace

Result<Title> Backend::open(const std::string &ticket)
{
    auto answer = std::make_shared<std::optional<Result<Title>>>();
    post([self = shared_from_this(), ticket, answer] {
        if (!self->segments_)
            return;
        self->tickets_.open(ticket, [self, answer](Result<Opened> opened) {
            Result<Title> title =
                opened ? title_of(*opened->playable, std::move(opened->viewer)) : fail(opened.error());
            std::lock_guard lock(self->mutex_);
            *answer = std::move(title);
            self->changed_.notify_all();
        });
    });
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return *answer || detached_; });
    if (!*answer)
        return fail(ErrorCode::unavailable, "the server cannot look up this title just now");
    return std::move(**answer);
}

void Backend::detach()
{
    segments_ = nullptr;
    std::lock_guard lock(mutex_);
    detached_ = true;
    changed_.notify_all();
    for (const auto &[who, work] : waiting_)
        work();
}

void Backend::on_detach(const void *who, std::function<void()> work)
{
    std::lock_guard lock(mutex_);
    if (detached_)
        work();
    waiting_[who] = std::move(work);
}

void Backend::forget(const void *who)
{
    std::lock_guard lock(mutex_);
    waiting_.erase(who);
}

} // namespace butaca::playback::rtsp
