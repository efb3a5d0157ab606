// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/subtitles.h"

#include <algorithm>

#include "src/media/wire.h"

namespace butaca::media {

namespace {

constexpr std::string_view magic = "BTSUB1\n";
constexpr std::int64_t time_limit_ns = std::int64_t{1} << 60; // as in the packet index
constexpr std::size_t pixel_bytes = 4;
constexpr std::size_t pictures_in_cue_most = 16;
constexpr std::size_t header_bytes_most = 1UL << 20;
void put_picture(std::string &out, const CuePicture &picture)
{
    for (std::uint32_t number : {picture.x, picture.y, picture.width, picture.height})
        put_unsigned(out, number);
    put_bytes(out, picture.runs);
}

// Whether runs make up just so many pixels.
bool are_runs_of(std::string_view runs, std::uint64_t pixels)
{
    WireReader reader(runs);
    while (pixels > 0) {
        std::uint64_t run = reader.number_up_to(pixels);
        reader.fixed(pixel_bytes);
        if (!reader.good() || run == 0)
            return false;
        pixels -= run;
    }
    return reader.done();
}

// Reads one picture that lies on the canvas.
bool read_picture(WireReader &reader, const Subtitles &track, CuePicture &picture)
{
    picture.x = static_cast<std::uint32_t>(reader.number_up_to(track.canvas_width));
    picture.y = static_cast<std::uint32_t>(reader.number_up_to(track.canvas_height));
    picture.width = static_cast<std::uint32_t>(reader.number_up_to(track.canvas_width - picture.x));
    picture.height = static_cast<std::uint32_t>(reader.number_up_to(track.canvas_height - picture.y));
    picture.runs = reader.bytes(SIZE_MAX);
    return reader.good() && are_runs_of(picture.runs, std::uint64_t{picture.width} * picture.height);
}

// Whether it can be one cue of a WebVTT file: nothing in it ends the cue or looks like the beginning of one.
bool is_cue_text(std::string_view text)
{
    return text.find("-->") == std::string_view::npos && text.find("\n\n") == std::string_view::npos &&
           !text.starts_with('\n') && text.find('\0') == std::string_view::npos &&
           text.find('\r') == std::string_view::npos;
}

bool is_one_line(std::string_view text)
{
    return text.find_first_of(std::string_view("\n\r\0", 3)) == text.npos;
}

bool holds(const Cue &cue)
{
    return cue.start_ns >= -time_limit_ns && cue.end_ns <= time_limit_ns && cue.end_ns > cue.start_ns &&
           is_cue_text(cue.text) && is_one_line(cue.settings) &&
           cue.settings.find("-->") == std::string::npos && is_one_line(cue.ass);
}

} // namespace

const char *to_string(CueForm form)
{
    switch (form) {
    case CueForm::text:
        return "text";
    case CueForm::styled:
        return "styled";
    case CueForm::pictures:
        return "pictures";
    }
    return "text";
}

std::string pack_pixels(std::string_view rgba)
{
    std::string runs;
    for (std::size_t at = 0; at + pixel_bytes <= rgba.size();) {
        std::string_view pixel = rgba.substr(at, pixel_bytes);
        std::size_t run = 1;
        while (rgba.substr(at + run * pixel_bytes, pixel_bytes) == pixel)
            run++;
        put_unsigned(runs, run);
        runs += pixel;
        at += run * pixel_bytes;
    }
    return runs;
}

std::string unpack_pixels(const CuePicture &picture)
{
    std::size_t size = std::size_t{picture.width} * picture.height * pixel_bytes;
    std::string rgba;
    rgba.reserve(size);
    WireReader reader(picture.runs);
    while (rgba.size() < size && reader.good()) {
        std::uint64_t run = reader.number_up_to((size - rgba.size()) / pixel_bytes);
        auto pixel = reader.fixed(pixel_bytes);
        for (std::uint64_t i = 0; i < run && reader.good(); i++)
            rgba += pixel;
    }
    rgba.resize(size);
    return rgba;
}

std::string Subtitles::serialize() const
{
    std::string out(magic);
    put_unsigned(out, static_cast<std::uint64_t>(form));
    put_unsigned(out, canvas_width);
    put_unsigned(out, canvas_height);
    put_unsigned(out, skipped);
    put_bytes(out, ass_header);
    put_unsigned(out, fonts.size());
    for (const auto &font : fonts) {
        put_bytes(out, font.name);
        put_bytes(out, font.bytes);
    }
    put_unsigned(out, cues.size());
    // Differences are taken modulo 2^64, so that no pair of values can overflow; reading adds them the same
    // way.
    std::uint64_t before_ns = 0;
    for (const auto &cue : cues) {
        const auto start_ns = static_cast<std::uint64_t>(cue.start_ns);
        put_signed(out, static_cast<std::int64_t>(start_ns - before_ns));
        put_signed(out, static_cast<std::int64_t>(static_cast<std::uint64_t>(cue.end_ns) - start_ns));
        before_ns = start_ns;
        put_bytes(out, cue.text);
        put_bytes(out, cue.settings);
        put_bytes(out, cue.ass);
        put_unsigned(out, cue.pictures.size());
        for (const auto &picture : cue.pictures)
            put_picture(out, picture);
    }
    return seal_wire(std::move(out));
}

Result<Subtitles> Subtitles::parse(std::string_view bytes)
{
    auto malformed = [](const char *why) {
        return fail(ErrorCode::invalid_argument, "the subtitles are damaged", why);
    };
    auto content = open_wire(bytes, magic);
    if (!content)
        return malformed("not subtitles of this version, or their checksum is wrong");
    WireReader reader(*content);
    Subtitles track;
    track.form = static_cast<CueForm>(reader.number_up_to(static_cast<std::uint64_t>(CueForm::pictures)));
    track.canvas_width = static_cast<std::uint32_t>(reader.number_up_to(cue_canvas_most));
    track.canvas_height = static_cast<std::uint32_t>(reader.number_up_to(cue_canvas_most));
    track.skipped = static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
    track.ass_header = reader.bytes(header_bytes_most);
    std::size_t fonts_left = cue_fonts_bytes_most;
    for (std::size_t n = reader.number_up_to(cue_fonts_most); n > 0 && reader.good(); n--) {
        auto &font = track.fonts.emplace_back();
        font.name = reader.bytes(cue_text_bytes_most);
        font.bytes = reader.bytes(fonts_left);
        fonts_left -= font.bytes.size();
    }
    std::size_t cues = reader.count();
    if (!reader.good() || cues > cues_most)
        return malformed("header");
    std::uint64_t before_ns = 0;
    for (std::size_t i = 0; i < cues; i++) {
        Cue &cue = track.cues.emplace_back();
        // Modulo 2^64, so that no pair of values can overflow.
        before_ns += static_cast<std::uint64_t>(reader.signed_number());
        cue.start_ns = static_cast<std::int64_t>(before_ns);
        cue.end_ns =
            static_cast<std::int64_t>(before_ns + static_cast<std::uint64_t>(reader.signed_number()));
        cue.text = reader.bytes(cue_text_bytes_most);
        cue.settings = reader.bytes(cue_text_bytes_most);
        cue.ass = reader.bytes(cue_text_bytes_most);
        cue.pictures.resize(reader.number_up_to(pictures_in_cue_most));
        for (auto &picture : cue.pictures)
            if (!read_picture(reader, track, picture))
                return malformed("picture");
        bool in_order = i == 0 || track.cues[i - 1].start_ns <= cue.start_ns;
        if (!reader.good() || !in_order || !holds(cue))
            return malformed("cue");
    }
    if (!reader.done())
        return malformed("trailing or missing bytes");
    return track;
}

} // namespace butaca::media
