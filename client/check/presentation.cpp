// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/presentation.h"

#include <algorithm>

namespace butaca::client::check {

const Part *SegmentFacts::main() const
{
    const auto found =
        std::find_if(parts.begin(), parts.end(), [](const Part &part) { return part.is_picture; });
    return found != parts.end() ? &*found : parts.empty() ? nullptr : &parts.front();
}

void Stream::add_format(const Format &format)
{
    constexpr std::size_t formats_most = 16;
    const bool known = std::any_of(formats.begin(), formats.end(),
                                   [&](const Format &other) { return other.codecs == format.codecs; });
    if (!known && !format.entry.empty() && formats.size() < formats_most)
        formats.push_back(format);
}

bool Stream::all_looked_at() const
{
    return !segments.empty() && std::all_of(segments.begin(), segments.end(),
                                            [](const SegmentFacts &one) { return one.looked_at; });
}

bool Stream::has_pictures() const
{
    return std::any_of(formats.begin(), formats.end(),
                       [](const Format &format) { return is_picture_codec(format.entry); });
}

const SegmentFacts *Stream::first() const
{
    return !segments.empty() && segments.front().main() ? &segments.front() : nullptr;
}

double Stream::frame_s() const
{
    for (const SegmentFacts &facts : segments)
        if (const Part *part = facts.main(); part && part->frame > 0)
            return seconds(part->frame, part->timescale);
    return 0;
}

double Stream::shown_end_s(const Part &part) const
{
    const double end_s = seconds(part.shown_end, part.timescale);
    if (!part.is_picture || part.frame == 0)
        return end_s;
    return std::min(end_s, seconds(part.shown_last, part.timescale) + frame_s());
}

double Stream::duration_s() const
{
    const bool broken = std::any_of(list.segments.begin(), list.segments.end(),
                                    [](const Segment &segment) { return segment.discontinuity; });
    if (!broken && all_looked_at() && first() && segments.back().main()) {
        const Part &begin = *segments.front().main();
        const Part &end = *segments.back().main();
        constexpr double clock_wrap_s = 95443.717688; // 2^33 / 90000
        const double last_s = shown_end_s(end) - seconds(begin.shown_begin, begin.timescale);
        return begin.wraps && last_s < 0 ? last_s + clock_wrap_s : last_s;
    }
    return list.duration_s();
}

double Presentation::picture_frame_s() const
{
    for (const Stream &stream : streams)
        if (stream.role == Role::variant && stream.has_pictures() && stream.frame_s() > 0)
            return stream.frame_s();
    return 0;
}

std::vector<std::vector<const Stream *>> Presentation::groups_of(const Variant &variant,
                                                                 const Stream *own) const
{
    std::vector<std::vector<const Stream *>> groups;
    for (const char *type : {"AUDIO", "VIDEO", "SUBTITLES"}) {
        const Attribute *named = variant.attributes.find(type);
        if (!named || !multivariant)
            continue;
        std::vector<const Stream *> members;
        for (std::size_t i = 0; i < multivariant->media.size(); i++) {
            const Variant &one = multivariant->media[i];
            if (media[i] && one.attributes.is("TYPE", type) && one.attributes.is("GROUP-ID", named->value) &&
                &streams[*media[i]] != own)
                members.push_back(&streams[*media[i]]);
        }
        groups.push_back(std::move(members));
    }
    return groups;
}

double seconds(std::int64_t ticks, std::uint32_t timescale)
{
    return timescale == 0 ? 0 : static_cast<double>(ticks) / timescale;
}

double peak_bps(const Stream &stream)
{
    const double target_s = stream.list.target_s.value_or(0);
    double peak = 0;
    for (std::size_t first = 0; first < stream.segments.size(); first++) {
        double bits = 0;
        double time_s = 0;
        for (std::size_t k = first; k < stream.segments.size(); k++) {
            bits += 8 * static_cast<double>(stream.segments[k].size_bytes);
            time_s += stream.list.segments[k].duration_s;
            // A playlist of segments of no length must not take the square of their number.
            constexpr std::size_t run_most = 64;
            if (time_s > 1.5 * target_s || k - first >= run_most)
                break;
            if (time_s >= 0.5 * target_s && time_s > 0)
                peak = std::max(peak, bits / time_s);
        }
    }
    return peak > 0 ? peak : average_bps(stream);
}

double average_bps(const Stream &stream)
{
    double bits = 0;
    for (const SegmentFacts &facts : stream.segments)
        bits += 8 * static_cast<double>(facts.size_bytes);
    const double time_s = stream.list.duration_s();
    return time_s > 0 ? bits / time_s : 0;
}

} // namespace butaca::client::check
