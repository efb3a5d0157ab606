// SPDX-License-Identifier: LGPL-2.1-or-later
// Presentation graphics of Blu-ray discs, as files (.sup) and as the packets of Matroska.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// Takes display sets one after another. What makes no sense is counted and left out; nothing that is claimed
// of a size is believed before its bytes are there.
class PgsReader {
public:
    // The segments of one packet: type, length, content each.
    void take(std::int64_t time_ns, std::string_view segments);
    void take_segment(std::int64_t time_ns, unsigned type, std::string_view content);
    // All that was shown; what is still shown at the end ends after `shown_at_most_ns`.
    media::Subtitles finish(std::int64_t shown_at_most_ns);

private:
    struct Object {
        std::uint32_t width = 0;
        std::uint32_t height = 0;
        std::string coded;
    };
    struct Placement {
        unsigned object = 0;
        std::uint32_t x = 0;
        std::uint32_t y = 0;
    };
    using Palette = std::array<std::array<std::uint8_t, 4>, 256>; // RGBA
    void take_composition(std::int64_t time_ns, std::string_view content);
    void take_palette(std::string_view content);
    void take_object(std::string_view content);
    void show();
    void end_shown(std::int64_t time_ns);
    bool picture_of(const Placement &placement, media::CuePicture &picture) const;

    media::Subtitles subtitles_;
    std::map<unsigned, Object> objects_;
    std::map<unsigned, Palette> palettes_;
    // The composition under way.
    std::int64_t time_ns_ = 0;
    unsigned palette_ = 0;
    std::vector<Placement> placements_;
    bool composing_ = false;
    media::Cue shown_; // without an end yet
};

// A .sup file. `unsupported` when it is none.
Result<media::Subtitles> parse_pgs(std::string_view bytes);

} // namespace butaca::origin
