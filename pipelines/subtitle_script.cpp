// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/subtitle_script.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace butaca::pipelines {

namespace {

// Our style counts in lines of a picture of this height; libass scales it.
constexpr unsigned script_height = 720;
constexpr unsigned line_height = 44;
constexpr unsigned margin = 36; // above and below
constexpr std::size_t font_line_chars = 80;

// Drawing looks cues up by whole hundredths of a second.
constexpr std::int64_t rounding_ns = 50'000'000;

std::string timestamp(std::int64_t time_ns)
{
    long long hundredths = (std::max<std::int64_t>(0, time_ns) + 5'000'000) / 10'000'000;
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld.%02lld", hundredths / 360'000,
                  hundredths / 6000 % 60, hundredths / 100 % 60, hundredths % 100);
    return text.data();
}

bool is_seen(const media::Cue &cue, const CueRange &range)
{
    return cue.start_ns - range.zero_ns < range.to_ns + rounding_ns &&
           cue.end_ns - range.zero_ns > range.from_ns - rounding_ns;
}

// A character that nobody sees keeps a backslash from beginning an override.
void put_character(std::string &out, char c)
{
    if (c == '{' || c == '}')
        (out += '\\') += c;
    else if (c == '\\')
        out += "\\\u2060";
    else if (c == '\n')
        out += "\\N";
    else
        out += c;
}

// WebVTT cue text with ASS's overrides for b, i and u.
std::string overrides_from(std::string_view text)
{
    struct Entity {
        std::string_view name;
        char character;
    };
    static constexpr std::array<Entity, 3> entities = {{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '<') {
            auto end = std::min(text.find('>', at), text.size());
            auto tag = text.substr(at + 1, end - at - 1);
            bool closes = tag.starts_with('/');
            tag.remove_prefix(closes ? 1 : 0);
            if (auto name = tag.substr(0, tag.find_first_of(" .")); name == "b" || name == "i" || name == "u")
                out.append("{\\").append(name).append(closes ? "0}" : "1}");
            at = end + 1;
            continue;
        }
        auto entity = std::find_if(entities.begin(), entities.end(), [&](const Entity &known) {
            return text.substr(at).starts_with(known.name);
        });
        if (entity != entities.end()) {
            put_character(out, entity->character);
            at += entity->name.size();
        } else {
            put_character(out, text[at++]);
        }
    }
    return out;
}

std::string_view setting(std::string_view settings, std::string_view name)
{
    auto at = settings.find(std::string(name) + ":");
    if (at == std::string_view::npos || (at > 0 && settings[at - 1] != ' '))
        return {};
    auto value = settings.substr(at + name.size() + 1);
    return value.substr(0, value.find(' '));
}

struct Placement {
    int alignment = 2;   // as on a keypad
    unsigned margin = 0; // 0: the style's own
};

// Where WebVTT's settings put a cue: its column by `align`, its height by `line`.
Placement placement_of(std::string_view settings)
{
    Placement placement;
    auto align = setting(settings, "align");
    int column = align == "start" || align == "left" ? 1 : align == "end" || align == "right" ? 3 : 2;
    int row = 0;
    if (std::string line(setting(settings, "line")); !line.empty()) {
        double number = std::clamp(std::strtod(line.c_str(), nullptr), -100.0, 100.0);
        if (line.find('%') != std::string::npos) {
            row = number < 40 ? 2 : number < 60 ? 1 : 0;
            double from_edge = row == 2 ? number : 100 - number;
            if (row != 1)
                placement.margin = std::max(1U, static_cast<unsigned>(from_edge / 100 * script_height * 0.9));
        } else {
            row = number < 0 ? 0 : 2;
            auto lines = static_cast<unsigned>(number < 0 ? -number - 1 : number);
            placement.margin = margin + std::min(lines, 12U) * line_height;
        }
    }
    placement.alignment = row * 3 + column;
    return placement;
}

std::string plain_header(unsigned width, unsigned height)
{
    unsigned script_width = std::max(1U, script_height * width / std::max(1U, height));
    // Encoding -1: libass finds out by itself which way a line runs.
    return "[Script Info]\nScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\nPlayResX: " +
           std::to_string(script_width) + "\nPlayResY: " + std::to_string(script_height) +
           "\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, "
           "OutlineColour, "
           "BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, "
           "Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
           "Style: Default,Noto "
           "Sans,40,&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000,0,0,0,0,100,100,0,0,1,2.2,1,2," +
           std::to_string(script_width / 16) + "," + std::to_string(script_width / 16) + "," +
           std::to_string(margin) + ",-1\n\n";
}

std::string plain_event(const media::Cue &cue)
{
    Placement placement = placement_of(cue.settings);
    std::string out = "Default,,0,0," + std::to_string(placement.margin) + ",," + "{\\an" +
                      std::to_string(placement.alignment) + "}";
    return out + overrides_from(cue.text);
}

// The encoding of fonts in ASS: six bits to a character.
void put_font(std::string &out, const media::CueFont &font)
{
    out += "fontname: ";
    for (char c : font.name)
        out += static_cast<unsigned char>(c) < 0x20 ? '_' : c;
    out += '\n';
    std::size_t column = 0;
    auto put = [&](unsigned six_bits) {
        if (column++ == font_line_chars) {
            out += '\n';
            column = 1;
        }
        out += static_cast<char>(six_bits + 33);
    };
    const std::string &bytes = font.bytes;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; i++)
            group = group << 8 | (i < left ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i <= left; i++)
            put(group >> (18 - 6 * i) & 0x3f);
    }
    out += '\n';
}

} // namespace

std::string subtitle_script(const media::Subtitles &subtitles, const CueRange &range, unsigned width,
                            unsigned height)
{
    if (subtitles.form == media::CueForm::pictures)
        return {};
    bool styled = subtitles.form == media::CueForm::styled;
    std::string out = styled ? subtitles.ass_header + "\n" : plain_header(width, height);
    if (!subtitles.fonts.empty()) {
        out += "[Fonts]\n";
        for (const auto &font : subtitles.fonts)
            put_font(out, font);
        out += '\n';
    }
    out += "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    for (const auto &cue : subtitles.cues) {
        if (!is_seen(cue, range) || (styled && cue.ass.empty()))
            continue;
        std::string times =
            timestamp(cue.start_ns - range.zero_ns) + "," + timestamp(cue.end_ns - range.zero_ns) + ",";
        auto comma = cue.ass.find(',');
        if (styled && comma == std::string::npos)
            continue;
        out += "Dialogue: " + (styled ? cue.ass.substr(0, comma + 1) : "0,") + times +
               (styled ? cue.ass.substr(comma + 1) : plain_event(cue)) + "\n";
    }
    return out;
}

GVariant *subtitle_pictures(const media::Subtitles &subtitles, const CueRange &range)
{
    if (subtitles.form != media::CueForm::pictures)
        return nullptr;
    GVariantBuilder cues;
    g_variant_builder_init(&cues, G_VARIANT_TYPE("a(xxuua(uuuuay))"));
    for (const auto &cue : subtitles.cues) {
        if (!is_seen(cue, range))
            continue;
        GVariantBuilder pictures;
        g_variant_builder_init(&pictures, G_VARIANT_TYPE("a(uuuuay)"));
        for (const auto &picture : cue.pictures) {
            std::string rgba = media::unpack_pixels(picture);
            g_variant_builder_add(
                &pictures, "(uuuu@ay)", picture.x, picture.y, picture.width, picture.height,
                g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, rgba.data(), rgba.size(), 1));
        }
        g_variant_builder_add(&cues, "(xxuua(uuuuay))", gint64{cue.start_ns - range.zero_ns},
                              gint64{cue.end_ns - range.zero_ns}, subtitles.canvas_width,
                              subtitles.canvas_height, &pictures);
    }
    return g_variant_builder_end(&cues);
}

} // namespace butaca::pipelines
