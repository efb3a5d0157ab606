// SPDX-License-Identifier: LGPL-2.1-or-later
// Sheets of small pictures by which a viewer chooses a place: which pictures, on which sheet, and the index
// of them as text. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/media/profile.h"
#include "src/media/timeline.h"

namespace butaca::playback {

struct Thumbnails {
    std::string id;     // names the sheets' bytes, as a rendition's id does a segment's
    unsigned track = 0; // of the asset
    media::Size tile;   // of one picture
    bool mirrored = false;
    unsigned rotation = 0;
    std::vector<std::uint32_t> frames; // of the source, one for each tile, ascending; never empty
    // When each is shown, counted from presentation time 0, and one more: the end.
    std::vector<std::int64_t> times_ns;

    static constexpr unsigned columns = 5;
    static constexpr unsigned rows = 5;
    static constexpr unsigned jpeg_quality = 80;
    static constexpr std::size_t per_sheet = std::size_t{columns} * rows;
    std::size_t sheets() const { return (frames.size() + per_sheet - 1) / per_sheet; }
};

// One tile for every n-th segment of the finer grid, with the least n that gives no more than 720: in a film
// of two hours one for each ten seconds. It shows the last keyframe at or before the segment's beginning,
// which costs least, unless an earlier tile shows that; then the segment's own first picture. `encoder` as
// the workers tell it.
Thumbnails plan_thumbnails(const media::Asset &asset, const media::VideoTrack &track,
                           const media::VideoPackets &packets, const media::VideoTimeline &timeline,
                           const std::string &encoder);

// Largest size of a tile: no side longer than 240, nor than the film's own; the width a multiple of 8, the
// height even.
media::Size tile_size(media::Size display);

// The index as WebVTT: for each tile the time that it stands for and where it is,
// "thumbnails-0.jpg#xywh=0,0,240,134" (W3C Media Fragments URI 1.0, 4.2.2). The first begins at 0, each lasts
// until the next.
std::string thumbnails_vtt(const Thumbnails &thumbnails);

// The sheet's number in "thumbnails-3.jpg", in its one way of writing; nothing for any other name.
std::optional<std::int64_t> sheet_number(std::string_view file);

} // namespace butaca::playback
