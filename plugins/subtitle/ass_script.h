// SPDX-License-Identifier: LGPL-2.1-or-later
// One ASS document and the pictures that libass draws from it. The only file that knows libass.
//
// A picture depends on the document, the frame's shape and the time; never on which pictures were asked for
// before. libass by itself does not promise this, in two ways. It leaves an event where it was first put when
// another one that overlapped it ends; so before each picture all events are handed to it anew, and those
// that overlap are let in one after another, as they came. And a character that the wanted font lacks is
// looked for among the fonts loaded so far; so all characters of the document are shown to it once, in order,
// at first.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/subtitle/overlay.h"

namespace butaca::subtitle {

inline constexpr std::size_t script_bytes_most = 48UL * 1024 * 1024;
inline constexpr std::size_t script_events_most = 100'000;

// libass's version in words, of the library that runs.
std::string libass_version();

// Not thread-safe.
class AssScript {
public:
    // Reads `document` (UTF-8; a [Fonts] section is obeyed) and asks fontconfig for the fonts. Null when it
    // is too large or is no ASS document; `why` then says so.
    static std::unique_ptr<AssScript> make(std::string_view document, std::string &why);
    ~AssScript();
    AssScript(const AssScript &) = delete;
    AssScript &operator=(const AssScript &) = delete;

    // Before the first layers(), and at each change. `pixel_aspect` is a pixel's width over its height.
    void set_frame(int width, int height, double pixel_aspect);

    struct Moment {
        bool shows = false;
        std::int64_t at_ms = 0; // times with an equal `at_ms` have the same picture
    };
    Moment moment(std::int64_t time_ms) const;
    // The bitmaps of a moment, the lowest first. They are libass's, until the next call.
    std::vector<Layer> layers(Moment moment);

    // What libass complained about since the last call; empty if nothing. Missing fonts and glyphs.
    std::string take_complaint();

private:
    struct Impl;
    explicit AssScript(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace butaca::subtitle
