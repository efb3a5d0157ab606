// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/thumbnails.h"

#include <algorithm>
#include <cmath>

#include "src/base/encoding.h"
#include "src/media/rendition.h"
#include "src/playback/identity.h"
#include "src/playback/webvtt.h"

namespace butaca::playback {

namespace {

constexpr std::size_t tiles_most = 720;
constexpr double longest_side = 240;
constexpr std::size_t identity_digits = 32;
constexpr std::string_view name_begin = "thumbnails-";
constexpr std::string_view name_end = ".jpg";

// The frame that stands for a segment that begins with `frame`, later than `before`.
std::uint32_t cheapest_frame(const media::VideoPackets &packets, std::uint32_t frame,
                             std::optional<std::uint32_t> before)
{
    auto after = std::upper_bound(packets.keyframes.begin(), packets.keyframes.end(), frame);
    if (after != packets.keyframes.begin() && (!before || *(after - 1) > *before))
        return *(after - 1);
    return frame;
}

std::string identity(const media::Asset &asset, const Thumbnails &thumbnails, const std::string &grid,
                     const std::string &encoder)
{
    std::string text = "thumbnails\n" + std::to_string(media::bytes_version) + "\n" + asset.digest + "\n" +
                       std::to_string(thumbnails.track) + "\n" + grid + "\n" + encoder + "\n";
    for (unsigned number : {thumbnails.tile.width, thumbnails.tile.height, thumbnails.rotation,
                            Thumbnails::columns, Thumbnails::rows, Thumbnails::jpeg_quality})
        text += std::to_string(number) + "\n";
    if (thumbnails.mirrored)
        text += "mirrored\n";
    return sha256_hex(text).substr(0, identity_digits);
}

} // namespace

media::Size tile_size(media::Size display)
{
    const double width = std::max(1U, display.width);
    const double height = std::max(1U, display.height);
    const double scale = std::min({1.0, longest_side / width, longest_side / height});
    const auto rounded = [](double side, unsigned step) {
        return std::max(step, static_cast<unsigned>(std::lround(side / step)) * step);
    };
    media::Size tile;
    tile.width = rounded(width * scale, 8);
    tile.height = std::min(rounded(tile.width * height / width, 2), 2 * static_cast<unsigned>(longest_side));
    return tile;
}

Thumbnails plan_thumbnails(const media::Asset &asset, const media::VideoTrack &track,
                           const media::VideoPackets &packets, const media::VideoTimeline &timeline,
                           const std::string &encoder)
{
    Thumbnails made;
    made.track = track.index;
    made.tile = tile_size(media::display_size(track));
    made.mirrored = track.mirrored;
    made.rotation = track.rotation;
    const std::size_t step = std::max<std::size_t>(1, (timeline.segments() + tiles_most - 1) / tiles_most);
    const std::uint32_t pictures = timeline.pictures_per_frame;
    for (std::size_t k = 0; k < timeline.segments(); k += step) {
        std::optional<std::uint32_t> before;
        if (!made.frames.empty())
            before = made.frames.back();
        const std::uint32_t frame = cheapest_frame(packets, timeline.borders[k] / pictures, before);
        made.frames.push_back(frame);
        made.times_ns.push_back(
            media::ns_from_ticks(timeline.ticks[std::size_t{frame} * pictures], timeline.timescale));
    }
    made.times_ns.push_back(media::ns_from_ticks(timeline.duration_ticks(), timeline.timescale));
    made.id = identity(asset, made, video_grid_digest(asset, track, packets, timeline, made.frames), encoder);
    return made;
}

std::string thumbnails_vtt(const Thumbnails &thumbnails)
{
    constexpr std::size_t per_sheet = Thumbnails::per_sheet;
    std::string out = "WEBVTT\n\n";
    for (std::size_t i = 0; i < thumbnails.frames.size(); i++) {
        const auto place = static_cast<unsigned>(i % per_sheet);
        out.append(webvtt_time(i == 0 ? 0 : thumbnails.times_ns[i])).append(" --> ");
        out.append(webvtt_time(thumbnails.times_ns[i + 1])).append("\n").append(name_begin);
        out.append(std::to_string(i / per_sheet)).append(name_end).append("#xywh=");
        out.append(std::to_string(place % Thumbnails::columns * thumbnails.tile.width)).append(",");
        out.append(std::to_string(place / Thumbnails::columns * thumbnails.tile.height)).append(",");
        out.append(std::to_string(thumbnails.tile.width)).append(",");
        out.append(std::to_string(thumbnails.tile.height)).append("\n\n");
    }
    return out;
}

std::optional<std::int64_t> sheet_number(std::string_view file)
{
    if (!file.starts_with(name_begin) || !file.ends_with(name_end) ||
        file.size() < name_begin.size() + name_end.size())
        return std::nullopt;
    return to_count(file.substr(name_begin.size(), file.size() - name_begin.size() - name_end.size()));
}

} // namespace butaca::playback
