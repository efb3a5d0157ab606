// SPDX-License-Identifier: LGPL-2.1-or-later
// An ASS script as pictures of its words, by libass. What it gives for a time depends on that time alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ass/ass.h>

namespace butaca::subtitle {

class Script {
public:
    // Null when libass cannot be started or the text is no script. `width` and `height` are those of the
    // frame, in pixels of the aspect `par`.
    static std::unique_ptr<Script> make(const std::string &text, int width, int height, double par);
    ~Script();
    Script(const Script &) = delete;
    Script &operator=(const Script &) = delete;

    // What is to be drawn at a time, the lowest first; null for nothing. It stays until the next call.
    const ASS_Image *at(std::int64_t time_ms);

    // libass's version and the fonts that text is drawn with, for those who name what they made.
    static std::string renderer_version();

private:
    explicit Script(std::string text);
    bool open(int width, int height, double par);
    bool read();

    std::string text_;
    ASS_Library *library_ = nullptr;
    ASS_Renderer *renderer_ = nullptr;
    ASS_Track *track_ = nullptr;
    std::vector<std::int64_t> borders_ms_; // at which an event begins or ends
    std::size_t stretch_ = 0;              // between which of them the track was last drawn
};

} // namespace butaca::subtitle
