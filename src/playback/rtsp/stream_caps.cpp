// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/stream_caps.h"

namespace butaca::playback::rtsp {

namespace {

// ISO/IEC 14496-3, table 1.18.
constexpr int aac_rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                             22050, 16000, 12000, 11025, 8000,  7350};

Owned<GstBuffer> configuration(const ts::Track &track)
{
    return adopt(gst_buffer_new_memdup(track.configuration.data(), track.configuration.size()));
}

Owned<GstCaps> aac_caps(const ts::Track &track)
{
    auto caps = adopt(gst_caps_new_simple("audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format",
                                          G_TYPE_STRING, "raw", "framed", G_TYPE_BOOLEAN, TRUE, "codec_data",
                                          GST_TYPE_BUFFER, configuration(track).get(), nullptr));
    if (track.rate_index < G_N_ELEMENTS(aac_rates))
        gst_caps_set_simple(caps.get(), "rate", G_TYPE_INT, aac_rates[track.rate_index], nullptr);
    return caps;
}

} // namespace

Owned<GstCaps> stream_caps(const ts::Track &track)
{
    switch (track.codec) {
    case ts::Codec::h264:
        return adopt(gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc", "alignment",
                                         G_TYPE_STRING, "au", "codec_data", GST_TYPE_BUFFER,
                                         configuration(track).get(), nullptr));
    case ts::Codec::hevc:
        return adopt(gst_caps_new_simple("video/x-h265", "stream-format", G_TYPE_STRING, "hvc1", "alignment",
                                         G_TYPE_STRING, "au", "codec_data", GST_TYPE_BUFFER,
                                         configuration(track).get(), nullptr));
    case ts::Codec::aac:
        return aac_caps(track);
    case ts::Codec::opus:
        return adopt(gst_caps_new_simple("audio/x-opus", "channel-mapping-family", G_TYPE_INT, 0, "channels",
                                         G_TYPE_INT, static_cast<int>(track.channels), "rate", G_TYPE_INT,
                                         48000, nullptr));
    }
    return {};
}

const char *payloader_for(ts::Codec codec)
{
    switch (codec) {
    case ts::Codec::h264:
        return "rtph264pay";
    case ts::Codec::hevc:
        return "rtph265pay";
    case ts::Codec::aac:
        return "rtpmp4gpay";
    case ts::Codec::opus:
        return "rtpopuspay";
    }
    return "";
}

} // namespace butaca::playback::rtsp
