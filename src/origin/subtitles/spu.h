// SPDX-License-Identifier: LGPL-2.1-or-later
// Sub-pictures of DVDs: the pictures of VobSub, of Matroska's S_VOBSUB and of MP4's mp4s tracks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/media/subtitles.h"

namespace butaca::origin {

using SpuPalette = std::array<std::array<std::uint8_t, 3>, 16>; // RGB

// What a track says of all its pictures.
struct SpuHead {
    // Without one, the colours that are to be seen become greys, the lowest number the darkest.
    std::optional<SpuPalette> palette;
    // What the places count on; 0: not known. Pictures are cut where it ends.
    std::uint32_t canvas_width = 0;
    std::uint32_t canvas_height = 0;
    // Of the film; 0: not known. Where nothing tells the canvas, it is this if it is a size of DVDs.
    std::uint32_t video_width = 0;
    std::uint32_t video_height = 0;
};

// The palette of a disc or an MP4: 0x00, Y', Cr, Cb each (BT.601, limited range).
SpuPalette spu_palette_of(const std::array<std::uint32_t, 16> &ycrcb);

// Takes sub-pictures one after another. What makes no sense is counted and left out.
class SpuReader {
public:
    explicit SpuReader(const SpuHead &head);

    // One whole sub-picture. `end_ns`: what the container tells, at most an hour later; start_ns when it
    // tells nothing. The sub-picture's own end goes before.
    void take(std::int64_t start_ns, std::int64_t end_ns, std::string_view spu);
    // One that could not even be found.
    void skip() { subtitles_.skipped++; }
    // All that was shown. What nothing ends is shown for ten seconds, or until the next one.
    media::Subtitles finish();

private:
    // The state that the control sequences change.
    struct Look {
        std::uint32_t x = 0;
        std::uint32_t y = 0;
        std::uint32_t width = 0;
        std::uint32_t height = 0;
        std::array<std::uint8_t, 4> colours{};
        std::array<std::uint8_t, 4> alphas{};
        std::array<std::size_t, 2> fields{}; // where the rows of either begin
        bool shown = false;
    };
    // Takes one control sequence; false when it is broken.
    static bool apply(std::string_view commands, Look &look, bool &changed);
    bool picture_of(const Look &look, std::string_view spu, media::CuePicture &picture);
    std::array<std::array<char, 4>, 4> colours_of(const Look &look) const;
    void choose_canvas();

    const SpuHead head_;
    media::Subtitles subtitles_;
    std::size_t runs_bytes_ = 0; // of all pictures
};

} // namespace butaca::origin
