// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-butacaaacenc
//
// AAC-LC by libavcodec, which may choose for each band whether to code left and right or middle and side. The
// element of gst-libav can only force one of them, and forced middle and side loses the stereo image
// (docs/decisions/audio-encoders.md).
//
//  gst-launch-1.0 filesrc location=a.flac ! decodebin ! audioconvert ! audioresample ! butacaaacenc
//    bitrate=128000 ! mp4mux ! filesink location=b.m4a
#include "plugins/audio/aac_encoder.h"

#include <algorithm>
#include <memory>

#include <gst/audio/gstaudioencoder.h>
#include <gst/pbutils/pbutils.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

#include "src/base/gst.h"

using namespace butaca;

namespace {

constexpr int frame_samples = 1024;
constexpr int usual_bps = 128000;
constexpr int least_bps = 8000;
constexpr int most_bps = 640000;

#define BUTACA_AAC_RAW                                                                                       \
    "audio/x-raw, format=(string)F32LE, layout=(string)interleaved, rate=(int){ 7350, 8000, 11025, 12000, "  \
    "16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000 }, "

// The layouts that libavcodec's encoder has a channel configuration for.
GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(BUTACA_AAC_RAW "channels=(int)1; " BUTACA_AAC_RAW
                                   "channels=(int)2, channel-mask=(bitmask)0x3; " BUTACA_AAC_RAW
                                   "channels=(int)6, channel-mask=(bitmask)0x3f"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, base-profile=(string)lc"));

enum { prop_0, prop_bitrate };

struct Freed {
    void operator()(AVCodecContext *context) const { avcodec_free_context(&context); }
    void operator()(AVFrame *frame) const { av_frame_free(&frame); }
    void operator()(AVPacket *packet) const { av_packet_free(&packet); }
};

struct State {
    int bitrate_bps = usual_bps; // guarded by the object lock; the rest belongs to the streaming thread
    std::unique_ptr<AVCodecContext, Freed> codec;
    std::unique_ptr<AVFrame, Freed> frame;
    std::unique_ptr<AVPacket, Freed> packet;
    std::int64_t samples = 0;
};

} // namespace

struct ButacaAacEnc {
    GstAudioEncoder parent;
    State *state;
};
struct ButacaAacEncClass {
    GstAudioEncoderClass parent;
};

static GType butaca_aac_enc_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaAacEnc, butaca_aac_enc, GST_TYPE_AUDIO_ENCODER)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(butacaaacenc, "butacaaacenc", GST_RANK_NONE, butaca_aac_enc_get_type())

static State &state_of(gpointer object) { return *static_cast<ButacaAacEnc *>(object)->state; }

static bool open_codec(State &state, int rate, int channels, int bitrate_bps)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name("aac");
    state.codec.reset(encoder ? avcodec_alloc_context3(encoder) : nullptr);
    state.packet.reset(av_packet_alloc());
    state.frame.reset(av_frame_alloc());
    state.samples = 0;
    if (!state.codec || !state.packet || !state.frame)
        return false;
    AVCodecContext *codec = state.codec.get();
    codec->sample_fmt = AV_SAMPLE_FMT_FLTP;
    codec->sample_rate = rate;
    codec->bit_rate = bitrate_bps;
    codec->thread_count = 1;
    // Its errors, not its statistics.
    codec->log_level_offset = AV_LOG_INFO - AV_LOG_ERROR;
    // Without the encoder's name in the stream, and its configuration apart.
    codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&codec->ch_layout, channels);
    av_opt_set(codec->priv_data, "aac_coder", "twoloop", 0);
    if (avcodec_open2(codec, encoder, nullptr) < 0)
        return false;
    AVFrame *frame = state.frame.get();
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->nb_samples = frame_samples;
    frame->sample_rate = rate;
    return av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout) >= 0 &&
           av_frame_get_buffer(frame, 0) >= 0;
}

static gboolean butaca_aac_enc_set_format(GstAudioEncoder *encoder, GstAudioInfo *info)
{
    State &state = state_of(encoder);
    GST_OBJECT_LOCK(encoder);
    const int bitrate_bps = state.bitrate_bps;
    GST_OBJECT_UNLOCK(encoder);
    const int channels = GST_AUDIO_INFO_CHANNELS(info);
    // What of the configuration goes beyond its first two bytes signals extensions that are not used here.
    constexpr int configuration_bytes = 2;
    if (!open_codec(state, GST_AUDIO_INFO_RATE(info), channels, bitrate_bps) ||
        state.codec->extradata_size < configuration_bytes) {
        GST_ELEMENT_ERROR(encoder, LIBRARY, INIT, ("The AAC encoder cannot be set up."), (nullptr));
        return FALSE;
    }
    gst_audio_encoder_set_frame_samples_min(encoder, frame_samples);
    gst_audio_encoder_set_frame_samples_max(encoder, frame_samples);
    gst_audio_encoder_set_frame_max(encoder, 1);
    const auto configuration =
        adopt(gst_buffer_new_memdup(state.codec->extradata, static_cast<gsize>(configuration_bytes)));
    const auto caps = adopt(gst_caps_new_simple(
        "audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING, "raw", "base-profile",
        G_TYPE_STRING, "lc", "framed", G_TYPE_BOOLEAN, TRUE, "rate", G_TYPE_INT, GST_AUDIO_INFO_RATE(info),
        "channels", G_TYPE_INT, channels, "codec_data", GST_TYPE_BUFFER, configuration.get(), nullptr));
    gst_codec_utils_aac_caps_set_level_and_profile(caps.get(), state.codec->extradata, configuration_bytes);
    return gst_audio_encoder_set_output_format(encoder, caps.get());
}

static GstFlowReturn hand_on(GstAudioEncoder *encoder, State &state)
{
    GstFlowReturn flow = GST_FLOW_OK;
    while (flow == GST_FLOW_OK && avcodec_receive_packet(state.codec.get(), state.packet.get()) == 0) {
        flow = gst_audio_encoder_finish_frame(
            encoder, gst_buffer_new_memdup(state.packet->data, static_cast<gsize>(state.packet->size)),
            frame_samples);
        av_packet_unref(state.packet.get());
    }
    return flow;
}

// One frame of interleaved samples, filled up with silence, into the planes of libavcodec's.
static bool fill(State &state, GstBuffer *buffer)
{
    const MappedBuffer map(buffer);
    if (!map || av_frame_make_writable(state.frame.get()) < 0)
        return false;
    const auto channels = static_cast<std::size_t>(state.codec->ch_layout.nb_channels);
    const auto *samples = reinterpret_cast<const float *>(map.bytes().data());
    const std::size_t count =
        std::min<std::size_t>(frame_samples, map.bytes().size() / sizeof(float) / channels);
    for (std::size_t c = 0; c < channels; c++) {
        auto *plane = reinterpret_cast<float *>(state.frame->extended_data[c]);
        for (std::size_t i = 0; i < count; i++)
            plane[i] = samples[i * channels + c];
        std::fill(plane + count, plane + frame_samples, 0.0F);
    }
    state.frame->pts = state.samples;
    state.samples += frame_samples;
    return true;
}

static GstFlowReturn butaca_aac_enc_handle_frame(GstAudioEncoder *encoder, GstBuffer *buffer)
{
    State &state = state_of(encoder);
    // Being drained twice is no error.
    const int sent = !buffer || fill(state, buffer)
                         ? avcodec_send_frame(state.codec.get(), buffer ? state.frame.get() : nullptr)
                         : AVERROR(ENOMEM);
    if (sent < 0 && (buffer || sent != AVERROR_EOF)) {
        GST_ELEMENT_ERROR(encoder, STREAM, ENCODE, ("The sound cannot be encoded."), (nullptr));
        return GST_FLOW_ERROR;
    }
    return hand_on(encoder, state);
}

static void butaca_aac_enc_flush(GstAudioEncoder *encoder)
{
    State &state = state_of(encoder);
    if (state.codec)
        open_codec(state, state.codec->sample_rate, state.codec->ch_layout.nb_channels,
                   static_cast<int>(state.codec->bit_rate));
}

static gboolean butaca_aac_enc_stop(GstAudioEncoder *encoder)
{
    State &state = state_of(encoder);
    state.codec.reset();
    state.frame.reset();
    state.packet.reset();
    return TRUE;
}

static void butaca_aac_enc_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    if (id != prop_bitrate) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    state_of(object).bitrate_bps = g_value_get_int(value);
    GST_OBJECT_UNLOCK(object);
}

static void butaca_aac_enc_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id != prop_bitrate) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    g_value_set_int(value, state_of(object).bitrate_bps);
    GST_OBJECT_UNLOCK(object);
}

static void butaca_aac_enc_finalize(GObject *object)
{
    delete static_cast<ButacaAacEnc *>(static_cast<gpointer>(object))->state;
    G_OBJECT_CLASS(butaca_aac_enc_parent_class)->finalize(object);
}

static void butaca_aac_enc_init(ButacaAacEnc *self)
{
    self->state = new State();
    gst_audio_encoder_set_drainable(GST_AUDIO_ENCODER(self), TRUE);
}

static void butaca_aac_enc_class_init(ButacaAacEncClass *klass)
{
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = butaca_aac_enc_set_property;
    object->get_property = butaca_aac_enc_get_property;
    object->finalize = butaca_aac_enc_finalize;
    g_object_class_install_property(
        object, prop_bitrate,
        g_param_spec_int(
            "bitrate", "Bit rate", "In bit/s, all channels together", least_bps, most_bps, usual_bps,
            static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)));
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "AAC encoder", "Codec/Encoder/Audio",
                                          "Encodes AAC-LC with libavcodec", "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GstAudioEncoderClass *encoder = GST_AUDIO_ENCODER_CLASS(klass);
    encoder->set_format = butaca_aac_enc_set_format;
    encoder->handle_frame = butaca_aac_enc_handle_frame;
    encoder->flush = butaca_aac_enc_flush;
    encoder->stop = butaca_aac_enc_stop;
}
