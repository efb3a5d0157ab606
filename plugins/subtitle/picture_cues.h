// SPDX-License-Identifier: LGPL-2.1-or-later
// Cues that are pictures, as they come in the element's property: checked, and scaled to a frame.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <glib.h>

#include "plugins/subtitle/moments.h"
#include "plugins/subtitle/overlay.h"
#include "src/base/gobject.h"

namespace butaca::subtitle {

// start_ns, end_ns, canvas width and height, then parts: x, y, width, height, RGBA not premultiplied.
#define BUTACA_PICTURES_TYPE "a(xxuua(uuuuay))"

inline constexpr std::size_t picture_cues_most = 100'000;
inline constexpr std::size_t picture_parts_most = 64; // of a cue
inline constexpr std::uint32_t picture_canvas_most = 8192;

// The bytes stay where `value` has them. Not thread-safe.
class PictureCues {
public:
    // Null when anything about `value` is wrong; `why` then says what. Any type may come.
    static std::unique_ptr<PictureCues> make(GVariant *value, std::string &why);

    struct Moment {
        bool shows = false;
        std::int64_t at_ns = 0; // times with an equal `at_ns` have the same picture
    };
    Moment moment(std::int64_t time_ns) const;
    // The pictures of a moment on a frame of this size: the canvas fills the frame if both have nearly the
    // same shape, and else lies in its middle, as large as it fits. They live until the next call.
    std::vector<Layer> layers(Moment moment, int width, int height, double pixel_aspect);

private:
    struct Part {
        std::uint32_t x, y, width, height;
        Owned<GBytes> rgba;
    };
    struct Cue {
        Span span;
        std::uint32_t canvas_width, canvas_height;
        std::vector<Part> parts;
    };
    static bool read(GVariant *value, Cue &cue, std::string &why);
    void scale(const Cue &cue, int width, int height, double pixel_aspect, std::vector<Layer> &layers);

    std::vector<Cue> cues_;
    Moments moments_;
    std::vector<std::vector<std::uint8_t>> scaled_;
};

} // namespace butaca::subtitle
