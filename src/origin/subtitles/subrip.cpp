// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/subrip.h"

#include <algorithm>
#include <cctype>

#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

bool is_number(std::string_view line)
{
    line = trimmed(line);
    return !line.empty() && line.size() <= 9 &&
           std::all_of(line.begin(), line.end(), [](unsigned char c) { return std::isdigit(c); });
}

// Takes ASS's overrides out of the text, which many files have: "{\an8}" puts the cue at the top.
std::string without_overrides(std::string_view text, std::string &settings)
{
    std::string out;
    while (!text.empty()) {
        auto open = text.find("{\\");
        auto close = open == std::string_view::npos ? open : text.find('}', open);
        out += text.substr(0, close == std::string_view::npos ? text.size() : open);
        if (close == std::string_view::npos)
            break;
        auto inside = text.substr(open, close - open);
        if (auto place = inside.find("\\an"); place != std::string_view::npos && place + 3 < inside.size()) {
            char key = inside[place + 3];
            if (key >= '7' && key <= '9')
                settings = "line:0";
            else if (key >= '4' && key <= '6')
                settings = "line:50%";
        }
        text.remove_prefix(close + 1);
    }
    return out;
}

} // namespace

media::Subtitles parse_subrip(std::string_view text)
{
    media::Subtitles subtitles;
    auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size();) {
        if (!looks_like_time_line(lines[i])) {
            i++;
            continue;
        }
        auto times = time_line(lines[i]);
        // The text goes on to the next line of times, whatever the blank lines say; the number before that
        // is not part of it.
        std::size_t first = i + 1;
        std::size_t last = first;
        while (last < lines.size() && !looks_like_time_line(lines[last]))
            last++;
        i = last;
        if (last < lines.size() && last > first && is_number(lines[last - 1]) &&
            (last - 1 == first || trimmed(lines[last - 2]).empty()))
            last--;
        if (!times) {
            subtitles.skipped++;
            continue;
        }
        std::string words;
        for (std::size_t at = first; at < last; at++)
            words.append(lines[at]).append("\n");
        media::Cue cue{times->start_ns, times->end_ns, {}, {}, {}, {}};
        cue.text = marked_cue_text(without_overrides(words, cue.settings), false);
        add_cue(subtitles, std::move(cue));
    }
    finish_cues(subtitles);
    return subtitles;
}

} // namespace butaca::origin
