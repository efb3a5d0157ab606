// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/flight.h"

#include <algorithm>
#include <cstring>

#include "src/base/loop.h"

namespace butaca::playback {

namespace {

constexpr std::uint64_t segment_most_bytes = 512ULL << 20;

} // namespace

std::shared_ptr<Waiting> Flight::join(const std::shared_ptr<Flight> &self, Priority priority,
                                      SegmentSink sink)
{
    auto waiting = std::make_shared<Waiting>();
    waiting->sink = std::move(sink);
    waiting->priority = priority;
    waiting->flight = self;
    std::erase_if(self->waiting_, [](const auto &other) { return other.expired(); });
    self->waiting_.push_back(waiting);
    call_from_loop(waiting);
    return waiting;
}

bool Flight::has_waiters() const
{
    return std::any_of(waiting_.begin(), waiting_.end(), [](const auto &weak) {
        auto waiting = weak.lock();
        return waiting && !waiting->closed;
    });
}

bool Flight::is_wanted() const
{
    return !wanted_ahead.empty() || has_waiters() || (goes_on && stage == Stage::running);
}

Priority Flight::priority() const
{
    if (goes_on && stage == Stage::running)
        return Priority::viewer;
    Priority most = wanted_ahead.empty() ? Priority::idle : Priority::look_ahead;
    for (const auto &weak : waiting_)
        if (auto waiting = weak.lock(); waiting && !waiting->closed)
            most = std::min(most, waiting->priority);
    return most;
}

Status Flight::add(std::shared_ptr<GBytes> chunk)
{
    gsize size = 0;
    auto data = static_cast<const char *>(g_bytes_get_data(chunk.get(), &size));
    if (size > segment_most_bytes - std::min<std::uint64_t>(attempt_bytes_, segment_most_bytes))
        return butaca::fail(ErrorCode::too_large, "a part of this title is too large");
    auto known = static_cast<std::size_t>(std::min<std::uint64_t>(size, whole_bytes_ - attempt_bytes_));
    if (known > 0 && std::memcmp(whole_.get() + attempt_bytes_, data, known) != 0)
        return butaca::fail(ErrorCode::internal, "a part of this title could not be made",
                            "a second attempt made other bytes");
    attempt_bytes_ += size;
    if (known == size)
        return {};
    append(data + known, size - known);
    if (known > 0)
        chunk = {g_bytes_new_from_bytes(chunk.get(), known, size - known), g_bytes_unref};
    chunks_.push_back(std::move(chunk));
    wake();
    return {};
}

Result<std::shared_ptr<GBytes>> Flight::finish()
{
    if (attempt_bytes_ != whole_bytes_ || whole_bytes_ == 0)
        return butaca::fail(ErrorCode::internal, "a part of this title could not be made",
                            whole_bytes_ == 0 ? "no bytes" : "a second attempt made fewer bytes");
    stage = Stage::over;
    wake();
    auto exact = static_cast<char *>(g_realloc(whole_.release(), whole_bytes_));
    return std::shared_ptr<GBytes>(g_bytes_new_take(exact, whole_bytes_), g_bytes_unref);
}

// Large blocks are moved by their pages, not copied, when they grow or shrink.
void Flight::append(const char *data, std::size_t size)
{
    if (size > whole_room_bytes_ - whole_bytes_) {
        whole_room_bytes_ = std::max(whole_room_bytes_ * 2, whole_bytes_ + size);
        whole_.reset(static_cast<char *>(g_realloc(whole_.release(), whole_room_bytes_)));
    }
    std::memcpy(whole_.get() + whole_bytes_, data, size);
    whole_bytes_ += size;
}

void Flight::finish_with(std::shared_ptr<GBytes> bytes)
{
    chunks_.push_back(std::move(bytes));
    stage = Stage::over;
    wake();
}

void Flight::fail(Error error)
{
    error_ = std::move(error);
    stage = Stage::over;
    wake();
}

void Flight::wake()
{
    for (const auto &weak : waiting_)
        if (auto waiting = weak.lock())
            call_from_loop(waiting);
}

void Flight::call_from_loop(const std::shared_ptr<Waiting> &waiting)
{
    if (waiting->called || waiting->closed)
        return;
    waiting->called = true;
    post([waiting] { deliver(waiting); });
}

void Flight::deliver(const std::shared_ptr<Waiting> &waiting)
{
    waiting->called = false;
    const Flight &flight = *waiting->flight;
    while (!waiting->closed && waiting->next_chunk < flight.chunks_.size())
        waiting->sink.chunk(flight.chunks_[waiting->next_chunk++]);
    if (waiting->closed || flight.stage != Stage::over)
        return;
    waiting->closed = true;
    flight.error_ ? waiting->sink.failed(*flight.error_) : waiting->sink.done();
}

} // namespace butaca::playback
