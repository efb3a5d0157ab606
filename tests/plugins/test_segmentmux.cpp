// SPDX-License-Identifier: LGPL-2.1-or-later
// The element by itself, fed by hand: when chunks leave, what is refused, and with which words.
#include <memory>

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include "tests/plugins/mux_support.h"

using namespace butaca;

namespace {

constexpr char avc_caps[] =
    "video/x-h264,stream-format=avc,alignment=au,width=320,height=240,framerate=24/1,"
    "pixel-aspect-ratio=4/3,colorimetry=bt709,codec_data=(buffer)0164001effe100046764001e01000468ee3cb0";

struct Teardown {
    void operator()(GstHarness *harness) const { gst_harness_teardown(harness); }
};

// The element in a harness, with a bus to read errors from.
class Muxer {
public:
    explicit Muxer(const char *caps = avc_caps)
        : harness_(gst_harness_new("segmentmux")), bus_(adopt(gst_bus_new()))
    {
        gst_element_set_bus(harness_->element, bus_.get());
        if (caps)
            gst_harness_set_src_caps_str(harness_.get(), caps);
    }

    // Messages that nobody read keep the element alive, which keeps the bus.
    ~Muxer()
    {
        gst_element_set_bus(harness_->element, nullptr);
        gst_bus_set_flushing(bus_.get(), TRUE);
    }
    Muxer(const Muxer &) = delete;
    Muxer &operator=(const Muxer &) = delete;

    GstElement *element() { return harness_->element; }
    GstHarness *harness() { return harness_.get(); }
    void give_times(const std::vector<std::int64_t> &times)
    {
        g_object_set(element(), "sample-times", test::packed(times).get(), nullptr);
    }
    GstFlowReturn push(std::uint64_t frame, bool sync = false, gsize size = 50)
    {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
        gst_buffer_memset(buffer, 0, static_cast<guint8>(frame), size);
        GST_BUFFER_PTS(buffer) = gst_util_uint64_scale_round(frame, GST_SECOND, 24);
        GST_BUFFER_DURATION(buffer) = GST_SECOND / 24;
        if (!sync)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        return gst_harness_push(harness_.get(), buffer);
    }
    bool end() { return gst_harness_push_event(harness_.get(), gst_event_new_eos()); }
    guint waiting() { return gst_harness_buffers_in_queue(harness_.get()); }
    Owned<GstBuffer> pull() { return adopt(gst_harness_try_pull(harness_.get())); }
    std::string error()
    {
        const auto message = adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR));
        if (!message)
            return "";
        Owned<GError> error;
        gst_message_parse_error(message.get(), Out(error), nullptr);
        EXPECT_TRUE(g_error_matches(error.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_MUX));
        return error->message;
    }

private:
    std::unique_ptr<GstHarness, Teardown> harness_;
    Owned<GstBus> bus_;
};

} // namespace

TEST(SegmentMux, SendsTheFirstChunkBeforeTheLastFrameHasCome)
{
    Muxer muxer;
    g_object_set(muxer.element(), "chunk-samples", 4, "first-chunk-samples", 2, nullptr);
    muxer.give_times({0, 1000, 2000, 3000, 4000, 5000, 6000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    EXPECT_EQ(muxer.waiting(), 1u); // the init segment
    EXPECT_EQ(muxer.push(3), GST_FLOW_OK);
    EXPECT_EQ(muxer.waiting(), 2u);
    const auto init = muxer.pull();
    EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(init.get(), GST_BUFFER_FLAG_HEADER));
    EXPECT_EQ(test::top_boxes(test::bytes_of(init.get())), "ftyp moov");
    const auto first = muxer.pull();
    EXPECT_EQ(test::top_boxes(test::bytes_of(first.get())), "styp moof mdat");
    EXPECT_FALSE(GST_BUFFER_FLAG_IS_SET(first.get(), GST_BUFFER_FLAG_DELTA_UNIT));
    EXPECT_FALSE(GST_BUFFER_FLAG_IS_SET(first.get(), GST_BUFFER_FLAG_MARKER));
    for (const std::uint64_t frame : {1, 2, 5})
        EXPECT_EQ(muxer.push(frame), GST_FLOW_OK);
    EXPECT_EQ(muxer.waiting(), 0u);
    EXPECT_EQ(muxer.push(4), GST_FLOW_OK);
    const auto last = muxer.pull();
    ASSERT_TRUE(last);
    EXPECT_EQ(test::top_boxes(test::bytes_of(last.get())), "moof mdat");
    EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(last.get(), GST_BUFFER_FLAG_DELTA_UNIT));
    EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(last.get(), GST_BUFFER_FLAG_MARKER));
    EXPECT_TRUE(muxer.end());
    EXPECT_EQ(muxer.error(), "");
}

TEST(SegmentMux, PutsTheSamplesBytesWhereTheDataOffsetPoints)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    muxer.push(0, true, 3);
    muxer.push(1, false, 2);
    muxer.pull();
    const auto bytes = test::bytes_of(muxer.pull().get());
    EXPECT_EQ(test::find_box(bytes, "mdat"), (test::Bytes{0, 0, 0, 1, 1}));
    const auto read = test::fragments(bytes, 0).at(0);
    EXPECT_EQ(read.samples[0].size_bytes, 3u);
    EXPECT_EQ(read.samples[1].size_bytes, 2u);
}

TEST(SegmentMux, TakesTheGridOfTheNextSegmentWhenOneIsComplete)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    muxer.push(0, true);
    muxer.push(1);
    muxer.give_times({2000, 3000, 4000});
    EXPECT_EQ(muxer.push(2, true), GST_FLOW_OK);
    EXPECT_EQ(muxer.push(3), GST_FLOW_OK);
    muxer.pull();
    EXPECT_EQ(test::fragments(test::bytes_of(muxer.pull().get()), 0).at(0).sequence_number, 1u);
    const auto second = test::fragments(test::bytes_of(muxer.pull().get()), 0).at(0);
    EXPECT_EQ(second.sequence_number, 2u);
    EXPECT_EQ(second.tfdt, 2000u);
}

TEST(SegmentMux, RefusesAFrameThatIsOffTheGrid)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    EXPECT_EQ(muxer.push(2), GST_FLOW_ERROR);
    EXPECT_EQ(muxer.error(), "a sample at tick 2000 is not on the segment's grid");
    EXPECT_EQ(muxer.push(1), GST_FLOW_ERROR);
    EXPECT_EQ(muxer.error(), "");
}

TEST(SegmentMux, RefusesADoubledFrame)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    EXPECT_EQ(muxer.push(0), GST_FLOW_ERROR);
    EXPECT_EQ(muxer.error(), "two samples at tick 0");
}

TEST(SegmentMux, RefusesOneFrameTooMany)
{
    Muxer muxer;
    muxer.give_times({0, 1000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    EXPECT_EQ(muxer.push(1), GST_FLOW_ERROR);
    EXPECT_EQ(muxer.error(), "a sample at tick 1000 comes after the segment was complete");
}

TEST(SegmentMux, DoesNotLetAnIncompleteSegmentEndWell)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    EXPECT_FALSE(muxer.end());
    EXPECT_EQ(muxer.error(),
              "the stream ended with 1 of 2 samples; the first that is missing is at tick 1000");
    Muxer empty;
    empty.give_times({0, 1000});
    EXPECT_FALSE(empty.end());
    EXPECT_EQ(empty.error(), "the stream ended before its first sample");
}

TEST(SegmentMux, RefusesSampleTimesThatAreNone)
{
    Muxer muxer;
    muxer.give_times({1000, 0});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_ERROR);
    EXPECT_NE(muxer.error(), "");
}

TEST(SegmentMux, RefusesAStreamThatChangesUnderItsInitSegment)
{
    Muxer muxer;
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    const auto caps = adopt(gst_caps_from_string(avc_caps));
    EXPECT_TRUE(gst_harness_push_event(muxer.harness(), gst_event_new_caps(caps.get())));
    const auto wider = adopt(gst_caps_copy(caps.get()));
    gst_caps_set_simple(wider.get(), "width", G_TYPE_INT, 640, nullptr);
    gst_harness_push_event(muxer.harness(), gst_event_new_caps(wider.get()));
    EXPECT_EQ(muxer.error(), "the stream changed in the middle: no single init segment fits it");
}

TEST(SegmentMux, RefusesCapsWithoutDecoderConfiguration)
{
    for (const char *caps :
         {"video/x-h264,stream-format=avc,alignment=au,width=320,height=240",
          "video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)0164001effe100046764001e",
          "audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=2",
          "audio/x-flac,framed=true,rate=48000,channels=2"}) {
        Muxer muxer(nullptr);
        gst_harness_push_event(muxer.harness(), gst_event_new_stream_start("s"));
        const auto parsed = adopt(gst_caps_from_string(caps));
        gst_harness_push_event(muxer.harness(), gst_event_new_caps(parsed.get()));
        EXPECT_NE(muxer.error(), "") << caps;
    }
}

TEST(SegmentMux, ReadsShapeAndColourFromTheCaps)
{
    Muxer muxer;
    muxer.push(0, true);
    const auto init = test::bytes_of(muxer.pull().get());
    const auto stsd = test::find_box(init, "moov/trak/mdia/minf/stbl/stsd");
    const auto entry = test::find_box(test::Bytes(stsd.begin() + 8, stsd.end()), "avc1");
    const test::Bytes boxes(entry.begin() + 78, entry.end());
    EXPECT_EQ(test::top_boxes(boxes), "avcC colr pasp");
    EXPECT_EQ(test::find_box(boxes, "pasp"), (test::Bytes{0, 0, 0, 4, 0, 0, 0, 3}));
    EXPECT_EQ(test::find_box(boxes, "colr"), (test::Bytes{'n', 'c', 'l', 'x', 0, 1, 0, 1, 0, 1, 0}));
}

TEST(SegmentMux, BeginsAnewAfterAFlush)
{
    Muxer muxer;
    muxer.give_times({0, 1000, 2000});
    EXPECT_EQ(muxer.push(0, true), GST_FLOW_OK);
    gst_harness_push_event(muxer.harness(), gst_event_new_flush_start());
    gst_harness_push_event(muxer.harness(), gst_event_new_flush_stop(TRUE));
    while (muxer.pull()) {
    }
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(muxer.harness(), gst_event_new_segment(&segment));
    muxer.give_times({48000, 49000});
    EXPECT_EQ(muxer.push(48, true), GST_FLOW_OK);
    muxer.pull();
    EXPECT_EQ(test::fragments(test::bytes_of(muxer.pull().get()), 0).at(0).tfdt, 48000u);
    EXPECT_EQ(muxer.error(), "");
}
