// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/webvtt.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

constexpr std::array<std::string_view, 5> settings_kept = {"vertical", "line", "position", "size", "align"};

bool is_setting_value(std::string_view value)
{
    return !value.empty() && value.size() <= 40 &&
           std::all_of(value.begin(), value.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '%' || c == '.' || c == ',' || c == '-';
           });
}

} // namespace

std::string webvtt_settings(std::string_view text)
{
    std::string kept;
    while (!(text = trimmed(text)).empty()) {
        auto end = std::min(text.find_first_of(" \t"), text.size());
        auto word = text.substr(0, end);
        auto colon = word.find(':');
        if (colon != std::string_view::npos &&
            std::find(settings_kept.begin(), settings_kept.end(), word.substr(0, colon)) !=
                settings_kept.end() &&
            is_setting_value(word.substr(colon + 1)))
            (kept += kept.empty() ? "" : " ") += word;
        text.remove_prefix(end);
    }
    return kept;
}

Result<media::Subtitles> parse_webvtt(std::string_view text)
{
    auto lines = lines_of(text);
    if (lines.empty() || !lines[0].starts_with("WEBVTT") ||
        (lines[0].size() > 6 && lines[0][6] != ' ' && lines[0][6] != '\t'))
        return fail(ErrorCode::unsupported, "it does not begin as a WebVTT file must");
    media::Subtitles subtitles;
    for (std::size_t i = 1; i < lines.size();) {
        if (!looks_like_time_line(lines[i])) {
            // An identifier, a style, a region, a note: what is no cue. A note may look like one: it ends
            // with a blank line.
            bool note = lines[i] == "NOTE" || lines[i].starts_with("NOTE ") || lines[i].starts_with("NOTE\t");
            i++;
            while (note && i < lines.size() && !lines[i].empty())
                i++;
            continue;
        }
        auto times = time_line(lines[i++]);
        std::string words;
        // A line of times ends a cue as well (6.1, step 12).
        while (i < lines.size() && !lines[i].empty() && !looks_like_time_line(lines[i]))
            words.append(lines[i++]).append("\n");
        if (!times) {
            subtitles.skipped++;
            continue;
        }
        add_cue(subtitles, {times->start_ns,
                            times->end_ns,
                            marked_cue_text(words, true),
                            webvtt_settings(times->rest),
                            "",
                            {}});
    }
    finish_cues(subtitles);
    return subtitles;
}

} // namespace butaca::origin
