// SPDX-License-Identifier: LGPL-2.1-or-later
// SECTION:element-butacamp3enc
//
// MP3 whose frames stand alone: constant rate, no bit reservoir, no padding, so every frame has the same size
// and none reaches back into another. Frames that were encoded apart may be put side by side, and the size of
// a whole file is known before its first frame is made. lamemp3enc has a reservoir that cannot be turned off.
//
//  gst-launch-1.0 filesrc location=a.flac ! decodebin ! audioconvert ! audioresample ! butacamp3enc
//    bitrate=192 ! filesink location=b.mp3
#include "plugins/audio/mp3_encoder.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gst/audio/gstaudioencoder.h>
#include <lame/lame.h>

#include "src/base/gst.h"

using namespace butaca;

namespace {

constexpr int frame_samples = 1152; // ISO/IEC 11172-3, layer III
constexpr int usual_kbps = 192;

// Only rates at which every legal bit rate gives whole bytes to a frame (144 * bit rate / rate).
GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(
        "audio/x-raw, format=(string)F32LE, layout=(string)interleaved, rate=(int){ 32000, 48000 }, "
        "channels=(int)[ 1, 2 ]"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/mpeg, mpegversion=(int)1, layer=(int)3, parsed=(boolean)true, "
                    "rate=(int){ 32000, 48000 }, channels=(int)[ 1, 2 ]"));

enum { prop_0, prop_bitrate };

// The bit rates that a frame header can say (ISO/IEC 11172-3, 2.4.2.3).
constexpr std::array<int, 14> legal_kbps = {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};

int nearest_legal(int kbps)
{
    return *std::min_element(legal_kbps.begin(), legal_kbps.end(),
                             [kbps](int a, int b) { return std::abs(a - kbps) < std::abs(b - kbps); });
}

struct State {
    int kbps = usual_kbps; // guarded by the object lock; the rest belongs to the streaming thread
    lame_t lame = nullptr;
    int channels = 0;
    std::size_t frame_bytes = 0;
    std::vector<unsigned char> out; // encoded and not yet handed on

    void close()
    {
        if (lame)
            lame_close(lame);
        lame = nullptr;
        out.clear();
    }
};

} // namespace

struct ButacaMp3Enc {
    GstAudioEncoder parent;
    State *state;
};
struct ButacaMp3EncClass {
    GstAudioEncoderClass parent;
};

static GType butaca_mp3_enc_get_type();
// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE(ButacaMp3Enc, butaca_mp3_enc, GST_TYPE_AUDIO_ENCODER)
#pragma GCC diagnostic pop
GST_ELEMENT_REGISTER_DEFINE(butacamp3enc, "butacamp3enc", GST_RANK_NONE, butaca_mp3_enc_get_type())

static State &state_of(gpointer object) { return *static_cast<ButacaMp3Enc *>(object)->state; }

static bool open_lame(State &state, int rate, int channels, int kbps)
{
    state.close();
    state.lame = lame_init();
    if (!state.lame)
        return false;
    lame_t lame = state.lame;
    constexpr int quality = 3; // of 0 (best) to 9
    lame_set_in_samplerate(lame, rate);
    lame_set_out_samplerate(lame, rate);
    lame_set_num_channels(lame, channels);
    lame_set_mode(lame, channels == 1 ? MONO : JOINT_STEREO);
    lame_set_VBR(lame, vbr_off);
    lame_set_brate(lame, kbps);
    lame_set_quality(lame, quality);
    lame_set_disable_reservoir(lame, 1);
    lame_set_bWriteVbrTag(lame, 0);
    lame_set_write_id3tag_automatic(lame, 0);
    state.channels = channels;
    state.frame_bytes = static_cast<std::size_t>(144 * kbps * 1000 / rate);
    return lame_init_params(lame) >= 0;
}

static gboolean butaca_mp3_enc_set_format(GstAudioEncoder *encoder, GstAudioInfo *info)
{
    State &state = state_of(encoder);
    GST_OBJECT_LOCK(encoder);
    const int kbps = nearest_legal(state.kbps);
    GST_OBJECT_UNLOCK(encoder);
    if (!open_lame(state, GST_AUDIO_INFO_RATE(info), GST_AUDIO_INFO_CHANNELS(info), kbps)) {
        GST_ELEMENT_ERROR(encoder, LIBRARY, INIT, ("The MP3 encoder cannot be set up."), (nullptr));
        return FALSE;
    }
    gst_audio_encoder_set_frame_samples_min(encoder, frame_samples);
    gst_audio_encoder_set_frame_samples_max(encoder, frame_samples);
    gst_audio_encoder_set_frame_max(encoder, 1);
    const auto caps = adopt(gst_caps_new_simple(
        "audio/mpeg", "mpegversion", G_TYPE_INT, 1, "layer", G_TYPE_INT, 3, "parsed", G_TYPE_BOOLEAN, TRUE,
        "rate", G_TYPE_INT, GST_AUDIO_INFO_RATE(info), "channels", G_TYPE_INT, state.channels, nullptr));
    return gst_audio_encoder_set_output_format(encoder, caps.get());
}

static GstFlowReturn hand_on(GstAudioEncoder *encoder, State &state)
{
    GstFlowReturn flow = GST_FLOW_OK;
    std::size_t at = 0;
    for (; flow == GST_FLOW_OK && at + state.frame_bytes <= state.out.size(); at += state.frame_bytes)
        flow = gst_audio_encoder_finish_frame(
            encoder, gst_buffer_new_memdup(state.out.data() + at, state.frame_bytes), frame_samples);
    state.out.erase(state.out.begin(), state.out.begin() + static_cast<std::ptrdiff_t>(at));
    return flow;
}

static GstFlowReturn butaca_mp3_enc_handle_frame(GstAudioEncoder *encoder, GstBuffer *buffer)
{
    State &state = state_of(encoder);
    // As lame.h has it for the worst case, and for what flushing gives.
    constexpr std::size_t room_bytes = frame_samples * 5 / 4 + 7200;
    const std::size_t held = state.out.size();
    state.out.resize(held + room_bytes);
    int written = 0;
    if (buffer) {
        const MappedBuffer map(buffer);
        const auto bytes = map.bytes();
        const auto samples =
            static_cast<int>(bytes.size() / sizeof(float) / static_cast<std::size_t>(state.channels));
        const auto *floats = reinterpret_cast<const float *>(bytes.data());
        written = state.channels == 1
                      ? lame_encode_buffer_ieee_float(state.lame, floats, nullptr, samples,
                                                      state.out.data() + held, static_cast<int>(room_bytes))
                      : lame_encode_buffer_interleaved_ieee_float(state.lame, floats, samples,
                                                                  state.out.data() + held,
                                                                  static_cast<int>(room_bytes));
    } else {
        written = lame_encode_flush(state.lame, state.out.data() + held, static_cast<int>(room_bytes));
    }
    state.out.resize(held + static_cast<std::size_t>(std::max(0, written)));
    if (written < 0) {
        GST_ELEMENT_ERROR(encoder, STREAM, ENCODE, ("The sound cannot be encoded."),
                          ("LAME says %d", written));
        return GST_FLOW_ERROR;
    }
    return hand_on(encoder, state);
}

static void butaca_mp3_enc_flush(GstAudioEncoder *encoder)
{
    State &state = state_of(encoder);
    if (state.lame)
        open_lame(state, lame_get_in_samplerate(state.lame), state.channels, lame_get_brate(state.lame));
}

static gboolean butaca_mp3_enc_stop(GstAudioEncoder *encoder)
{
    state_of(encoder).close();
    return TRUE;
}

static void butaca_mp3_enc_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    if (id != prop_bitrate) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    state_of(object).kbps = g_value_get_int(value);
    GST_OBJECT_UNLOCK(object);
}

static void butaca_mp3_enc_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id != prop_bitrate) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    g_value_set_int(value, state_of(object).kbps);
    GST_OBJECT_UNLOCK(object);
}

static void butaca_mp3_enc_finalize(GObject *object)
{
    delete static_cast<ButacaMp3Enc *>(static_cast<gpointer>(object))->state;
    G_OBJECT_CLASS(butaca_mp3_enc_parent_class)->finalize(object);
}

static void butaca_mp3_enc_init(ButacaMp3Enc *self)
{
    self->state = new State();
    gst_audio_encoder_set_drainable(GST_AUDIO_ENCODER(self), TRUE);
}

static void butaca_mp3_enc_class_init(ButacaMp3EncClass *klass)
{
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = butaca_mp3_enc_set_property;
    object->get_property = butaca_mp3_enc_get_property;
    object->finalize = butaca_mp3_enc_finalize;
    g_object_class_install_property(
        object, prop_bitrate,
        g_param_spec_int(
            "bitrate", "Bit rate", "In kbit/s; the nearest that MP3 knows is taken", legal_kbps.front(),
            legal_kbps.back(), usual_kbps,
            static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)));
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "MP3 encoder", "Codec/Encoder/Audio",
                                          "Encodes MP3 at a constant rate, each frame on its own",
                                          "Butaca's authors");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    GstAudioEncoderClass *encoder = GST_AUDIO_ENCODER_CLASS(klass);
    encoder->set_format = butaca_mp3_enc_set_format;
    encoder->handle_frame = butaca_mp3_enc_handle_frame;
    encoder->flush = butaca_mp3_enc_flush;
    encoder->stop = butaca_mp3_enc_stop;
}
