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

// Hides what nobody can decode at the beginning of a stream that was cut out of a longer one.
void hide_undecodable(std::vector<Packet> &packets, Dropped &dropped)
{
    auto entry =
        std::find_if(packets.begin(), packets.end(), [](const Packet &packet) { return packet.entry; });
    if (entry == packets.end() || entry->pts_ns == no_time)
        return;
    auto hide = [&](Packet &packet) {
        dropped.undecodable += !packet.hidden;
        packet.hidden = packet.lost = true;
    };
    std::for_each(packets.begin(), entry, hide);
    for (auto at = entry + 1; at != packets.end() && !entry->closed_group; ++at) {
        if (at->pts_ns != no_time && at->pts_ns < entry->pts_ns && !at->leads_decodably)
            hide(*at);
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

// How many packets between a keyframe and the next one are left out although some come after them.
unsigned needed_of_left_out(const std::vector<Packet> &packets, const std::vector<std::size_t> &shown)
{
    std::vector<bool> kept(packets.size());
    for (std::size_t i : shown)
        kept[i] = true;
    unsigned needed = 0;
    unsigned since_keyframe = 0;
    for (std::size_t i = 0; i < packets.size(); i++) {
        if (!kept[i]) {
            since_keyframe += !packets[i].lost;
        } else {
            needed += packets[i].keyframe ? 0 : since_keyframe;
            since_keyframe = 0;
        }
    }
    return needed;
}

} // namespace

media::VideoPackets video_packets(std::vector<Packet> packets, Dropped &dropped)
{
    media::VideoPackets result;
    fill_missing_times(packets);
    hide_undecodable(packets, dropped);
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
        if (packets[i].starts_alone && earliest_after[i + 1] >= packets[i].pts_ns)
            result.clean_keyframes.push_back(position);
    }
    result.end_ns = end_of_video(result.pts_ns, packets[shown.back()]);
    dropped.needed += needed_of_left_out(packets, shown);
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

std::int64_t samples_in(std::int64_t duration_ns, unsigned rate)
{
    return static_cast<std::int64_t>((static_cast<__int128>(duration_ns) * rate + second_ns / 2) / second_ns);
}

// At which of the track's samples each packet begins, and one more: where the last one ends. Nothing when
// that cannot be counted.
std::vector<std::int64_t> count_samples(const std::vector<Packet> &packets, unsigned frame_samples,
                                        unsigned rate)
{
    std::vector<std::int64_t> first_samples{0};
    for (const Packet &packet : packets) {
        if (rate == 0 || (frame_samples == 0 && packet.duration_ns == no_time))
            return {};
        first_samples.push_back(first_samples.back() +
                                (frame_samples ? frame_samples : samples_in(packet.duration_ns, rate)));
    }
    return first_samples;
}

// Where on the time axis a gapless run of packets began, judged by all of its times, which the container
// rounded.
struct Line {
    bool holds = false;
    std::int64_t start_ns = 0;
};
// `at_end`: the times are those of the packets' ends.
Line fit_line(const std::vector<Packet> &packets, const std::vector<std::int64_t> &first_samples,
              const AudioClock &clock, bool at_end)
{
    std::size_t first = clock.lapped && packets.size() > 1 ? 1 : 0;
    auto deviation_of = [&](std::size_t i) {
        return packets[i].pts_ns - samples_to_ns(first_samples[at_end ? i + 1 : i], clock.rate);
    };
    std::int64_t least = deviation_of(first);
    std::int64_t most = least;
    for (std::size_t i = first; i < packets.size(); i++) {
        least = std::min(least, deviation_of(i));
        most = std::max(most, deviation_of(i));
    }
    std::int64_t one_sample_ns = second_ns / clock.rate + 1;
    if (most - least > clock.grid_ns + one_sample_ns)
        return {};
    // The first time is right unless the others contradict it.
    std::int64_t reach = (clock.grid_ns + one_sample_ns) / 2;
    std::int64_t start_ns = std::clamp(deviation_of(first), std::min(most - reach, least + reach),
                                       std::max(most - reach, least + reach));
    // What the codec says of its own start is to the sample.
    std::int64_t told_ns = -samples_to_ns(packets.front().unheard_first, clock.rate);
    if (told_ns != 0 && clock.grid_ns != 0 && std::abs(told_ns - start_ns) <= clock.grid_ns)
        start_ns = told_ns;
    return {true, start_ns};
}

// Demuxers give the first packet time 0 at the least, also where part of it only primes the decoder (Opus
// pre-skip, LAME delay). The second one tells where the first one really begins.
void undo_clamped_start(std::vector<Packet> &packets, unsigned frame_samples, const AudioClock &clock)
{
    if (packets.size() < 2 || clock.rate == 0)
        return;
    Packet &first = packets[0];
    std::int64_t duration_ns = frame_samples ? samples_to_ns(frame_samples, clock.rate) : first.duration_ns;
    if (duration_ns == no_time)
        return;
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

// How long the last packet is heard.
std::int64_t heard_of_last(const Packet &last, unsigned frame_samples, const AudioClock &clock)
{
    std::int64_t last_ns = last.duration_ns == no_time ? 0 : last.duration_ns;
    if (frame_samples == 0 || clock.rate == 0)
        return last_ns;
    std::int64_t frame_ns = samples_to_ns(frame_samples, clock.rate);
    bool rounded = clock.grid_ns != 0 && last_ns > frame_ns - clock.grid_ns;
    if (last.duration_ns == no_time || rounded)
        last_ns = frame_ns;
    std::int64_t left = static_cast<std::int64_t>(frame_samples) - last.unheard_last;
    return left > 0 ? std::min(last_ns, samples_to_ns(left, clock.rate)) : last_ns;
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
        // Where recordings were put one after another, the next one may begin a little before the end of the
        // last.
        const std::int64_t before_ns = result.pts_ns.empty() ? packet.pts_ns : result.pts_ns.back();
        result.pts_ns.push_back(std::max(before_ns, packet.pts_ns));
        result.size_bytes.push_back(packet.size_bytes);
        if (clock.with_offsets)
            result.offset.push_back(packet.offset);
    }
    // Exact times need no line where packets differ in length: each says its own.
    bool counted = result.frame_samples != 0 || clock.grid_ns != 0;
    std::vector<std::int64_t> first_samples;
    if (counted)
        first_samples = count_samples(packets, result.frame_samples, clock.rate);
    Line line;
    if (first_samples.empty()) {
        result.contiguous = follow_each_other(packets, clock.rate);
    } else {
        line = fit_line(packets, first_samples, clock, false);
        if (!line.holds && clock.lapped) {
            line = fit_line(packets, first_samples, clock, true);
            result.told_at_end = line.holds;
        }
    }
    if (line.holds) {
        result.contiguous = true;
        for (std::size_t i = 0; i < result.pts_ns.size(); i++)
            result.pts_ns[i] = line.start_ns + samples_to_ns(first_samples[i], clock.rate);
    }
    const Packet &last = packets.back();
    result.end_ns = std::min(result.pts_ns.back() + heard_of_last(last, result.frame_samples, clock),
                             last.shown_until_ns);
    return result;
}

} // namespace butaca::origin
