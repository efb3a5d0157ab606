// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/subtitle_script.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "pipelines/cue_text.h"

namespace butaca::pipelines {

namespace {

constexpr std::size_t run_up_most = 64;
constexpr unsigned lines_most = 4; // as long as letters stay readable

bool shows(const media::Cue &cue, const SubtitleRange &range)
{
    return cue.start_ns < range.to_ns && cue.end_ns > range.from_ns && cue.end_ns > cue.start_ns;
}

// The range's cues, and those that were gone before it but that one of these overlaps, directly or through
// others; in the track's order.
std::vector<const media::Cue *> chosen(const media::Subtitles &subtitles, const SubtitleRange &range)
{
    std::vector<const media::Cue *> cues;
    std::int64_t earliest_ns = range.to_ns;
    for (const media::Cue &cue : subtitles.cues)
        if (shows(cue, range))
            earliest_ns = std::min(earliest_ns, cue.start_ns);
    std::size_t run_up = 0;
    for (std::size_t i = subtitles.cues.size(); i-- > 0;) {
        const media::Cue &cue = subtitles.cues[i];
        const bool gone =
            cue.end_ns <= range.from_ns && cue.end_ns > earliest_ns && cue.end_ns > cue.start_ns;
        if (gone && run_up++ < run_up_most)
            earliest_ns = std::min(earliest_ns, cue.start_ns);
        if (shows(cue, range) || (gone && run_up <= run_up_most))
            cues.push_back(&cue);
    }
    std::reverse(cues.begin(), cues.end());
    return cues;
}

// ASS counts hundredths of a second, from zero.
std::string time_of(std::int64_t time_ns, std::int64_t zero_ns)
{
    constexpr std::int64_t unit = 10'000'000, furthest = std::int64_t{100'000} * 3600 * 100;
    std::int64_t shifted_ns = 0;
    if (__builtin_sub_overflow(time_ns, zero_ns, &shifted_ns) || shifted_ns < 0)
        shifted_ns = time_ns > zero_ns ? G_MAXINT64 - unit : 0;
    const std::int64_t time = std::min(furthest, (shifted_ns + unit / 2) / unit);
    char text[40];
    std::snprintf(text, sizeof text, "%lld:%02d:%02d.%02d", static_cast<long long>(time / 360'000),
                  static_cast<int>(time / 6000 % 60), static_cast<int>(time / 100 % 60),
                  static_cast<int>(time % 100));
    return text;
}

// No line end gets out of its line.
std::string one_line(std::string_view text)
{
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
    return line;
}

// Sizes of the default style, on a canvas of 1080 lines with the picture's shape.
struct DefaultStyle {
    ScriptCanvas canvas;
    unsigned font_size; // libass: from the highest ascender to the lowest descender
    unsigned columns;   // letters of Latin script in a line, roughly

    explicit DefaultStyle(const SubtitleRange &range)
    {
        const double shape = range.display_width && range.display_height
                                 ? std::clamp(1.0 * range.display_width / range.display_height, 0.2, 5.0)
                                 : 16.0 / 9;
        canvas.height = 1080;
        canvas.width = static_cast<unsigned>(std::lround(1080 * shape));
        // Upright pictures: as many letters as fit a line that can be read.
        font_size = static_cast<unsigned>(std::lround(std::min(0.066 * canvas.height, 0.08 * canvas.width)));
        canvas.line_height = font_size;
        canvas.side_margin = canvas.width / 20;
        canvas.vertical_margin = canvas.height / 20;
        // A letter is about four tenths of the font's whole height wide.
        columns = static_cast<unsigned>((canvas.width - 2 * canvas.side_margin) / (0.4 * font_size));
    }
};

std::string default_header(const DefaultStyle &style)
{
    char text[768];
    std::snprintf(
        text, sizeof text,
        "[Script Info]\nScriptType: v4.00+\nPlayResX: %u\nPlayResY: %u\nWrapStyle: 0\n"
        "ScaledBorderAndShadow: yes\nYCbCr Matrix: None\n\n[V4+ Styles]\n"
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
        "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, "
        "Alignment, MarginL, MarginR, MarginV, Encoding\n"
        "Style: Default,Noto Sans,%u,&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000,0,0,0,0,100,100,0,0,1,"
        "%.2f,%.2f,2,%u,%u,%u,-1\n",
        style.canvas.width, style.canvas.height, style.font_size, style.font_size * 0.045,
        style.font_size * 0.025, style.canvas.side_margin, style.canvas.side_margin,
        style.canvas.vertical_margin);
    return text;
}

std::string text_event(const media::Cue &cue, const DefaultStyle &style)
{
    const unsigned lines = lines_of(cue.text, style.columns);
    const CuePlace place =
        place_of(cue.settings, style.canvas, std::min(lines, lines_most), runs_right_to_left(cue.text));
    char fields[96], tags[64];
    std::snprintf(fields, sizeof fields, "Default,,%u,%u,%u,,", place.left, place.right, place.vertical);
    std::string smaller;
    if (lines > lines_most) {
        // Letters half as large: four times as many fit the same place.
        const unsigned size = std::max(style.font_size / 2, style.font_size * lines_most / lines);
        smaller = "\\fs" + std::to_string(size);
    }
    std::snprintf(tags, sizeof tags, "{\\an%d\\blur%.1f%s}", place.alignment, style.font_size * 0.012,
                  smaller.c_str());
    return fields + (tags + ass_text(cue.text));
}

// A Dialogue line's fields without times begin with the layer.
std::string styled_event(const media::Cue &cue, const std::string &times)
{
    const std::string line = one_line(cue.ass);
    const auto comma = line.find(',');
    if (comma == std::string::npos)
        return {};
    return "Dialogue: " + line.substr(0, comma) + ',' + times + line.substr(comma) + '\n';
}

// The section of ASS that holds files: three bytes in four characters from '!' on, 80 characters in a line.
void write_font(const media::CueFont &font, std::string &out)
{
    out += "fontname: " + one_line(font.name) + '\n';
    std::size_t column = 0;
    for (std::size_t at = 0; at < font.bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, font.bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; i++)
            group = group << 8 | (i < count ? static_cast<std::uint8_t>(font.bytes[at + i]) : 0U);
        for (std::size_t i = 0; i <= count; i++) {
            out += static_cast<char>('!' + (group >> (18 - 6 * i) & 63));
            if (++column % 80 == 0)
                out += '\n';
        }
    }
    if (column % 80)
        out += '\n';
}

} // namespace

bool shows_anything(const media::Subtitles &subtitles, const SubtitleRange &range)
{
    return std::any_of(subtitles.cues.begin(), subtitles.cues.end(),
                       [&range](const media::Cue &cue) { return shows(cue, range); });
}

std::string subtitle_script(const media::Subtitles &subtitles, const SubtitleRange &range)
{
    if (subtitles.form == media::CueForm::pictures)
        return {};
    if (!shows_anything(subtitles, range))
        return {};
    const auto cues = chosen(subtitles, range);
    const bool styled = subtitles.form == media::CueForm::styled;
    const DefaultStyle style(range);
    std::string script = styled ? subtitles.ass_header : default_header(style);
    if (!subtitles.fonts.empty() && styled) {
        script += "\n[Fonts]\n";
        for (const media::CueFont &font : subtitles.fonts)
            write_font(font, script);
    }
    script += "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    for (const media::Cue *cue : cues) {
        const std::string times =
            time_of(cue->start_ns, range.zero_ns) + ',' + time_of(cue->end_ns, range.zero_ns);
        script += styled ? styled_event(*cue, times)
                         : "Dialogue: 0," + times + ',' + text_event(*cue, style) + '\n';
    }
    return script;
}

GVariant *subtitle_pictures(const media::Subtitles &subtitles, const SubtitleRange &range)
{
    if (subtitles.form != media::CueForm::pictures || !shows_anything(subtitles, range))
        return nullptr;
    GVariantBuilder cues;
    g_variant_builder_init(&cues, G_VARIANT_TYPE("a(xxuua(uuuuay))"));
    for (const media::Cue &cue : subtitles.cues) {
        std::int64_t start_ns = 0, end_ns = 0;
        if (!shows(cue, range) || __builtin_sub_overflow(cue.start_ns, range.zero_ns, &start_ns) ||
            __builtin_sub_overflow(cue.end_ns, range.zero_ns, &end_ns))
            continue;
        GVariantBuilder parts;
        g_variant_builder_init(&parts, G_VARIANT_TYPE("a(uuuuay)"));
        for (const media::CuePicture &part : cue.pictures) {
            const std::string rgba = media::unpack_pixels(part);
            GVariant *bytes = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, rgba.data(), rgba.size(), 1);
            g_variant_builder_add(&parts, "(uuuu@ay)", part.x, part.y, part.width, part.height, bytes);
        }
        g_variant_builder_add(&cues, "(xxuu@a(uuuuay))", start_ns, end_ns, subtitles.canvas_width,
                              subtitles.canvas_height, g_variant_builder_end(&parts));
    }
    return g_variant_ref_sink(g_variant_builder_end(&cues));
}

} // namespace butaca::pipelines
