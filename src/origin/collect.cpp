// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/collect.h"

#include <algorithm>
#include <limits>

#include <gst/audio/audio.h>

#include "src/origin/av1.h"
#include "src/origin/bitstream.h"
#include "src/origin/caps_fields.h"
#include "src/origin/chapters/toc.h"
#include "src/origin/codecs.h"

namespace butaca::origin {

namespace {

constexpr std::size_t text_bytes_most = 64UL * 1024 * 1024; // of all subtitle tracks
constexpr std::size_t sub_picture_bytes_most = 64UL * 1024; // what its 16 bits of size can say

std::int64_t stream_time(const GstSegment &segment, GstClockTime time)
{
    if (!GST_CLOCK_TIME_IS_VALID(time))
        return no_time;
    if (segment.format != GST_FORMAT_TIME)
        return static_cast<std::int64_t>(time);
    guint64 value = 0;
    int sign = gst_segment_to_stream_time_full(&segment, GST_FORMAT_TIME, time, &value);
    if (sign == 0 || value > static_cast<guint64>(std::numeric_limits<std::int64_t>::max()))
        return no_time;
    return sign * static_cast<std::int64_t>(value);
}

// Whether what is marked as a header holds nothing else. The parsers of H.264 and HEVC mark pictures that
// come with their parameter sets, which in a transport stream is every keyframe.
bool headers_stand_alone(TrackKind kind, const GstCaps *caps)
{
    return kind != TrackKind::video || codec_of(caps) == "theora";
}

} // namespace

struct Collector::Probe {
    Collector *collector;
    TrackRun *run;
    bool parsed;

    GstPadProbeReturn take(GstPadProbeInfo *info)
    {
        if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
            collector->take_event(*run, gst_pad_probe_info_get_event(info), parsed);
        else if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
            collector->take_buffer(*run, gst_pad_probe_info_get_buffer(info), parsed);
        else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
            GstBufferList *list = gst_pad_probe_info_get_buffer_list(info);
            for (unsigned i = 0; i < gst_buffer_list_length(list); i++)
                collector->take_buffer(*run, gst_buffer_list_get(list, i), parsed);
        }
        return GST_PAD_PROBE_OK;
    }
};

Collector::Collector(const Container &container, std::uint64_t packets_most)
    : container_(container), packets_most_(packets_most)
{
}

TrackRun *Collector::begin_track(GstPad *pad, const GstCaps *caps)
{
    auto run = std::make_unique<TrackRun>();
    run->kind = kind_of(caps);
    Owned<char> name = adopt(gst_pad_get_name(pad));
    run->pad = name.get();
    if (caps)
        run->demuxed_caps = adopt(gst_caps_copy(caps));
    if (const MatroskaSubtitles *told = container_.subtitles_at(run->pad);
        told && run->kind == TrackKind::other)
        if (auto known = matroska_subtitle_caps(told->codec)) {
            run->kind = TrackKind::subtitle;
            run->demuxed_caps = std::move(known);
        }
    gst_segment_init(&run->demuxed_segment, GST_FORMAT_UNDEFINED);
    gst_segment_init(&run->parsed_segment, GST_FORMAT_UNDEFINED);
    std::lock_guard lock(mutex_);
    runs_.push_back(std::move(run));
    return runs_.back().get();
}

void Collector::listen(TrackRun *run, GstPad *pad, bool parsed)
{
    auto *probe = new Probe{this, run, parsed};
    auto mask = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_BUFFER |
                                             GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(
        pad, mask,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) noexcept {
            return static_cast<Probe *>(data)->take(info);
        },
        probe, [](gpointer data) noexcept { delete static_cast<Probe *>(data); });
    // What is on the pad already (sticky events) came before the probe.
    gst_pad_sticky_events_foreach(
        pad,
        [](GstPad *, GstEvent **event, gpointer data) -> gboolean {
            auto *self = static_cast<Probe *>(data);
            self->collector->take_event(*self->run, *event, self->parsed);
            return TRUE;
        },
        probe);
}

void Collector::take_tags(TrackRun &run, const GstTagList *tags)
{
    std::lock_guard lock(mutex_);
    Owned<GstTagList> &target =
        gst_tag_list_get_scope(tags) == GST_TAG_SCOPE_GLOBAL || container_.bare ? file_tags_ : run.tags;
    target = adopt(gst_tag_list_merge(target.get(), tags, GST_TAG_MERGE_KEEP));
}

void Collector::take_event(TrackRun &run, GstEvent *event, bool parsed)
{
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_SEGMENT: {
        const GstSegment *segment = nullptr;
        gst_event_parse_segment(event, &segment);
        if (container_.own_times && segment->format == GST_FORMAT_TIME)
            begins_ns_ = static_cast<std::int64_t>(segment->start) - static_cast<std::int64_t>(segment->time);
        gst_segment_copy_into(segment, parsed ? &run.parsed_segment : &run.demuxed_segment);
        break;
    }
    case GST_EVENT_CAPS: {
        // The first caps count: decoders are set up by them, later ones travel with the stream.
        GstCaps *caps = nullptr;
        gst_event_parse_caps(event, &caps);
        Owned<GstCaps> &target = parsed ? run.parsed_caps : run.demuxed_caps;
        if (!target)
            target = adopt(gst_caps_copy(caps));
        else if (parsed || !run.has_parser)
            run.changes = run.changes || differ_for_decoders(target.get(), caps);
        // Bare streams show what they are only once they flow.
        if (run.kind == TrackKind::other)
            run.kind = kind_of(caps);
        break;
    }
    case GST_EVENT_TAG: {
        GstTagList *tags = nullptr;
        gst_event_parse_tag(event, &tags);
        take_tags(run, tags);
        break;
    }
    case GST_EVENT_TOC:
        take_toc(event);
        break;
    case GST_EVENT_STREAM_START: {
        GstStreamFlags flags = GST_STREAM_FLAG_NONE;
        gst_event_parse_stream_flags(event, &flags);
        run.selected = run.selected || (flags & GST_STREAM_FLAG_SELECT);
        break;
    }
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
        take_palette(run, gst_event_get_structure(event));
        break;
    default:
        break;
    }
}

void Collector::take_toc(GstEvent *event)
{
    GstToc *toc = nullptr;
    gst_event_parse_toc(event, &toc, nullptr);
    auto chapters = toc_chapters(toc);
    gst_toc_unref(toc);
    // Each track's pad tells them, and they may become more on the way.
    std::lock_guard lock(mutex_);
    if (chapters.size() > chapters_.size())
        chapters_ = std::move(chapters);
}

// The colours of a DVD's sub-pictures, as demuxers tell them.
void Collector::take_palette(TrackRun &run, const GstStructure *structure)
{
    if (run.palette || !structure || !gst_structure_has_name(structure, "application/x-gst-dvd") ||
        text(structure, "event") != "dvd-spu-clut-change")
        return;
    run.palette.emplace();
    for (std::size_t i = 0; i < run.palette->size(); i++) {
        std::string field = (i < 10 ? "clut0" : "clut") + std::to_string(i);
        (*run.palette)[i] = static_cast<std::uint32_t>(number(structure, field.c_str()));
    }
}

// Cues are small, and all of them are wanted: their packets are kept whole, up to a limit.
void Collector::take_text(TrackRun &run, GstBuffer *buffer)
{
    MappedBuffer map(buffer, GST_MAP_READ);
    GstSegment plain;
    gst_segment_init(&plain, GST_FORMAT_TIME);
    std::int64_t start_ns =
        stream_time(container_.own_times ? plain : run.demuxed_segment, GST_BUFFER_PTS(buffer));
    // A program stream cuts sub-pictures into pieces, of which the first one has the time.
    bool piece = start_ns == no_time && !run.texts.empty() &&
                 subtitle_format(run.demuxed_caps.get()) == "vobsub" &&
                 run.texts.back().bytes.size() < sub_picture_bytes_most;
    if (!map || (start_ns == no_time && !piece) || run.texts.size() >= media::cues_most ||
        text_bytes_ + map.bytes().size() > text_bytes_most)
        return;
    text_bytes_ += map.bytes().size();
    if (piece) {
        run.texts.back().bytes.append(map.bytes().begin(), map.bytes().end());
        return;
    }
    std::int64_t length_ns =
        GST_BUFFER_DURATION_IS_VALID(buffer)
            ? static_cast<std::int64_t>(std::min<guint64>(GST_BUFFER_DURATION(buffer),
                                                          std::numeric_limits<std::int64_t>::max() / 4))
            : 0;
    run.texts.push_back(
        {start_ns, start_ns + length_ns, std::string(map.bytes().begin(), map.bytes().end())});
}

// av1parse gives the configuration in a form of its own, or none.
void Collector::take_configuration(TrackRun &run, const GstCaps *caps, GstBuffer *buffer)
{
    if (codec_of(caps) != "av1")
        return;
    MappedBuffer data(buffer);
    auto found = data ? av1_configuration(data.bytes()) : std::nullopt;
    if (!found)
        return;
    run.changes = run.changes || (!run.configuration.empty() && run.configuration != *found);
    run.configuration = std::move(*found);
}

void Collector::take_buffer(TrackRun &run, GstBuffer *buffer, bool parsed)
{
    packets_.fetch_add(1, std::memory_order_relaxed);
    if (too_many() || run.kind == TrackKind::other)
        return;
    if (run.kind == TrackKind::subtitle)
        return take_text(run, buffer);
    const GstSegment &segment = parsed ? run.parsed_segment : run.demuxed_segment;
    Packet packet;
    // matroskademux moves its stream time when an earlier time turns up after the first packets went out.
    GstSegment plain;
    gst_segment_init(&plain, GST_FORMAT_TIME);
    const GstSegment &clock = container_.own_times ? plain : segment;
    packet.pts_ns = stream_time(clock, GST_BUFFER_PTS(buffer));
    packet.dts_ns = stream_time(clock, GST_BUFFER_DTS(buffer));
    if (GST_BUFFER_DURATION_IS_VALID(buffer))
        packet.duration_ns = static_cast<std::int64_t>(GST_BUFFER_DURATION(buffer));
    if (segment.format == GST_FORMAT_TIME && !container_.own_times) {
        packet.shown_from_ns = stream_time(segment, segment.start);
        if (GST_CLOCK_TIME_IS_VALID(segment.stop))
            packet.shown_until_ns = stream_time(segment, segment.stop);
    }
    if (GST_BUFFER_OFFSET_IS_VALID(buffer))
        packet.offset = container_.first_byte + GST_BUFFER_OFFSET(buffer);
    if (const GstAudioClippingMeta *unheard = gst_buffer_get_audio_clipping_meta(buffer);
        unheard && unheard->format == GST_FORMAT_DEFAULT) {
        packet.unheard_first = static_cast<std::uint32_t>(unheard->start);
        packet.unheard_last = static_cast<std::uint32_t>(unheard->end);
    }
    packet.size_bytes = static_cast<std::uint32_t>(gst_buffer_get_size(buffer));
    packet.keyframe = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    const GstCaps *caps = parsed && run.parsed_caps ? run.parsed_caps.get() : run.demuxed_caps.get();
    packet.hidden =
        GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DECODE_ONLY) ||
        (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER) && headers_stand_alone(run.kind, caps));
    if (run.kind == TrackKind::video && (!parsed || container_.bare))
        run.parameters.take(caps, buffer);
    if (run.kind == TrackKind::video && parsed && packet.keyframe)
        take_configuration(run, caps, buffer);
    if (run.kind == TrackKind::video)
        judge_picture(caps, buffer, parsed && !container_.packets_are_frames, packet);
    (parsed ? run.parsed : run.demuxed).push_back(packet);
}

} // namespace butaca::origin
