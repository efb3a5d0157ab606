// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/judge_whole.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "client/check/judge_time.h"
#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

std::string bps_text(double bps) { return std::to_string(std::llround(bps)); }

std::vector<std::string> split_codecs(std::string_view text)
{
    std::vector<std::string> all;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view one = text.substr(0, comma);
        while (one.starts_with(' '))
            one.remove_prefix(1);
        all.emplace_back(one);
        text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
    }
    return all;
}

// Where no more than the entry's name could be read, that must do.
bool is_listed(const std::string &measured, const std::string &listed)
{
    return same_codecs(measured, listed) ||
           (measured.find('.') == std::string::npos && listed.starts_with(measured + "."));
}

// Variants with what plays together with them; nothing when a part of it is not known.
struct Together {
    const Stream *own = nullptr;
    std::vector<std::vector<const Stream *>> groups;

    template <typename Work> void each(Work work) const
    {
        work(*own);
        for (const auto &group : groups)
            for (const Stream *stream : group)
                work(*stream);
    }
};

void judge_codecs(const Variant &variant, const Together &all, const Place &place, Findings &findings)
{
    const Attribute *said = variant.attributes.find("CODECS");
    std::set<std::string> measured;
    bool complete = true;
    all.each([&](const Stream &stream) {
        if (stream.role == Role::subtitles) // these may be listed (Apple 5.10)
            return;
        for (const Format &format : stream.formats)
            measured.insert(format.codecs);
        complete = complete && !stream.formats.empty();
    });
    if (!said || measured.empty())
        return;
    const std::vector<std::string> listed = split_codecs(said->value);
    bool agree = true;
    for (const std::string &one : measured)
        agree = agree && std::any_of(listed.begin(), listed.end(),
                                     [&](const auto &other) { return is_listed(one, other); });
    for (const std::string &other : listed)
        if (complete && !other.starts_with("wvtt") && !other.starts_with("stpp"))
            agree = agree && std::any_of(measured.begin(), measured.end(),
                                         [&](const auto &one) { return is_listed(one, other); });
    if (agree)
        return;
    std::string found;
    for (const std::string &one : measured)
        found += (found.empty() ? "" : ",") + one;
    findings.add(Rule::codecs_agree, place, {said->value, found});
}

void judge_picture(const Variant &variant, const Stream &stream, const Place &place, Findings &findings)
{
    const Attribute *size = variant.attributes.find("RESOLUTION");
    const Attribute *rate = variant.attributes.find("FRAME-RATE");
    if (!size)
        findings.add(Rule::resolution_missing, place);
    if (!rate)
        findings.add(Rule::frame_rate_missing, place);
    for (const Format &format : stream.formats) {
        if (!is_picture_codec(format.entry) || format.width == 0 || !size)
            continue;
        const auto listed = parse_resolution(size->value);
        if (listed && !is_size_of(format, listed->width, listed->height))
            findings.add(Rule::resolution_agree, place,
                         {size->value, std::to_string(format.width) + "x" + std::to_string(format.height)});
    }
    const auto listed_hz = parse_decimal(rate ? rate->value : "");
    if (!listed_hz || stream.frame_s() <= 0)
        return;
    std::size_t pictures = 0;
    for (const SegmentFacts &facts : stream.segments)
        pictures += facts.main() ? facts.main()->samples : 0;
    const double usual_hz = 1 / stream.frame_s();
    const double mean_hz =
        stream.all_looked_at() ? static_cast<double>(pictures) / stream.duration_s() : usual_hz;
    constexpr double slack = 0.01; // where pictures come at uneven times, either of the two may be meant
    if (std::abs(*listed_hz / usual_hz - 1) > slack && std::abs(*listed_hz / mean_hz - 1) > slack)
        findings.add(Rule::frame_rate_agree, place, {rate->value, number(usual_hz)});
}

void judge_rates(const Variant &variant, const Together &all, const Place &place, Findings &findings)
{
    bool complete = true;
    all.each(
        [&](const Stream &stream) { complete = complete && stream.list.ends && stream.all_looked_at(); });
    if (!complete)
        return;
    double peak = peak_bps(*all.own);
    double average = average_bps(*all.own);
    for (const auto &group : all.groups) {
        double group_peak = 0;
        double group_average = 0;
        for (const Stream *stream : group) {
            group_peak = std::max(group_peak, peak_bps(*stream));
            group_average = std::max(group_average, average_bps(*stream));
        }
        peak += group_peak;
        average += group_average;
    }
    constexpr double slack = 0.1;
    const auto judge = [&](const char *name, double measured, Rule rule) {
        const auto said = to_integer<std::uint64_t>(variant.attributes.value_or(name, ""));
        if (said && std::abs(measured - static_cast<double>(*said)) > slack * static_cast<double>(*said))
            findings.add(rule, place, {std::to_string(*said), bps_text(measured)});
    };
    judge("BANDWIDTH", peak, Rule::bandwidth_agree);
    judge("AVERAGE-BANDWIDTH", average, Rule::average_agree);
    if (peak > 2 * average)
        findings.add(Rule::peak_double, place, {bps_text(peak), bps_text(average)});
}

// Apple 9.11 and 9.12: only where every picture segment is known to begin with an IDR picture.
void judge_independence(const Presentation &presentation, Findings &findings)
{
    bool all_idr = false;
    bool all_say = true;
    for (const Stream &stream : presentation.streams) {
        if (stream.role != Role::variant || !stream.has_pictures())
            continue;
        all_say = all_say && stream.list.independent;
        all_idr = true;
        for (const SegmentFacts &facts : stream.segments)
            if (!facts.main() || facts.main()->starts_with_idr != true)
                return;
    }
    if (!all_idr || (presentation.multivariant && presentation.multivariant->independent))
        return;
    if (!all_say)
        findings.add(Rule::independent_somewhere, {presentation.name, 0, no_segment});
    else if (presentation.multivariant)
        findings.add(Rule::independent_named, {presentation.name, 0, no_segment});
}

void judge_sound(const Presentation &presentation, Findings &findings)
{
    std::string other;
    for (const Stream &stream : presentation.streams)
        for (const Format &format : stream.formats) {
            if (is_picture_codec(format.entry) || stream.role == Role::subtitles ||
                stream.role == Role::iframes)
                continue;
            for (const char *aac : {"mp4a.40.2", "mp4a.40.5", "mp4a.40.29"})
                if (format.codecs == aac && format.channels <= 2)
                    return;
            other = format.codecs;
        }
    if (!other.empty())
        findings.add(Rule::sound_aac, {presentation.name, 0, no_segment}, {other});
}

} // namespace

void judge_formats(const Stream &stream, Findings &findings)
{
    const Place place{stream.name, 0, no_segment};
    bool sound = false;
    for (const Format &format : stream.formats) {
        const std::string &entry = format.entry;
        const std::vector<std::string> profile{std::to_string(format.profile), std::to_string(format.level)};
        if (!is_picture_codec(entry)) {
            sound = true;
            constexpr double he_aac_most_bps = 64000 * 1.1; // the container weighs something too
            const bool he = format.codecs == "mp4a.40.5" || format.codecs == "mp4a.40.29";
            if (he && !stream.has_pictures() && stream.all_looked_at() &&
                average_bps(stream) > he_aac_most_bps)
                findings.add(Rule::sound_he_aac, place, {number(std::round(average_bps(stream) / 1000))});
            continue;
        }
        if (!is_h264(entry) && !is_hevc(entry) && entry != "av01" && entry != "dav1" &&
            stream.role != Role::iframes)
            findings.add(Rule::video_codec, place, {format.codecs});
        if (is_h264(entry) && (format.profile > 100 || format.level > 52))
            findings.add(Rule::video_h264_level, place, profile);
        if (is_hevc(entry) && (format.profile > 2 || format.level > 153))
            findings.add(Rule::video_hevc_level, place, profile);
        if (is_hevc(entry) && stream.packing == Packing::transport_stream)
            findings.add(Rule::video_hevc_container, place);
        if (entry == "avc3" || entry == "hev1" || entry == "dvhe")
            findings.add(Rule::video_parameter_sets, place, {entry});
    }
    if (sound && stream.has_pictures() && stream.role == Role::variant)
        findings.add(Rule::sound_apart, place);
}

void judge_promises(const Presentation &presentation, Findings &findings)
{
    if (!presentation.multivariant)
        return;
    const MultivariantPlaylist &list = *presentation.multivariant;
    for (std::size_t i = 0; i < list.variants.size(); i++) {
        if (!presentation.variants[i])
            continue;
        const Variant &variant = list.variants[i];
        const Place place{presentation.name, variant.line, no_segment};
        const Stream &own = presentation.streams[*presentation.variants[i]];
        const Together all{&own, presentation.groups_of(variant, &own)};
        judge_codecs(variant, all, place, findings);
        if (own.has_pictures())
            judge_picture(variant, own, place, findings);
        judge_rates(variant, all, place, findings);
    }
    for (std::size_t i = 0; i < list.iframes.size(); i++)
        if (presentation.iframes[i])
            judge_rates(list.iframes[i], {&presentation.streams[*presentation.iframes[i]], {}},
                        {presentation.name, list.iframes[i].line, no_segment}, findings);
}

void judge_whole(const Presentation &presentation, Findings &findings)
{
    const double picture_frame_s = presentation.picture_frame_s();
    for (const Stream &stream : presentation.streams) {
        judge_stream_time(stream, picture_frame_s, findings);
        judge_formats(stream, findings);
    }
    judge_times_together(presentation, findings);
    judge_promises(presentation, findings);
    judge_independence(presentation, findings);
    judge_sound(presentation, findings);
}

} // namespace butaca::client::check
