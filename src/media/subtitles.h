// SPDX-License-Identifier: LGPL-2.1-or-later
// The cues of one subtitle track, made at scan time from whatever the original holds. Values only. Times are
// nanoseconds on the asset's own axis, like those of its packet index (src/media/index.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca::media {

// How cues are to be shown: `text` anyhow, `styled` by their own ASS styles (their text is there as well, for
// players that show text only), `pictures` just as they are.
enum class CueForm : std::uint8_t { text, styled, pictures };

// A part of a picture cue, on the canvas of its track.
struct CuePicture {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    // Runs of equal pixels, row after row, as pack_pixels() makes them: a film's worth of pictures is small
    // only so.
    std::string runs;
};

// Pixels of 4 bytes (RGBA, not premultiplied) as runs, and back: width × height × 4 bytes.
std::string pack_pixels(std::string_view rgba);
std::string unpack_pixels(const CuePicture &picture);

struct Cue {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0; // later than start_ns
    // WebVTT cue text (W3C WebVTT, 4.2.2): `&`, `<` and `>` escaped, no tags but b, i, u, ruby, rt, v, lang
    // and c, lines ended by "\n", no empty line and no "-->" in it. Empty for pictures.
    std::string text;
    std::string settings; // WebVTT cue settings ("line:10% align:start"), "" for the usual place
    // `styled` only: an ASS Dialogue line's fields without its times: "Layer,Style,Name,MarginL,MarginR,
    // MarginV,Effect,Text".
    std::string ass;
    std::vector<CuePicture> pictures;
};

// A font that came with the original, for `styled`.
struct CueFont {
    std::string name;
    std::string bytes;
};

struct Subtitles {
    CueForm form = CueForm::text;
    std::vector<Cue> cues; // in the order of their beginning, then of the file
    // `styled`: the script's [Script Info] and [V4+ Styles] sections, as they stand before [Events].
    std::string ass_header;
    std::vector<CueFont> fonts;
    std::uint32_t canvas_width = 0; // `pictures`: what their places count on
    std::uint32_t canvas_height = 0;
    std::uint32_t skipped = 0; // malformed cues that were left out

    // The binary form, version and checksum included; pictures as runs of equal pixels.
    std::string serialize() const;
    // Reads it back; `invalid_argument` on anything else. Never reads or allocates beyond what `bytes` can
    // hold, and holds every promise above, for an origin may lie.
    static Result<Subtitles> parse(std::string_view bytes);
};

// Limits that parsers keep and parse() insists on.
inline constexpr std::size_t cues_most = 100'000;
inline constexpr std::size_t cue_text_bytes_most = 16UL * 1024;
inline constexpr std::size_t cue_fonts_most = 32;
inline constexpr std::size_t cue_fonts_bytes_most = 32UL * 1024 * 1024; // of all together
inline constexpr std::uint32_t cue_canvas_most = 8192;

const char *to_string(CueForm form);

} // namespace butaca::media
