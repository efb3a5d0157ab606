// SPDX-License-Identifier: LGPL-2.1-or-later
// Real films and recordings through real demuxers: over HTTP they must give the same packets as from the
// file, in pull mode, from the start and after a seek.
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "src/base/gst.h"
#include "tests/support/faulty_origin.h"

using namespace butaca;
using namespace butaca::test;

namespace {

struct Packets {
    std::mutex mutex; // each pad of the demuxer has its own streaming thread
    // A bin that is just changing its state may lose the preroll of a sink that is added meanwhile.
    std::recursive_mutex building;
    std::map<std::string, std::ostringstream> streams;
    GstPadMode mode = GST_PAD_MODE_NONE;
    bool failed = false;

    std::map<std::string, std::string> texts()
    {
        std::map<std::string, std::string> all;
        for (auto &[name, stream] : streams)
            all[name] = stream.str();
        return all;
    }
};

void note_packet(GstElement *fakesink, GstBuffer *buffer, GstPad *, gpointer data) noexcept
{
    auto *packets = static_cast<Packets *>(data);
    MappedBuffer map(buffer);
    Owned<char> digest =
        adopt(g_compute_checksum_for_data(G_CHECKSUM_MD5, map.bytes().data(), map.bytes().size()));
    std::lock_guard lock(packets->mutex);
    packets->streams[GST_OBJECT_NAME(fakesink)] << GST_BUFFER_PTS(buffer) << ' ' << GST_BUFFER_DTS(buffer)
                                                << ' ' << GST_BUFFER_FLAGS(buffer) << ' ' << digest.get()
                                                << '\n';
}

void take_pad(GstElement *demuxer, GstPad *pad, gpointer data) noexcept
{
    std::lock_guard lock(static_cast<Packets *>(data)->building);
    Owned<GstElement> pipeline = adopt(GST_ELEMENT(gst_element_get_parent(demuxer)));
    GstElement *fakesink = gst_element_factory_make("fakesink", GST_PAD_NAME(pad));
    g_object_set(fakesink, "signal-handoffs", TRUE, "sync", FALSE, nullptr);
    g_signal_connect(fakesink, "handoff", G_CALLBACK(note_packet), data);
    // One thread feeds all pads: without queues, the first sink that waits for PLAYING would stop the others.
    GstElement *queue = gst_element_factory_make("queue", nullptr);
    g_object_set(queue, "max-size-buffers", 0u, "max-size-bytes", 0u, "max-size-time", guint64{0}, nullptr);
    gst_bin_add_many(GST_BIN(pipeline.get()), queue, fakesink, nullptr);
    EXPECT_TRUE(gst_element_link(queue, fakesink));
    gst_element_sync_state_with_parent(fakesink);
    gst_element_sync_state_with_parent(queue);
    Owned<GstPad> to = adopt(gst_element_get_static_pad(queue, "sink"));
    EXPECT_EQ(gst_pad_link(pad, to.get()), GST_PAD_LINK_OK);
}

bool wait_for(GstElement *pipeline, GstMessageType type)
{
    Owned<GstBus> bus = adopt(gst_element_get_bus(pipeline));
    Owned<GstMessage> message = adopt(gst_bus_timed_pop_filtered(
        bus.get(), 20 * GST_SECOND, static_cast<GstMessageType>(type | GST_MESSAGE_ERROR)));
    return message && GST_MESSAGE_TYPE(message.get()) == type;
}

// All packets that a demuxer makes of what the source gives, from `start_ns` on.
void demux(GstElement *floating_source, const char *demuxer_name, GstClockTime start_ns, Packets &packets)
{
    Owned<GstElement> pipeline = sink(gst_pipeline_new(nullptr));
    GstElement *demuxer = gst_element_factory_make(demuxer_name, nullptr);
    gst_bin_add_many(GST_BIN(pipeline.get()), floating_source, demuxer, nullptr);
    EXPECT_TRUE(gst_element_link(floating_source, demuxer));
    g_signal_connect(demuxer, "pad-added", G_CALLBACK(take_pad), &packets);
    {
        std::lock_guard lock(packets.building);
        gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
    }
    packets.failed = !wait_for(pipeline.get(), GST_MESSAGE_ASYNC_DONE);
    Owned<GstPad> pad = adopt(gst_element_get_static_pad(floating_source, "src"));
    packets.mode = GST_PAD_MODE(pad.get());
    auto flags = static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT);
    bool sought = start_ns == 0 || gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME, flags,
                                                           static_cast<gint64>(start_ns));
    EXPECT_TRUE(sought);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    packets.failed |= !wait_for(pipeline.get(), GST_MESSAGE_EOS);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

struct Medium {
    const char *file;
    const char *demuxer;
    const char *source;
};

class OriginSrcMedia : public testing::TestWithParam<Medium> {
protected:
    void SetUp() override
    {
        const char *folder = std::getenv("BUTACA_MEDIA");
        path_ = std::string(folder ? folder : "") + "/" + GetParam().file;
        std::ifstream file(path_, std::ios::binary);
        if (!file)
            GTEST_SKIP() << "no media at hand";
        std::ostringstream all;
        all << file.rdbuf();
        bytes_ = all.str();
    }

    // Compares the file with the origin, from a position on.
    void gives_the_same(GstClockTime start_ns, const FaultyOrigin &origin)
    {
        GstElement *file = gst_element_factory_make("filesrc", nullptr);
        g_object_set(file, "location", path_.c_str(), nullptr);
        Packets expected;
        demux(file, GetParam().demuxer, start_ns, expected);
        GstElement *remote = gst_element_factory_make(GetParam().source, nullptr);
        g_object_set(remote, "location", origin.location(std::string(GetParam().source, 2)).c_str(),
                     "backoff-ms", 1u, "read-timeout-ms", 500u, nullptr);
        Packets got;
        demux(remote, GetParam().demuxer, start_ns, got);
        EXPECT_FALSE(expected.failed);
        EXPECT_FALSE(got.failed);
        EXPECT_EQ(got.mode, GST_PAD_MODE_PULL);
        EXPECT_FALSE(got.streams.empty());
        EXPECT_TRUE(got.texts() == expected.texts());
    }

    std::string path_;
    std::string bytes_;
};

} // namespace

TEST_P(OriginSrcMedia, GivesTheSamePacketsAsTheFile)
{
    FaultyOrigin origin(bytes_);
    gives_the_same(0, origin);
}

TEST_P(OriginSrcMedia, GivesTheSamePacketsAfterASeek)
{
    FaultyOrigin origin(bytes_);
    gives_the_same(2 * GST_SECOND, origin);
}

TEST_P(OriginSrcMedia, GivesTheSamePacketsThroughFaults)
{
    FaultyOrigin origin(bytes_);
    origin.script({{.fault = Fault::reset, .after_bytes = 10'001},
                   {.fault = Fault::status, .status = 503},
                   {.fault = Fault::stall, .after_bytes = 77},
                   {.fault = Fault::short_body, .after_bytes = 100'001},
                   {.fault = Fault::silent}});
    gives_the_same(0, origin);
}

INSTANTIATE_TEST_SUITE_P(RealFiles, OriginSrcMedia,
                         testing::Values(Medium{"sintel-trailer-720p.mp4", "qtdemux", "vssrc"},
                                         Medium{"interlaced-dv-pal.mov", "qtdemux", "vssrc"},
                                         Medium{"sintel-trailer-h264-opus.mkv", "matroskademux", "vssrc"},
                                         Medium{"tears-of-steel-battle.webm", "matroskademux", "vssrc"},
                                         Medium{"sintel-trailer-msmpeg4-adpcm.avi", "avidemux", "vssrc"},
                                         Medium{"kevin-macleod-vibe-ace.ogg", "oggdemux", "assrc"},
                                         Medium{"corelli-trio-sonata.m4a", "qtdemux", "assrc"}));
