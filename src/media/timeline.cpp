// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/timeline.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace butaca::media {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::uint32_t variable_timescale = 90000;
constexpr std::int64_t most_reorder = 32; // H.264 allows 16 frames

__extension__ using Wide = __int128; // products of nanoseconds and rates pass 64 bits

std::int64_t scaled(std::int64_t value, std::int64_t by, std::int64_t over)
{
    Wide product = static_cast<Wide>(value) * by;
    Wide half = over / 2;
    return static_cast<std::int64_t>(product >= 0 ? (product + half) / over : -((-product + half) / over));
}

// Do all frames lie on i × den/num from the first one, as far as the container's own rounding allows?
bool fits(std::span<const std::int64_t> pts_ns, Rational rate, std::int64_t tolerance_ns)
{
    for (std::size_t i = 0; i < pts_ns.size(); i++) {
        std::int64_t ideal = scaled(static_cast<std::int64_t>(i) * rate.den, second_ns, rate.num);
        if (std::abs(pts_ns[i] - pts_ns[0] - ideal) > tolerance_ns)
            return false;
    }
    return true;
}

// The constant frame rate of these frames, or nothing. The declared one is tried first, then the usual ones.
std::optional<Rational> constant_rate(Rational declared, std::span<const std::int64_t> pts_ns)
{
    static constexpr Rational usual[] = {{24000, 1001}, {24, 1}, {25, 1},       {30000, 1001}, {30, 1},
                                         {48, 1},       {50, 1}, {60000, 1001}, {60, 1},       {15, 1},
                                         {12, 1},       {10, 1}, {120, 1},      {100, 1}};
    // Matroska and AVI round to a millisecond, up or down: half a millisecond off either way, at both ends.
    constexpr std::int64_t tolerance_ns = 1'010'000;
    // Beyond this a declared rate is nonsense, and its ticks would be too fine for a segment's 32 bits.
    bool plausible = declared.num > 0 && declared.num <= 1'000'000 && declared.num / declared.den < 1000;
    if (pts_ns.size() < 2)
        return plausible ? std::optional(declared) : std::nullopt;
    if (plausible && fits(pts_ns, declared, tolerance_ns))
        return declared;
    for (Rational rate : usual)
        if (fits(pts_ns, rate, tolerance_ns))
            return rate;
    return std::nullopt;
}

void set_constant_ticks(VideoTimeline &timeline, Rational rate, std::size_t frames, std::int64_t first_ns)
{
    // At least 10 ticks per millisecond keeps rounding of a late first frame far below what anyone can
    // notice.
    std::int64_t divisor = std::gcd(rate.num, rate.den);
    std::int64_t num = rate.num / divisor;
    std::int64_t den = rate.den / divisor;
    std::int64_t factor = std::max<std::int64_t>(1, (10000 + num - 1) / num);
    timeline.timescale = static_cast<std::uint32_t>(num * factor);
    std::int64_t late = ticks_from_ns(first_ns, timeline.timescale);
    timeline.ticks.resize(frames + 1);
    for (std::size_t i = 0; i <= frames; i++)
        timeline.ticks[i] = late + static_cast<std::int64_t>(i) * den * factor;
}

void set_variable_ticks(VideoTimeline &timeline, const VideoPackets &packets, std::int64_t zero_ns)
{
    timeline.timescale = variable_timescale;
    timeline.ticks.reserve(packets.pts_ns.size() + 1);
    for (std::int64_t pts_ns : packets.pts_ns) {
        std::int64_t tick = ticks_from_ns(pts_ns - zero_ns, variable_timescale);
        // Two frames within one tick: the later one moves on, so that time stays strictly ascending. The
        // first frame leaves room for the decode times of those that share it.
        if (!timeline.ticks.empty())
            tick =
                std::max(tick, timeline.ticks.back() + (timeline.ticks.size() == 1 ? most_reorder + 1 : 1));
        timeline.ticks.push_back(tick);
    }
    std::int64_t end = ticks_from_ns(packets.end_ns - zero_ns, variable_timescale);
    timeline.ticks.push_back(std::max(end, timeline.ticks.back() + 1));
}

// Copied segments begin at clean keyframes, each the first one at least `segment_target` after the one before
// it. Empty when the first frame is none of them or a gap is too long: then copying cannot keep to a grid.
std::vector<std::uint32_t> copy_grid(const VideoTimeline &timeline, const std::vector<std::uint32_t> &clean)
{
    std::int64_t target = ticks_from_ns(segment_target_ns, timeline.timescale);
    std::int64_t limit = ticks_from_ns(copy_segment_limit_ns, timeline.timescale);
    std::vector<std::uint32_t> borders;
    if (clean.empty() || clean.front() != 0)
        return borders;
    borders.push_back(0);
    for (std::uint32_t key : clean)
        if (timeline.ticks[key] - timeline.ticks[borders.back()] >= target)
            borders.push_back(key);
    // A short rest is better joined to the segment before it than left as one of a few frames.
    if (borders.size() > 1 && timeline.ticks.back() - timeline.ticks[borders.back()] < target / 4)
        borders.pop_back();
    borders.push_back(static_cast<std::uint32_t>(timeline.frames()));
    for (std::size_t i = 1; i < borders.size(); i++)
        if (timeline.ticks[borders[i]] - timeline.ticks[borders[i - 1]] > limit)
            return {};
    return borders;
}

// Cuts the frames [first, last) into pieces of about the target, as equal in time as whole frames allow.
void cut_evenly(const VideoTimeline &timeline, std::uint32_t first, std::uint32_t last,
                std::vector<std::uint32_t> &borders)
{
    std::int64_t target = ticks_from_ns(segment_target_ns, timeline.timescale);
    std::int64_t start = timeline.ticks[first];
    std::int64_t length = timeline.ticks[last] - start;
    std::int64_t pieces = std::clamp<std::int64_t>((length + target / 2) / target, 1, last - first);
    for (std::int64_t piece = 1; piece < pieces; piece++) {
        std::int64_t wanted = start + scaled(length, piece, pieces);
        auto begin = timeline.ticks.begin();
        auto at = std::lower_bound(begin + borders.back() + 1, begin + last, wanted);
        // The frame nearest to the wanted instant, the earlier one in doubt.
        if (at - begin > borders.back() + 1 && wanted - *(at - 1) <= *at - wanted)
            --at;
        auto border = static_cast<std::uint32_t>(at - begin);
        if (border < last)
            borders.push_back(border);
    }
    borders.push_back(last);
}

// Without usable keyframes: a fixed number of frames per segment for constant rates, even cuts for variable
// ones.
void set_free_borders(VideoTimeline &timeline, std::optional<Rational> rate)
{
    auto frames = static_cast<std::uint32_t>(timeline.frames());
    timeline.borders = {0};
    if (!rate) {
        cut_evenly(timeline, 0, frames, timeline.borders);
        return;
    }
    auto per_segment = static_cast<std::uint32_t>(
        std::max<std::int64_t>(1, (2 * rate->num + rate->den - 1) / rate->den)); // ceil(2 s × rate)
    for (std::uint32_t at = per_segment; at < frames; at += per_segment)
        timeline.borders.push_back(at);
    if (timeline.borders.size() > 1 && frames - timeline.borders.back() < per_segment / 4)
        timeline.borders.pop_back();
    timeline.borders.push_back(frames);
}

// Each frame becomes two pictures, the second one half-way to the next frame, exactly: in half ticks.
void split_fields(VideoTimeline &timeline)
{
    const std::vector<std::int64_t> frames = std::move(timeline.ticks);
    timeline.ticks.clear();
    timeline.ticks.reserve(frames.size() * 2 - 1);
    for (std::size_t i = 0; i + 1 < frames.size(); i++) {
        timeline.ticks.push_back(frames[i] * 2);
        // The first frame may be shown longer than it lasts: its second field keeps its own time.
        if (i == 0 && timeline.rate.num > 0 && frames.size() > 2)
            timeline.ticks.push_back(frames[1] * 2 - (frames[2] - frames[1]));
        else
            timeline.ticks.push_back(frames[i] + frames[i + 1]);
    }
    timeline.ticks.push_back(frames.back() * 2);
    timeline.timescale *= 2;
    timeline.rate.num *= 2;
    timeline.pictures_per_frame = 2;
    timeline.copy_borders.clear();
    for (std::uint32_t &border : timeline.borders)
        border *= 2;
}

} // namespace

std::int64_t ns_from_ticks(std::int64_t ticks, std::uint32_t timescale)
{
    return scaled(ticks, second_ns, timescale);
}

std::int64_t ticks_from_ns(std::int64_t ns, std::uint32_t timescale)
{
    return scaled(ns, timescale, second_ns);
}

std::vector<std::int64_t> decode_ticks(const VideoTimeline &timeline, std::uint32_t first, std::uint32_t last,
                                       std::uint32_t reorder)
{
    auto decoded_at = [&](std::uint32_t frame) {
        if (frame == timeline.frames())
            return timeline.ticks.back();
        if (frame > reorder)
            return timeline.ticks[frame - reorder];
        return timeline.ticks[1] * frame / (reorder + 1);
    };
    std::vector<std::int64_t> times;
    times.reserve(last - first + 1);
    for (std::uint32_t frame = first; frame <= last; frame++)
        times.push_back(decoded_at(frame));
    return times;
}

std::int64_t AudioTimeline::start_of(std::uint32_t frame) const
{
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(frame) * frame_samples - cut_samples, 0,
                                    total_samples);
}

std::int64_t presentation_zero_ns(const PacketIndex &index)
{
    std::optional<std::int64_t> zero;
    for (const auto &track : index.video)
        if (!track.pts_ns.empty())
            zero = std::min(zero.value_or(track.pts_ns.front()), track.pts_ns.front());
    for (const auto &track : index.audio)
        if (!track.pts_ns.empty()) {
            std::int64_t heard = std::max(track.pts_ns.front(), track.heard_from_ns);
            zero = std::min(zero.value_or(heard), heard);
        }
    return zero.value_or(0);
}

Result<VideoTimeline> video_timeline(const VideoTrack &track, const VideoPackets &packets,
                                     std::int64_t zero_ns)
{
    if (packets.pts_ns.empty())
        return fail(ErrorCode::unprocessable, "this video track holds no frames");
    VideoTimeline timeline;
    auto rate = constant_rate(track.frame_rate, packets.pts_ns);
    timeline.rate = rate.value_or(Rational{0, 1});
    if (rate)
        set_constant_ticks(timeline, *rate, packets.pts_ns.size(), packets.pts_ns.front() - zero_ns);
    else
        set_variable_ticks(timeline, packets, zero_ns);
    // A first frame that comes late is shown from the start: no player then begins in a hole.
    timeline.ticks.front() = 0;

    timeline.copy_borders = copy_grid(timeline, packets.clean_keyframes);
    if (timeline.copy_borders.empty()) {
        set_free_borders(timeline, rate);
    } else {
        timeline.borders = {0};
        for (std::size_t i = 1; i < timeline.copy_borders.size(); i++)
            cut_evenly(timeline, timeline.copy_borders[i - 1], timeline.copy_borders[i], timeline.borders);
    }
    if (track.interlaced)
        split_fields(timeline);
    return timeline;
}

namespace {

// Borders of an audio grid whose frame f begins at sample f × frame_samples.
void set_audio_borders(AudioTimeline &timeline, const VideoTimeline *video,
                       std::int64_t step_ns = 2 * segment_target_ns)
{
    auto frames = static_cast<std::uint32_t>(
        (timeline.total_samples + timeline.cut_samples + timeline.frame_samples - 1) /
        timeline.frame_samples);
    timeline.borders = {0};
    auto cut_at = [&](std::int64_t sample) {
        auto frame = static_cast<std::uint32_t>((std::max<std::int64_t>(0, sample) + timeline.cut_samples) /
                                                timeline.frame_samples);
        if (frame > timeline.borders.back() && frame < frames)
            timeline.borders.push_back(frame);
    };
    std::int64_t step = scaled(step_ns, timeline.rate, second_ns);
    std::int64_t covered = 0;
    if (video) {
        for (std::size_t k = 1; k < video->borders.size(); k++) {
            covered = scaled(video->ticks[video->borders[k]], timeline.rate, video->timescale);
            cut_at(covered);
        }
    }
    // Music, and sound that goes on after the picture.
    for (std::int64_t sample = covered + step; sample < timeline.total_samples; sample += step)
        cut_at(sample);
    if (frames > 0)
        timeline.borders.push_back(frames);
}

} // namespace

AudioTimeline audio_timeline(const AudioPackets &packets, std::int64_t zero_ns, std::uint32_t rate,
                             std::uint32_t frame_samples, const VideoTimeline *video, const FileGrid &file)
{
    AudioTimeline timeline{rate, frame_samples, 0, {}, file.lead_frames};
    const std::int64_t heard = std::max<std::int64_t>(0, scaled(packets.end_ns - zero_ns, rate, second_ns));
    timeline.total_samples = heard > 0 ? heard + std::int64_t{file.lead_frames} * frame_samples : 0;
    set_audio_borders(timeline, video, file.segment_ns);
    return timeline;
}

Result<AudioCopy> audio_copy_timeline(const AudioTrack &track, const AudioPackets &packets,
                                      std::int64_t zero_ns, const VideoTimeline *video)
{
    if (packets.frame_samples == 0 || !packets.contiguous || packets.pts_ns.empty() || track.rate == 0)
        return fail(ErrorCode::unprocessable,
                    "the sound cannot be copied exactly: its packets leave gaps or differ in length");
    AudioCopy copy;
    copy.timeline = {track.rate, packets.frame_samples, 0, {}, 0};
    std::int64_t frame_ns = scaled(packets.frame_samples, second_ns, track.rate);
    const bool cuts = track.codec == "opus";
    // The packet nearest to presentation time 0, or the one that it falls into.
    const std::int64_t before_ns = cuts ? frame_ns - 1 : frame_ns / 2;
    while (copy.first_packet + 1 < packets.pts_ns.size() &&
           packets.pts_ns[copy.first_packet] - zero_ns < -before_ns)
        copy.first_packet++;
    std::int64_t begin_ns = packets.pts_ns[copy.first_packet];
    if (cuts && begin_ns < zero_ns) {
        copy.timeline.cut_samples = static_cast<std::uint32_t>(std::min<std::int64_t>(
            scaled(zero_ns - begin_ns, track.rate, second_ns), packets.frame_samples - 1));
        begin_ns = zero_ns;
    }
    // Packets cannot be cut: what does not begin with one would be heard early or late. Nobody hears this
    // much.
    constexpr std::int64_t inaudible_ns = 2'000'000;
    if (std::abs(begin_ns - zero_ns) > inaudible_ns)
        return fail(ErrorCode::unprocessable,
                    "the sound cannot be copied exactly: none of its packets begins with the presentation");
    auto packets_left = static_cast<std::int64_t>(packets.pts_ns.size() - copy.first_packet);
    // What the last packets hold beyond the end is padding.
    std::int64_t heard = scaled(packets.end_ns - begin_ns, track.rate, second_ns);
    copy.timeline.total_samples =
        std::min(packets_left * packets.frame_samples - copy.timeline.cut_samples, heard);
    set_audio_borders(copy.timeline, video);
    return copy;
}

} // namespace butaca::media
