// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/packets.h"

#include <algorithm>
#include <cstdlib>

namespace butaca::origin {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t samples_to_ns(std::int64_t samples, unsigned rate)
{
    auto wide = static_cast<__int128>(samples) * second_ns;
    return static_cast<std::int64_t>((wide + rate / 2) / rate);
}

std::int64_t median(std::vector<std::int64_t> values)
{
    if (values.empty())
        return 0;
    auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// Containers that know decoding times only (AVI) give frames in the order they are shown.
void fill_missing_times(std::vector<Packet> &packets)
{
    bool any_pts = std::any_of(packets.begin(), packets.end(),
                               [](const Packet &packet) { return packet.pts_ns != no_time; });
    bool all_keyframes = true;
    for (const Packet &packet : packets)
        all_keyframes = all_keyframes && (packet.pts_ns == no_time || packet.keyframe);
    if (any_pts && !all_keyframes)
        return;
    for (Packet &packet : packets) {
        if (packet.pts_ns == no_time)
            packet.pts_ns = packet.dts_ns;
    }
}

bool is_shown(const Packet &packet, Dropped &dropped)
{
    if (packet.hidden) {
        dropped.hidden++;
        return false;
    }
    if (packet.pts_ns == no_time) {
        dropped.without_time++;
        return false;
    }
    if (packet.pts_ns < packet.shown_from_ns || packet.pts_ns >= packet.shown_until_ns) {
        dropped.outside_edit++;
        return false;
    }
    return true;
}

// When the last frame ends: by its own duration, by the usual distance where it has none; never beyond its
// edit.
std::int64_t end_of_video(const std::vector<std::int64_t> &pts_ns, const Packet &last)
{
    std::int64_t duration_ns = last.duration_ns;
    if (duration_ns == no_time || duration_ns <= 0) {
        std::vector<std::int64_t> distances;
        for (std::size_t i = 1; i < pts_ns.size(); i++)
            distances.push_back(pts_ns[i] - pts_ns[i - 1]);
        duration_ns = distances.empty() ? second_ns / 25 : median(std::move(distances));
    }
    return last.pts_ns + std::max<std::int64_t>(1, std::min(duration_ns, last.shown_until_ns - last.pts_ns));
}

// By how many places a frame is decoded later than it is shown, at the most. `shown` holds places in decoding
// order.
std::uint32_t reorder_depth(const std::vector<std::size_t> &shown)
{
    std::vector<std::size_t> decoded = shown;
    std::sort(decoded.begin(), decoded.end());
    std::size_t depth = 0;
    for (std::size_t position = 0; position < shown.size(); position++) {
        auto rank = static_cast<std::size_t>(
            std::lower_bound(decoded.begin(), decoded.end(), shown[position]) - decoded.begin());
        depth = std::max(depth, rank > position ? rank - position : 0);
    }
    return static_cast<std::uint32_t>(depth);
}

} // namespace

media::VideoPackets video_packets(std::vector<Packet> packets, Dropped &dropped)
{
    media::VideoPackets result;
    fill_missing_times(packets);
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < packets.size(); i++) {
        if (is_shown(packets[i], dropped))
            shown.push_back(i);
    }
    if (shown.empty())
        return result;
    std::stable_sort(shown.begin(), shown.end(),
                     [&](std::size_t a, std::size_t b) { return packets[a].pts_ns < packets[b].pts_ns; });
    auto same_time = [&](std::size_t a, std::size_t b) { return packets[a].pts_ns == packets[b].pts_ns; };
    auto end = std::unique(shown.begin(), shown.end(), same_time);
    dropped.duplicate_time += static_cast<unsigned>(shown.end() - end);
    shown.erase(end, shown.end());

    // The earliest time of all that is decoded after each packet: tells open from closed groups of pictures.
    std::vector<std::int64_t> earliest_after(packets.size() + 1, std::numeric_limits<std::int64_t>::max());
    for (std::size_t i = packets.size(); i-- > 0;) {
        earliest_after[i] = earliest_after[i + 1];
        if (!packets[i].hidden && packets[i].pts_ns != no_time)
            earliest_after[i] = std::min(earliest_after[i], packets[i].pts_ns);
    }
    for (std::size_t i : shown) {
        auto position = static_cast<std::uint32_t>(result.pts_ns.size());
        result.pts_ns.push_back(packets[i].pts_ns);
        result.size_bytes.push_back(packets[i].size_bytes);
        if (!packets[i].keyframe)
            continue;
        result.keyframes.push_back(position);
        if (earliest_after[i + 1] >= packets[i].pts_ns)
            result.clean_keyframes.push_back(position);
    }
    result.end_ns = end_of_video(result.pts_ns, packets[shown.back()]);
    result.reorder = reorder_depth(shown);
    return result;
}

namespace {

// The number of samples that all packets but the last one hold; 0 when they differ.
unsigned equal_frame_samples(const std::vector<Packet> &packets, const AudioClock &clock)
{
    if (clock.codec_frame_samples != 0)
        return clock.codec_frame_samples;
    // Rounded times go with blocks that the container itself made (Matroska).
    if (clock.cut_anywhere && clock.grid_ns == 0)
        return 0;
    if (clock.rate == 0 || packets.size() < 3 || packets[1].duration_ns == no_time)
        return 0;
    auto samples_of = [&](const Packet &packet) {
        return (packet.duration_ns * clock.rate + second_ns / 2) / second_ns;
    };
    // The first and the last one may be cut.
    std::int64_t usual = samples_of(packets[1]);
    for (std::size_t i = 1; i + 1 < packets.size(); i++) {
        if (packets[i].duration_ns == no_time || samples_of(packets[i]) != usual)
            return 0;
    }
    return usual > 0 && usual <= 65536 ? static_cast<unsigned>(usual) : 0;
}

// Where on the time axis a gapless run of equal packets began, judged by all of its times, which the
// container rounded.
struct Line {
    bool holds = false;
    std::int64_t start_ns = 0;
};
Line fit_line(const std::vector<std::int64_t> &pts_ns, unsigned frame_samples, const AudioClock &clock)
{
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < pts_ns.size(); i++) {
        std::int64_t deviation =
            pts_ns[i] - samples_to_ns(static_cast<std::int64_t>(i) * frame_samples, clock.rate);
        least = std::min(least, deviation);
        most = std::max(most, deviation);
    }
    std::int64_t one_sample_ns = second_ns / clock.rate + 1;
    if (most - least > clock.grid_ns + one_sample_ns)
        return {};
    // The first time is right unless the others contradict it.
    std::int64_t reach = (clock.grid_ns + one_sample_ns) / 2;
    return {true, std::clamp(pts_ns.front(), std::min(most - reach, least + reach),
                             std::max(most - reach, least + reach))};
}

// Demuxers give the first packet time 0 at the least, also where part of it only primes the decoder (Opus
// pre-skip, LAME delay). The second one tells where the first one really begins.
void undo_clamped_start(std::vector<Packet> &packets, unsigned frame_samples, const AudioClock &clock)
{
    if (packets.size() < 2 || clock.rate == 0)
        return;
    Packet &first = packets[0];
    std::int64_t duration_ns = frame_samples ? samples_to_ns(frame_samples, clock.rate) : first.duration_ns;
    std::int64_t start_ns = packets[1].pts_ns - duration_ns;
    if (duration_ns > 0 && first.pts_ns == 0 && start_ns < 0 &&
        start_ns < -clock.grid_ns - second_ns / clock.rate)
        first.pts_ns = start_ns;
}

bool follow_each_other(const std::vector<Packet> &packets, unsigned rate)
{
    std::int64_t one_sample_ns = rate ? second_ns / rate + 1 : 0;
    for (std::size_t i = 1; i < packets.size(); i++) {
        const Packet &before = packets[i - 1];
        if (before.duration_ns == no_time ||
            std::abs(packets[i].pts_ns - (before.pts_ns + before.duration_ns)) > one_sample_ns)
            return false;
    }
    return true;
}

} // namespace

media::AudioPackets audio_packets(std::vector<Packet> packets, const AudioClock &clock, Dropped &dropped)
{
    media::AudioPackets result;
    std::erase_if(packets, [&](const Packet &packet) {
        bool without = packet.pts_ns == no_time;
        dropped.without_time += without;
        dropped.hidden += !without && packet.hidden;
        return without || packet.hidden;
    });
    if (packets.empty())
        return result;
    result.frame_samples = equal_frame_samples(packets, clock);
    undo_clamped_start(packets, result.frame_samples, clock);
    for (const Packet &packet : packets) {
        result.pts_ns.push_back(packet.pts_ns);
        result.size_bytes.push_back(packet.size_bytes);
        if (clock.with_offsets)
            result.offset.push_back(packet.offset);
    }
    const Packet &last = packets.back();
    std::int64_t last_ns = last.duration_ns == no_time ? 0 : last.duration_ns;
    if (result.frame_samples != 0 && clock.rate != 0) {
        std::int64_t frame_ns = samples_to_ns(result.frame_samples, clock.rate);
        if (Line line = fit_line(result.pts_ns, result.frame_samples, clock); line.holds) {
            result.contiguous = true;
            for (std::size_t i = 0; i < result.pts_ns.size(); i++)
                result.pts_ns[i] =
                    line.start_ns +
                    samples_to_ns(static_cast<std::int64_t>(i) * result.frame_samples, clock.rate);
        }
        if (last.duration_ns == no_time || clock.grid_ns != 0)
            last_ns = last.duration_ns == no_time || last.duration_ns > frame_ns - clock.grid_ns
                          ? frame_ns
                          : last.duration_ns;
    } else {
        result.contiguous = follow_each_other(packets, clock.rate);
    }
    result.end_ns = std::min(result.pts_ns.back() + last_ns, last.shown_until_ns);
    return result;
}

} // namespace butaca::origin
