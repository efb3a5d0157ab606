// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/report.h"

#include <array>
#include <cmath>

#include "src/base/json.h"

namespace butaca::client::check {

namespace {

struct Counts {
    std::array<std::uint64_t, 3> by_severity{}; // in the order of Severity
    std::uint64_t operator[](Severity severity) const
    {
        return by_severity[static_cast<std::size_t>(severity)];
    }
};

Counts count(const std::vector<Finding> &findings)
{
    Counts counts;
    for (const Finding &finding : findings)
        counts.by_severity[static_cast<std::size_t>(entry_of(finding.rule).severity)]++;
    return counts;
}

std::string place_text(const Place &place, Language language)
{
    const bool spanish = language == Language::spanish;
    std::string out = place.playlist;
    if (place.line > 0)
        out += (spanish ? ", línea " : ", line ") + std::to_string(place.line);
    if (place.segment >= 0)
        out += (spanish ? ", segmento " : ", segment ") + std::to_string(place.segment);
    if (place.segment == init_segment)
        out += spanish ? ", segmento de inicio" : ", init segment";
    return out;
}

std::string times_text(std::uint64_t times, Language language)
{
    if (times == 1)
        return "";
    return (language == Language::spanish ? " (y " : " (and ") + std::to_string(times - 1) +
           (language == Language::spanish ? " veces más)" : " times more)");
}

const char *name_of(Role role)
{
    switch (role) {
    case Role::variant:
        return "variant";
    case Role::rendition:
        return "rendition";
    case Role::subtitles:
        return "subtitles";
    case Role::iframes:
        return "iframes";
    }
    return "";
}

void write_streams(json::Writer &writer, const Presentation &presentation)
{
    writer.key("playlists").begin_array();
    for (const Stream &stream : presentation.streams) {
        std::uint64_t looked_at = 0;
        for (const SegmentFacts &facts : stream.segments)
            looked_at += facts.looked_at ? 1 : 0;
        writer.begin_object()
            .member("playlist", stream.name)
            .member("url", stream.url)
            .member("role", name_of(stream.role));
        writer.member("segments", static_cast<std::uint64_t>(stream.segments.size()))
            .member("looked_at", looked_at);
        writer.member("duration_s", stream.list.duration_s());
        writer.key("codecs").begin_array();
        for (const Format &format : stream.formats)
            writer.value(format.codecs);
        writer.end_array();
        if (stream.all_looked_at())
            writer.member("peak_bps", static_cast<std::uint64_t>(std::llround(peak_bps(stream))))
                .member("average_bps", static_cast<std::uint64_t>(std::llround(average_bps(stream))));
        writer.end_object();
    }
    writer.end_array();
}

void write_finding(json::Writer &writer, const Finding &finding, Language language)
{
    const RuleEntry &entry = entry_of(finding.rule);
    writer.begin_object()
        .member("rule", entry.id)
        .member("severity", to_string(entry.severity))
        .member("clause", entry.clause);
    writer.member("playlist", finding.place.playlist);
    if (finding.place.line > 0)
        writer.member("line", finding.place.line);
    if (finding.place.segment >= 0)
        writer.member("segment", finding.place.segment);
    else if (finding.place.segment == init_segment)
        writer.member("segment", "init");
    writer.member("found", found_words(entry, finding.values, language))
        .member("do", demand_of(entry, language));
    writer.key("values").begin_array();
    for (const std::string &value : finding.values)
        writer.value(value);
    writer.end_array().member("times", finding.times).end_object();
}

} // namespace

std::string report_text(const Findings &findings, Language language)
{
    const std::vector<Finding> all = findings.sorted();
    std::string out;
    for (const Severity severity : {Severity::must, Severity::should, Severity::note})
        for (std::size_t i = 0; i < all.size(); i++) {
            const RuleEntry &entry = entry_of(all[i].rule);
            if (entry.severity != severity)
                continue;
            if (i == 0 || all[i - 1].rule != all[i].rule)
                out += std::string(to_string(severity)) + "  " + entry.id +
                       (*entry.clause ? std::string(" [") + entry.clause + "]" : "") + "\n  " +
                       demand_of(entry, language) + "\n";
            out += "  - " + place_text(all[i].place, language) + ": " +
                   found_words(entry, all[i].values, language) + times_text(all[i].times, language) + "\n";
            if (i + 1 == all.size() || all[i + 1].rule != all[i].rule)
                out += "\n";
        }
    const Counts counts = count(all);
    const bool spanish = language == Language::spanish;
    return out + std::to_string(counts[Severity::must]) + " MUST, " +
           std::to_string(counts[Severity::should]) + " SHOULD, " + std::to_string(counts[Severity::note]) +
           (spanish ? " NOTE (MUST: obligatorio; SHOULD: recomendado; NOTE: observación)\n" : " NOTE\n");
}

std::string report_json(const std::string &url, const Presentation &presentation, const Findings &findings,
                        Language language)
{
    const std::vector<Finding> all = findings.sorted();
    const Counts counts = count(all);
    json::Writer writer;
    writer.begin_object().member("url", url).member("must", counts[Severity::must]);
    writer.member("should", counts[Severity::should]).member("note", counts[Severity::note]);
    write_streams(writer, presentation);
    writer.key("findings").begin_array();
    for (const Finding &finding : all)
        write_finding(writer, finding, language);
    writer.end_array().end_object();
    return writer.take();
}

} // namespace butaca::client::check
