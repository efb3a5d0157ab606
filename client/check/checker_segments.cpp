// SPDX-License-Identifier: LGPL-2.1-or-later
// What the checker does with a segment that has come.
#include <algorithm>

#include "client/check/checker.h"
#include "client/check/webvtt.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t probe_size_bytes = 100;

// An I-frame's range holds its moof whole; what follows in the mdat may be cut off.
void judge_iframe(std::string_view body, const Place &place, Findings &findings)
{
    const Boxes boxes = split_boxes(body, 0);
    if (!boxes.find("moof"))
        findings.add(Rule::iframes_moof, place);
}

} // namespace

void Checker::take_segment(std::size_t i, std::size_t k, Fetched fetched)
{
    if (phase_ == Phase::over)
        return;
    Stream &stream = presentation_.streams[i];
    const Segment &segment = stream.list.segments[k];
    const Place place{stream.name, segment.resource.line, static_cast<std::int64_t>(k)};
    const bool whole = judge_answer(fetched, segment.resource.range, place, findings_);
    std::string_view body = fetched.body;
    if (const Range &range = segment.resource.range;
        !whole && fetched.status == 200 && body.size() >= range.offset + range.size_bytes)
        body = body.substr(range.offset, range.size_bytes); // the range was ignored, but it is in there
    else if (!whole)
        body = {};
    SegmentFacts &facts = stream.segments[k];
    if (!body.empty() || whole) {
        facts.looked_at = true;
        facts.size_bytes = body.size();
        const Delivered what = segment.encrypted ? Delivered::other : read_segment(i, k, body, place);
        judge_types(fetched, what, place, findings_);
        if (whole)
            remember_for_probe(work_[i], stream, k, fetched);
    }
    looked_at_++;
    std::size_t wanted = 0;
    for (const Stream &one : presentation_.streams)
        wanted += segments_wanted(one);
    if (progress_)
        progress_(looked_at_, wanted);
}

Delivered Checker::read_segment(std::size_t i, std::size_t k, std::string_view body, const Place &place)
{
    Stream &stream = presentation_.streams[i];
    SegmentFacts &facts = stream.segments[k];
    const Segment &segment = stream.list.segments[k];
    const auto take = [&](PackedSegment packed) {
        facts.parts = std::move(packed.parts);
        facts.counters = std::move(packed.counters);
        for (const Format &format : packed.formats)
            stream.add_format(format);
    };
    const bool mp4 = looks_like_mp4(body) || (segment.map && !looks_like_transport_stream(body));
    if (mp4 && !segment.map)
        findings_.add(Rule::map_missing, place);
    if (stream.role == Role::iframes) {
        if (mp4)
            judge_iframe(body, place, findings_);
        return mp4                                 ? Delivered::mp4
               : looks_like_transport_stream(body) ? Delivered::transport_stream
                                                   : Delivered::other;
    }
    if (mp4) {
        stream.packing = Packing::mp4;
        const auto init = work_[i].inits.find(segment.map.value_or(0));
        facts.parts = read_fragments(body, init == work_[i].inits.end() ? Init() : init->second,
                                     segment.resource.range.offset, place, findings_);
        return Delivered::mp4;
    }
    if (stream.role == Role::subtitles || body.starts_with("WEBVTT")) {
        stream.packing = Packing::webvtt;
        facts.text = read_webvtt(body, place, findings_);
        return Delivered::webvtt;
    }
    if (looks_like_packed_audio(body)) {
        stream.packing = Packing::packed_audio;
        take(read_packed_audio(body, place, findings_));
        return Delivered::packed_audio;
    }
    stream.packing = Packing::transport_stream;
    take(read_transport_stream(body, segment.map.has_value(), place, findings_));
    return Delivered::transport_stream;
}

// HEAD and Range are tried on the first segment that is a file of its own.
void Checker::remember_for_probe(Work &work, const Stream &stream, std::size_t k, Fetched &fetched)
{
    if (!work.probe_url.empty() || stream.list.segments[k].resource.range.size_bytes > 0)
        return;
    work.probe_url = fetched.url;
    work.probe_size = fetched.body.size();
    work.probe = {fetched.body.size() / 2,
                  std::min(probe_size_bytes, fetched.body.size() - fetched.body.size() / 2)};
    work.probe_bytes = fetched.body.substr(work.probe.offset, work.probe.size_bytes);
    fetched.body.clear();
    work.first_head = std::move(fetched);
}

} // namespace butaca::client::check
