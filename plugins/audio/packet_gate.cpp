// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/audio/packet_gate.h"

#include <algorithm>
#include <cstring>

namespace butaca::audio {

PacketGate::PacketGate(GstElement *encoder, GstElement *last)
{
    const auto in = adopt(gst_element_get_static_pad(encoder, "sink"));
    const auto out = adopt(gst_element_get_static_pad(last, "src"));
    constexpr auto data = static_cast<GstPadProbeType>(
        GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH);
    gst_pad_add_probe(in.get(), data, raw_trampoline, this, nullptr);
    gst_pad_add_probe(out.get(), data, packet_trampoline, this, nullptr);
}

GstPadProbeReturn PacketGate::raw_trampoline(GstPad *pad, GstPadProbeInfo *info, gpointer self) noexcept
{
    auto &me = *static_cast<PacketGate *>(self);
    if (GST_IS_BUFFER(info->data))
        return me.pushing_tail_ ? GST_PAD_PROBE_OK : me.on_raw_buffer(info);
    me.on_raw_event(pad, GST_PAD_PROBE_INFO_EVENT(info));
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn PacketGate::packet_trampoline([[maybe_unused]] GstPad *pad, GstPadProbeInfo *info,
                                                gpointer self) noexcept
{
    auto &me = *static_cast<PacketGate *>(self);
    if (GST_IS_BUFFER(info->data))
        return me.on_packet(info);
    me.on_packet_event(info);
    return GST_PAD_PROBE_OK;
}

void PacketGate::reset()
{
    samples_seen_ = samples_in_ = packets_seen_ = 0;
    packets_wanted_ = UINT64_MAX;
}

GstClockTime PacketGate::time_of(std::uint64_t packet) const
{
    // Divides seconds off first: packet * frame * 10^9 would leave 64 bits after a few hours.
    const std::uint64_t sample = packet * static_cast<std::uint64_t>(plan_.frame_samples);
    return gst_util_uint64_scale(sample, GST_SECOND, static_cast<std::uint64_t>(std::max(1, plan_.rate)));
}

Owned<GstBuffer> PacketGate::silence(std::uint64_t samples) const
{
    auto buffer = adopt(gst_buffer_new_allocate(nullptr, samples * bytes_per_sample_, nullptr));
    gst_buffer_memset(buffer.get(), 0, 0, samples * bytes_per_sample_);
    return buffer;
}

GstPadProbeReturn PacketGate::on_raw_buffer(GstPadProbeInfo *info)
{
    if (bytes_per_sample_ == 0 || plan_.rate <= 0)
        return GST_PAD_PROBE_OK;
    Owned<GstBuffer> buffer = adopt(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = nullptr;
    const std::uint64_t samples = gst_buffer_get_size(buffer.get()) / bytes_per_sample_;
    const std::uint64_t skipped =
        samples_seen_ < plan_.skip_samples ? std::min(samples, plan_.skip_samples - samples_seen_) : 0;
    samples_seen_ += samples;
    if (skipped == samples)
        return GST_PAD_PROBE_HANDLED;
    const auto whole = static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_MEMORY);
    auto out = samples_in_ == 0 && plan_.lead_samples > 0
                   ? silence(static_cast<std::uint64_t>(plan_.lead_samples))
                   : adopt(gst_buffer_new());
    // Memory only: no flags (GAP, DISCONT) and no metadata that could make the encoder do anything but
    // encode.
    gst_buffer_copy_into(out.get(), buffer.get(), whole, skipped * bytes_per_sample_, static_cast<gsize>(-1));
    const auto rate = static_cast<std::uint64_t>(plan_.rate);
    GST_BUFFER_PTS(out.get()) = gst_util_uint64_scale(samples_in_, GST_SECOND, rate);
    samples_in_ += gst_buffer_get_size(out.get()) / bytes_per_sample_;
    GST_BUFFER_DURATION(out.get()) =
        gst_util_uint64_scale(samples_in_, GST_SECOND, rate) - GST_BUFFER_PTS(out.get());
    GST_PAD_PROBE_INFO_DATA(info) = out.release();
    return GST_PAD_PROBE_OK;
}

void PacketGate::on_raw_event(GstPad *pad, GstEvent *event)
{
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
        GstCaps *caps = nullptr;
        gst_event_parse_caps(event, &caps);
        GstAudioInfo audio;
        if (gst_audio_info_from_caps(&audio, caps))
            bytes_per_sample_ = static_cast<std::uint64_t>(GST_AUDIO_INFO_BPF(&audio));
        break;
    }
    case GST_EVENT_EOS:
        push_tail(pad);
        break;
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_START:
        reset();
        break;
    default:
        break;
    }
}

// Encoders hold back their delay, and some lose the rest at the end: silence drives the last real sample out.
void PacketGate::push_tail(GstPad *pad)
{
    if (samples_in_ == 0 || plan_.frame_samples <= 0)
        return;
    const auto frame = static_cast<std::uint64_t>(plan_.frame_samples);
    const std::uint64_t real = samples_in_ - static_cast<std::uint64_t>(plan_.lead_samples);
    packets_wanted_ = static_cast<std::uint64_t>(plan_.delay_samples) / frame + (real + frame - 1) / frame;
    // One packet more than wanted, because voaacenc keeps its last one to itself.
    const std::uint64_t target = (packets_wanted_ + 1) * frame;
    if (plan_.delay_samples == 0 || target <= samples_in_)
        return;
    auto tail = silence(target - samples_in_);
    GST_BUFFER_PTS(tail.get()) =
        gst_util_uint64_scale(samples_in_, GST_SECOND, static_cast<std::uint64_t>(plan_.rate));
    pushing_tail_ = true;
    gst_pad_chain(pad, tail.release());
    pushing_tail_ = false;
}

GstPadProbeReturn PacketGate::on_packet(GstPadProbeInfo *info)
{
    GstBuffer *packet = GST_PAD_PROBE_INFO_BUFFER(info);
    if (GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_HEADER))
        return GST_PAD_PROBE_DROP;
    const std::uint64_t seen = packets_seen_++;
    if (seen < plan_.skip_packets || seen >= packets_wanted_)
        return GST_PAD_PROBE_DROP;
    const std::uint64_t n = seen - plan_.skip_packets;
    if (plan_.max_packets && n >= plan_.max_packets) {
        gst_buffer_unref(packet);
        GST_PAD_PROBE_INFO_DATA(info) = nullptr;
        GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_EOS;
        return GST_PAD_PROBE_HANDLED;
    }
    auto out = adopt(gst_buffer_new());
    // Memory only: opusenc marks samples to clip, which our own counting has made wrong.
    gst_buffer_copy_into(out.get(), packet, GST_BUFFER_COPY_MEMORY, 0, static_cast<gsize>(-1));
    gst_buffer_unref(packet);
    const std::uint64_t number = plan_.first_packet + n;
    GST_BUFFER_PTS(out.get()) = GST_BUFFER_DTS(out.get()) = time_of(number);
    GST_BUFFER_DURATION(out.get()) = time_of(number + 1) - time_of(number);
    if (n == 0)
        GST_BUFFER_FLAG_SET(out.get(), GST_BUFFER_FLAG_DISCONT);
    GST_PAD_PROBE_INFO_DATA(info) = out.release();
    return GST_PAD_PROBE_OK;
}

// Opus says in its header how much a player must drop at the start. We start on the sample, so: nothing.
static Owned<GstEvent> without_pre_skip(GstEvent *caps_event)
{
    GstCaps *caps = nullptr;
    gst_event_parse_caps(caps_event, &caps);
    const GstStructure *fields = gst_caps_get_structure(caps, 0);
    const GValue *headers = gst_structure_get_value(fields, "streamheader");
    if (!gst_structure_has_name(fields, "audio/x-opus") || !headers || !GST_VALUE_HOLDS_ARRAY(headers) ||
        gst_value_array_get_size(headers) < 1)
        return nullptr;
    auto head = adopt(gst_buffer_copy_deep(gst_value_get_buffer(gst_value_array_get_value(headers, 0))));
    {
        MappedBuffer map(head.get(), GST_MAP_READWRITE);
        if (!map || map.bytes().size() < 19)
            return nullptr;
        map.writable()[10] = map.writable()[11] = 0;
    }
    GValue array = G_VALUE_INIT, item = G_VALUE_INIT;
    g_value_init(&array, GST_TYPE_ARRAY);
    g_value_init(&item, GST_TYPE_BUFFER);
    gst_value_set_buffer(&item, head.get());
    gst_value_array_append_value(&array, &item);
    for (guint i = 1; i < gst_value_array_get_size(headers); i++)
        gst_value_array_append_value(&array, gst_value_array_get_value(headers, i));
    auto changed = adopt(gst_caps_copy(caps));
    gst_caps_set_value(changed.get(), "streamheader", &array);
    g_value_unset(&array);
    g_value_unset(&item);
    return adopt(gst_event_new_caps(changed.get()));
}

void PacketGate::on_packet_event(GstPadProbeInfo *info)
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    Owned<GstEvent> other;
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        other = adopt(gst_event_new_segment(&segment));
        gst_event_set_seqnum(other.get(), gst_event_get_seqnum(event));
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        other = without_pre_skip(event);
    }
    if (!other)
        return;
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = other.release();
}

} // namespace butaca::audio
