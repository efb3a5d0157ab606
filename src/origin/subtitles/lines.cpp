// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/lines.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace butaca::origin {

namespace {

constexpr std::int64_t hours_most = 9999;

// Takes at least `least` and at most `most` digits off the front.
std::optional<std::int64_t> take_digits(std::string_view &text, std::size_t least, std::size_t most)
{
    std::size_t count = 0;
    std::int64_t value = 0;
    while (count < most && count < text.size() && std::isdigit(static_cast<unsigned char>(text[count])))
        value = value * 10 + (text[count++] - '0');
    if (count < least)
        return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view &text, std::string_view chars)
{
    if (text.empty() || chars.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        auto end = text.find_first_of("\r\n");
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
        bool pair = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
        text.remove_prefix(end + (pair ? 2 : 1));
    }
    return lines;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\f\v";
    auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool starts_without_case(std::string_view text, std::string_view small_letters)
{
    return text.size() >= small_letters.size() &&
           std::equal(small_letters.begin(), small_letters.end(), text.begin(), [](char a, char b) {
               return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
           });
}

std::optional<std::int64_t> take_time(std::string_view &text)
{
    std::string_view rest = text;
    auto first = take_digits(rest, 1, 4);
    if (!first || !take(rest, ":"))
        return std::nullopt;
    auto second = take_digits(rest, 1, 2);
    if (!second)
        return std::nullopt;
    std::int64_t hours = 0;
    std::int64_t minutes = *first;
    std::int64_t seconds = *second;
    if (take(rest, ":")) {
        auto third = take_digits(rest, 1, 2);
        if (!third)
            return std::nullopt;
        hours = *first;
        minutes = *second;
        seconds = *third;
    }
    std::int64_t ms = 0;
    if (take(rest, ".,")) {
        std::string_view digits = rest;
        auto fraction = take_digits(rest, 1, 3);
        if (!fraction)
            return std::nullopt;
        auto count = digits.size() - rest.size();
        ms = count == 1 ? *fraction * 100 : count == 2 ? *fraction * 10 : *fraction;
        take_digits(rest, 0, 6);
    }
    if (hours > hours_most || minutes > 59 || seconds > 59)
        return std::nullopt;
    text = rest;
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + ms) * 1'000'000;
}

bool looks_like_time_line(std::string_view line) { return line.find("-->") != std::string_view::npos; }

std::optional<TimeLine> time_line(std::string_view line)
{
    TimeLine found;
    line = trimmed(line);
    auto start = take_time(line);
    line = trimmed(line);
    if (!start || !line.starts_with("-->"))
        return std::nullopt;
    line = trimmed(line.substr(3));
    auto end = take_time(line);
    if (!end)
        return std::nullopt;
    return TimeLine{*start, *end, trimmed(line)};
}

void add_cue(media::Subtitles &into, media::Cue cue)
{
    bool shown = !cue.text.empty() || !cue.ass.empty() || !cue.pictures.empty();
    if (!shown)
        return; // nothing to see is nothing lost
    bool good = cue.end_ns > cue.start_ns && cue.text.size() <= media::cue_text_bytes_most &&
                cue.ass.size() <= media::cue_text_bytes_most && into.cues.size() < media::cues_most;
    if (good)
        into.cues.push_back(std::move(cue));
    else
        into.skipped++;
}

void finish_cues(media::Subtitles &subtitles)
{
    std::stable_sort(subtitles.cues.begin(), subtitles.cues.end(),
                     [](const media::Cue &a, const media::Cue &b) { return a.start_ns < b.start_ns; });
}

void finish_cut_cues(media::Subtitles &subtitles)
{
    constexpr std::int64_t rounding_ns = 1'000'000;
    finish_cues(subtitles);
    std::vector<media::Cue> whole;
    std::map<std::string, std::size_t> last; // by what they say and where: the place in `whole`
    for (auto &cue : subtitles.cues) {
        auto [before, first] = last.try_emplace(cue.text + '\0' + cue.settings, whole.size());
        if (!first && cue.start_ns <= whole[before->second].end_ns + rounding_ns) {
            whole[before->second].end_ns = std::max(whole[before->second].end_ns, cue.end_ns);
            continue;
        }
        before->second = whole.size();
        whole.push_back(std::move(cue));
    }
    subtitles.cues = std::move(whole);
}

} // namespace butaca::origin
