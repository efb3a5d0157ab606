// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps and hands out packets.
#include "pipelines/packet_shelf.h"

#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

constexpr std::int64_t kept_ns = 4 * second_ns;
// Reading on is cheaper than a jump up to here.
constexpr std::int64_t near_ns = 4 * second_ns;

TimedSample another(const TimedSample &packet)
{
    return {adopt(gst_sample_ref(packet.sample.get())), packet.time_ns};
}

} // namespace

bool PacketShelf::reaches(std::int64_t from_ns) const
{
    if (!complete_from_ns_ || from_ns < *complete_from_ns_)
        return false;
    return at_end_ || (!packets_.empty() && from_ns < packets_.back().time_ns + near_ns);
}

void PacketShelf::forget_before(std::int64_t time_ns)
{
    while (!packets_.empty() && packets_.front().time_ns < time_ns)
        packets_.pop_front();
    complete_from_ns_ = std::max(*complete_from_ns_, time_ns);
}

Result<std::vector<TimedSample>> PacketShelf::collect(std::int64_t from_ns, std::int64_t to_ns)
{
    if (!reaches(from_ns)) {
        packets_.clear();
        complete_from_ns_.reset();
        at_end_ = false;
        if (auto sought = stream_->seek(from_ns - second_ns / 1000); !sought) {
            // Beyond the last packet there is nothing to collect.
            if (sought.error().code == ErrorCode::unsupported)
                return std::vector<TimedSample>{};
            return fail(std::move(sought.error()));
        }
        complete_from_ns_ = from_ns;
    }
    while (!at_end_ && (packets_.empty() || packets_.back().time_ns < to_ns)) {
        auto packet = stream_->next();
        if (!packet && packet.error().code != ErrorCode::unsupported)
            return fail(std::move(packet.error()));
        // Damage ends the stream: the rest is silence.
        at_end_ = !packet || !*packet;
        if (!at_end_ && packet->time_ns >= *complete_from_ns_)
            packets_.push_back(std::move(*packet));
    }
    std::vector<TimedSample> found;
    for (const auto &packet : packets_)
        if (packet.time_ns >= from_ns && packet.time_ns < to_ns)
            found.push_back(another(packet));
    forget_before(to_ns - kept_ns);
    return found;
}

} // namespace butaca::pipelines
