// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/title.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace butaca::playback::rtsp {

namespace {

std::optional<ts::Codec> codec_of(const VideoRendition &rendition)
{
    if (rendition.codecs.starts_with("avc1."))
        return ts::Codec::h264;
    if (rendition.codecs.starts_with("hvc1.") || rendition.codecs.starts_with("hev1."))
        return ts::Codec::hevc;
    return std::nullopt;
}

std::optional<ts::Codec> codec_of(const AudioRendition &rendition)
{
    if (rendition.codecs == "mp4a.40.2")
        return ts::Codec::aac;
    // More channels have a mapping of their own, which few receivers know.
    constexpr unsigned stereo = 2;
    if (rendition.codecs == "Opus" && rendition.transform.channels <= stereo)
        return ts::Codec::opus;
    return std::nullopt;
}

std::vector<std::int64_t> borders_ns(const VideoRendition &rendition)
{
    std::vector<std::int64_t> all;
    for (auto frame : rendition.borders())
        all.push_back(media::ns_from_ticks(rendition.timeline->ticks[frame], rendition.timeline->timescale));
    return all;
}

std::vector<std::int64_t> borders_ns(const AudioRendition &rendition)
{
    std::vector<std::int64_t> all;
    for (auto frame : rendition.timeline.borders)
        all.push_back(media::ns_from_ticks(rendition.timeline.start_of(frame), rendition.timeline.rate));
    return all;
}

} // namespace

std::int64_t Track::segment_at(std::int64_t time_ns) const
{
    auto after = std::upper_bound(borders_ns.begin(), borders_ns.end(), time_ns);
    return std::clamp<std::int64_t>(after - borders_ns.begin() - 1, 0, segments() - 1);
}

std::int64_t Title::entry_before(std::int64_t time_ns) const
{
    const Track &leads = tracks.front();
    return leads.borders_ns[static_cast<std::size_t>(leads.segment_at(time_ns))];
}

std::int64_t Title::exit_after(std::int64_t time_ns) const
{
    const auto &borders = tracks.front().borders_ns;
    auto found = std::lower_bound(borders.begin(), borders.end(), time_ns);
    // Past the picture's last border there may still be sound.
    return found == borders.end() || found == borders.end() - 1 ? duration_ns : *found;
}

bool fits_rtp(const Presentation &presentation)
{
    if (presentation.video.empty() && presentation.audio.empty())
        return false;
    return (presentation.video.empty() || codec_of(presentation.video.front())) &&
           (presentation.audio.empty() ||
            codec_of(presentation.audio[presentation.audio_by_preference().front()]));
}

Result<Title> title_of(const Playable &playable, std::string viewer)
{
    const auto &presentation = *playable.presentation;
    if (!fits_rtp(presentation))
        return fail(ErrorCode::unsupported, "this cannot be sent over RTSP in these formats");
    Title title;
    title.viewer = std::move(viewer);
    if (!presentation.video.empty()) {
        const auto &rendition = presentation.video.front();
        title.tracks.push_back({*codec_of(rendition), playable.video.front(), borders_ns(rendition)});
    }
    if (!presentation.audio.empty()) {
        const auto position = presentation.audio_by_preference().front();
        const auto &rendition = presentation.audio[position];
        title.tracks.push_back({*codec_of(rendition), playable.audio[position], borders_ns(rendition)});
    }
    for (const auto &track : title.tracks)
        title.duration_ns = std::max(title.duration_ns, track.borders_ns.back());
    return title;
}

} // namespace butaca::playback::rtsp
