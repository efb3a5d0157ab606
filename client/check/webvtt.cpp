// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/webvtt.h"

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

std::string_view take_line(std::string_view &text)
{
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == text.npos ? std::string_view()
                              : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "[hh:]mm:ss.ttt".
std::optional<double> parse_time(std::string_view text)
{
    const std::size_t dot = text.find('.');
    if (dot == text.npos || text.size() - dot != 4)
        return std::nullopt;
    const auto thousandths = to_integer<unsigned>(text.substr(dot + 1));
    std::string_view clock = text.substr(0, dot);
    double seconds = 0;
    int parts = 0;
    while (parts < 3) {
        const std::size_t colon = clock.find(':');
        const auto part = to_integer<unsigned>(clock.substr(0, colon));
        if (!part || clock.substr(0, colon).size() < 2 || (parts > 0 && *part > 59))
            return std::nullopt;
        seconds = seconds * 60 + *part;
        parts++;
        if (colon == clock.npos)
            return thousandths && parts >= 2 ? std::optional(seconds + *thousandths / 1000.0) : std::nullopt;
        clock.remove_prefix(colon + 1);
    }
    return std::nullopt;
}

std::optional<CueTime> parse_timing(std::string_view line)
{
    const std::size_t arrow = line.find("-->");
    const std::string_view after = trimmed(line.substr(arrow + 3));
    const auto begin = parse_time(trimmed(line.substr(0, arrow)));
    const auto end = parse_time(after.substr(0, after.find_first_of(" \t")));
    if (!begin || !end || *end <= *begin)
        return std::nullopt;
    return CueTime{*begin, *end};
}

// "MPEGTS:900000,LOCAL:00:00:00.000" in either order, as what is to be added to a cue's time.
std::optional<double> parse_map(std::string_view text)
{
    std::optional<std::uint64_t> ticks;
    std::optional<double> local_s;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view part = trimmed(text.substr(0, comma));
        if (part.starts_with("MPEGTS:"))
            ticks = to_integer<std::uint64_t>(part.substr(7));
        else if (part.starts_with("LOCAL:"))
            local_s = parse_time(part.substr(6));
        text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
    }
    constexpr std::uint64_t ticks_most = std::uint64_t{1} << 33U;
    if (!ticks || !local_s || *ticks >= ticks_most)
        return std::nullopt;
    return static_cast<double>(*ticks) / 90000 - *local_s;
}

} // namespace

TextSegment read_webvtt(std::string_view text, const Place &place, Findings &findings)
{
    TextSegment segment;
    const bool valid = g_utf8_validate_len(text.data(), text.size(), nullptr) != 0;
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    const std::string_view first = take_line(text);
    if (!valid || !first.starts_with("WEBVTT") || (first.size() > 6 && first[6] != ' ' && first[6] != '\t')) {
        findings.add(Rule::webvtt_header, place);
        return segment;
    }
    constexpr std::string_view map_name = "X-TIMESTAMP-MAP=";
    std::optional<double> shift_s;
    std::string told = "0 × X-TIMESTAMP-MAP";
    for (std::string_view line = take_line(text); !line.empty(); line = take_line(text))
        if (line.starts_with(map_name)) {
            told = line;
            shift_s = parse_map(line.substr(map_name.size()));
        }
    if (!shift_s)
        findings.add(Rule::webvtt_map, place, {told});
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.find("-->") == line.npos)
            continue;
        auto cue = parse_timing(line);
        if (!cue) {
            findings.add(Rule::webvtt_cue, place, {std::string(line)});
            continue;
        }
        cue->begin_s += shift_s.value_or(0);
        cue->end_s += shift_s.value_or(0);
        if (!segment.ends_first || cue->end_s < segment.ends_first->end_s)
            segment.ends_first = cue;
        if (!segment.begins_last || cue->begin_s > segment.begins_last->begin_s)
            segment.begins_last = cue;
    }
    if (!shift_s)
        return {};
    return segment;
}

} // namespace butaca::client::check
