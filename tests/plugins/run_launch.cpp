// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/plugins/run_launch.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

namespace test_support {

using butaca::adopt;
using butaca::MappedBuffer;
using butaca::Out;
using butaca::Owned;

std::string Made::codec_data() const
{
    const GValue *value =
        caps ? gst_structure_get_value(gst_caps_get_structure(caps.get(), 0), "codec_data") : nullptr;
    MappedBuffer map(value ? gst_value_get_buffer(value) : nullptr);
    return map ? std::string(map.bytes().begin(), map.bytes().end()) : std::string();
}

std::string Made::bytes() const
{
    std::string all;
    for (const Packet &packet : packets)
        all += packet.bytes;
    return all;
}

std::string Made::sha256() const
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    const auto add = [sum](const void *data, std::size_t size) {
        g_checksum_update(sum, static_cast<const guchar *>(data), static_cast<gssize>(size));
    };
    for (const Packet &packet : packets) {
        add(packet.bytes.data(), packet.bytes.size());
        add(&packet.pts, sizeof packet.pts);
        add(&packet.dts, sizeof packet.dts);
        add(&packet.duration, sizeof packet.duration);
    }
    if (caps) {
        const auto text = adopt(gst_caps_to_string(caps.get()));
        add(text.get(), std::string(text.get()).size());
    }
    std::string hex = g_checksum_get_string(sum);
    g_checksum_free(sum);
    return hex;
}

namespace {

void keep(Made &made, GstSample *sample)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    MappedBuffer map(buffer);
    if (!map)
        return;
    made.packets.push_back({.bytes = std::string(map.bytes().begin(), map.bytes().end()),
                            .pts = GST_BUFFER_PTS(buffer),
                            .dts = GST_BUFFER_DTS(buffer),
                            .duration = GST_BUFFER_DURATION(buffer),
                            .is_key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)});
    if (GstCaps *caps = gst_sample_get_caps(sample))
        made.caps = adopt(gst_caps_ref(caps));
}

void feed(GstElement *pipeline, const std::string &samples)
{
    const auto source = adopt(gst_bin_get_by_name(GST_BIN(pipeline), "samples"));
    if (!source)
        return;
    // Pieces of an odd length: nothing may depend on how the input is cut.
    constexpr std::size_t piece = 4 * 777;
    for (std::size_t at = 0; at < samples.size(); at += piece) {
        const std::size_t size = std::min(piece, samples.size() - at);
        gst_app_src_push_buffer(GST_APP_SRC(source.get()), gst_buffer_new_memdup(samples.data() + at, size));
    }
    gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
}

GstPadProbeReturn note_time([[maybe_unused]] GstPad *pad, GstPadProbeInfo *info, gpointer times)
{
    static_cast<std::vector<GstClockTime> *>(times)->push_back(
        GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
    return GST_PAD_PROBE_OK;
}

} // namespace

Made run_launch(const std::string &launch, const std::string &samples)
{
    Made made;
    const std::string whole = launch + (launch.ends_with("! ") ? "" : " ! ") + "appsink name=made sync=false";
    Owned<GError> error;
    const auto pipeline = butaca::sink(gst_parse_launch(whole.c_str(), Out(error)));
    if (!pipeline || error) {
        made.error = error ? error->message : "no pipeline";
        return made;
    }
    const auto out = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "made"));
    const auto bus = adopt(gst_element_get_bus(pipeline.get()));
    if (const auto in = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"))) {
        const auto pad = adopt(gst_element_get_static_pad(in.get(), "src"));
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, note_time, &made.pts_in, nullptr);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    feed(pipeline.get(), samples);
    // An element that fails posts an error but need not end the stream: look for both.
    for (;;) {
        const auto sample = adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), GST_SECOND / 20));
        if (sample) {
            keep(made, sample.get());
            continue;
        }
        // Before the sink has started it also says that it is at the end: an error counts first.
        if (const auto message = adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR))) {
            gst_message_parse_error(message.get(), Out(error), nullptr);
            made.error = error->message;
            break;
        }
        if (gst_app_sink_is_eos(GST_APP_SINK(out.get())))
            break;
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return made;
}

std::string sha256_in_another_process(const std::string &launch)
{
    const auto self = adopt(g_file_read_link("/proc/self/exe", nullptr));
    std::array<const char *, 4> argv = {self.get(), "--sha256-of", launch.c_str(), nullptr};
    char *output = nullptr;
    if (!g_spawn_sync(nullptr, const_cast<char **>(argv.data()), nullptr, G_SPAWN_DEFAULT, nullptr, nullptr,
                      &output, nullptr, nullptr, nullptr))
        return "could not start";
    const auto owned = adopt(output);
    return output;
}

} // namespace test_support

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc == 3 && std::string(argv[1]) == "--sha256-of") {
        std::fputs(test_support::run_launch(argv[2]).sha256().c_str(), stdout);
        return 0;
    }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
