// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/judge_time.h"

#include <algorithm>
#include <cmath>

namespace butaca::client::check {

namespace {

constexpr double rounding_s = 0.001; // of clocks of 1/90000 s, and of EXTINF with few decimals
constexpr std::int64_t clock_wrap = std::int64_t{1} << 33;

Place place_of(const Stream &stream, std::size_t k)
{
    return {stream.name, stream.list.segments[k].resource.line, static_cast<std::int64_t>(k)};
}

// Both looked at, with nothing between them that allows a break.
bool are_joined(const Stream &stream, std::size_t k)
{
    return k > 0 && stream.segments[k - 1].looked_at && stream.segments[k].looked_at &&
           !stream.list.segments[k].discontinuity;
}

void judge_seam(const Stream &stream, std::size_t k, Findings &findings)
{
    for (const Part &now : stream.segments[k].parts)
        for (const Part &before : stream.segments[k - 1].parts)
            if (before.track == now.track && before.timescale == now.timescale && !now.wraps &&
                before.decode_end != now.decode_begin)
                findings.add(Rule::tfdt_continuous, place_of(stream, k),
                             {std::to_string(now.track), std::to_string(now.decode_begin),
                              std::to_string(before.decode_end)});
    judge_counters(stream.segments[k - 1].counters, stream.segments[k].counters, place_of(stream, k),
                   findings);
}

// How far a segment's begin is after the origin, however often the clock has wrapped.
double shown_after(const Part &part, double origin_s, double about_s)
{
    double time_s = seconds(part.shown_begin, part.timescale) - origin_s;
    const double wrap_s = seconds(clock_wrap, 90000);
    while (part.wraps && about_s - time_s > wrap_s / 2)
        time_s += wrap_s;
    return time_s;
}

// Follows EXTINF and the media side by side. The error of any run is the difference of two errors, so the
// largest less the smallest is what counts.
class DurationJudge {
public:
    DurationJudge(const Stream &stream, double slack_s, Findings &findings)
        : stream_(stream), slack_s_(slack_s), findings_(findings)
    {
    }

    void take(std::size_t k)
    {
        const Part *part = stream_.segments[k].main();
        const double listed_s = stream_.list.segments[k].duration_s;
        if (!part) {
            has_origin_ = false;
            return;
        }
        if (!has_origin_ || !are_joined(stream_, k))
            begin(*part);
        const bool goes_on =
            k + 1 < stream_.segments.size() && are_joined(stream_, k + 1) && stream_.segments[k + 1].main();
        const double began_s = media_s_;
        listed_s_ += listed_s;
        if (goes_on) {
            media_s_ = shown_after(*stream_.segments[k + 1].main(), origin_s_, listed_s_);
        } else {
            const double least_s =
                began_s + stream_.shown_end_s(*part) - seconds(part->shown_begin, part->timescale);
            const double most_s =
                began_s + seconds(part->shown_end_most - part->shown_begin, part->timescale);
            media_s_ = std::abs(least_s - listed_s_) < std::abs(most_s - listed_s_) ? least_s : most_s;
        }
        judge_target(k, listed_s, media_s_ - began_s);
        const double error_s = listed_s_ - media_s_;
        least_s_ = std::min(least_s_, error_s);
        most_s_ = std::max(most_s_, error_s);
        if (most_s_ - least_s_ > slack_s_ + rounding_s) {
            findings_.add(Rule::extinf_exact, place_of(stream_, k), {number(listed_s_), number(media_s_)});
            // From here on anew: what comes may be wrong for a reason of its own.
            least_s_ = most_s_ = error_s;
        }
    }

private:
    void begin(const Part &part)
    {
        has_origin_ = true;
        origin_s_ = seconds(part.shown_begin, part.timescale);
        listed_s_ = media_s_ = least_s_ = most_s_ = 0;
    }
    void judge_target(std::size_t k, double listed_s, double lasted_s)
    {
        const auto target_s = stream_.list.target_s;
        // One whose EXTINF is too long already has been told of.
        if (target_s && std::lround(listed_s) <= static_cast<long>(*target_s) &&
            lasted_s > *target_s + 0.5 + rounding_s)
            findings_.add(Rule::target_exceeded, place_of(stream_, k),
                          {number(lasted_s), std::to_string(*target_s)});
    }

    const Stream &stream_;
    double slack_s_;
    Findings &findings_;
    bool has_origin_ = false;
    double origin_s_ = 0;
    double listed_s_ = 0; // sums since the origin
    double media_s_ = 0;
    double least_s_ = 0;
    double most_s_ = 0;
};

void judge_key_frames(const Stream &stream, Findings &findings)
{
    constexpr double wanted_s = 2;
    const double slack_s = stream.frame_s() + rounding_s;
    std::optional<std::int64_t> last;
    for (std::size_t k = 0; k < stream.segments.size(); k++) {
        const Part *part = stream.segments[k].main();
        if (!part || !part->is_picture || !part->sync_first)
            continue;
        std::int64_t gap =
            std::max(part->sync_gap, part->shown_end - part->sync_last.value_or(part->shown_end));
        if (last && are_joined(stream, k))
            gap = std::max(gap, *part->sync_first - *last);
        last = part->sync_last;
        if (seconds(gap, part->timescale) > wanted_s + slack_s)
            findings.add(Rule::video_keyframes, place_of(stream, k), {number(seconds(gap, part->timescale))});
    }
}

// Where segments begin by EXTINF.
std::vector<double> borders_of(const Stream &stream)
{
    std::vector<double> borders;
    double sum_s = 0;
    for (const Segment &segment : stream.list.segments) {
        borders.push_back(sum_s);
        sum_s += segment.duration_s;
    }
    return borders;
}

void judge_borders(const Stream &stream, const Stream &other, double slack_s, Findings &findings)
{
    const std::vector<double> borders = borders_of(stream);
    const std::vector<double> others = borders_of(other);
    for (std::size_t k = 0; k < borders.size(); k++) {
        const auto above = std::lower_bound(others.begin(), others.end(), borders[k] - slack_s);
        if (above == others.end() || *above > borders[k] + slack_s)
            return findings.add(Rule::time_borders, place_of(stream, k), {number(borders[k]), other.name});
    }
}

void judge_cues(const Stream &stream, double origin_s, Findings &findings)
{
    constexpr double slack_s = 0.5;
    double begin_s = 0;
    for (std::size_t k = 0; k < stream.segments.size(); k++) {
        const double end_s = begin_s + stream.list.segments[k].duration_s;
        const TextSegment &text = stream.segments[k].text;
        const auto outside = [&](const CueTime &cue) {
            return cue.end_s - origin_s < begin_s - slack_s || cue.begin_s - origin_s > end_s + slack_s;
        };
        for (const auto &cue : {text.ends_first, text.begins_last})
            if (cue && outside(*cue)) {
                findings.add(Rule::webvtt_place, place_of(stream, k),
                             {number(cue->begin_s - origin_s), number(cue->end_s - origin_s), number(begin_s),
                              number(end_s)});
                break;
            }
        begin_s = end_s;
    }
}

void judge_against(const Stream &stream, const Stream &other, double slack_s, Findings &findings)
{
    const bool text = stream.role == Role::subtitles;
    const double duration_s = stream.role == Role::iframes ? stream.list.duration_s() : stream.duration_s();
    if (stream.list.ends && other.list.ends && std::abs(duration_s - other.duration_s()) > slack_s) {
        if (text)
            findings.add(Rule::subtitles_range, {stream.name, 0, no_segment},
                         {number(duration_s), number(other.duration_s())});
        else
            findings.add(Rule::time_range, {stream.name, 0, no_segment},
                         {number(duration_s), number(other.duration_s()), other.name});
    }
    if (text && other.first())
        judge_cues(stream, seconds(other.first()->main()->shown_begin, other.first()->main()->timescale),
                   findings);
    if (text || stream.role == Role::iframes)
        return;
    if (stream.list.target_s != other.list.target_s && stream.list.target_s && other.list.target_s)
        findings.add(Rule::target_same, {stream.name, 0, no_segment},
                     {std::to_string(*stream.list.target_s), std::to_string(*other.list.target_s)});
    if (stream.list.ends && other.list.ends)
        judge_borders(stream, other, slack_s, findings);
    if (!stream.first() || !other.first() || stream.first()->main()->wraps != other.first()->main()->wraps)
        return;
    const Part &mine = *stream.first()->main();
    const Part &theirs = *other.first()->main();
    const double begin_s = seconds(mine.shown_begin, mine.timescale);
    const double other_s = seconds(theirs.shown_begin, theirs.timescale);
    if (stream.list.first_number == other.list.first_number && stream.list.ends &&
        std::abs(begin_s - other_s) > slack_s)
        findings.add(Rule::time_start, place_of(stream, 0), {number(begin_s), number(other_s)});
}

} // namespace

void judge_stream_time(const Stream &stream, double picture_frame_s, Findings &findings)
{
    if (stream.role == Role::iframes || stream.role == Role::subtitles)
        return;
    DurationJudge durations(stream, std::max(picture_frame_s, stream.frame_s()), findings);
    for (std::size_t k = 0; k < stream.segments.size(); k++) {
        if (are_joined(stream, k))
            judge_seam(stream, k, findings);
        const Part *part = stream.segments[k].main();
        if (part && part->is_picture && part->starts_with_idr == false)
            findings.add(Rule::segment_idr, place_of(stream, k));
        durations.take(k);
    }
    judge_key_frames(stream, findings);
}

void judge_times_together(const Presentation &presentation, Findings &findings)
{
    if (presentation.streams.empty())
        return;
    const Stream &first = presentation.streams.front();
    for (const Stream &stream : presentation.streams)
        if (&stream != &first && !stream.list.segments.empty())
            judge_against(stream, first,
                          std::max({stream.frame_s(), first.frame_s(), presentation.picture_frame_s()}) +
                              rounding_s,
                          findings);
}

} // namespace butaca::client::check
