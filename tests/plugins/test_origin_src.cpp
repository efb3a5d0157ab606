// SPDX-License-Identifier: LGPL-2.1-or-later
// The elements vssrc and assrc as GStreamer sees them: push and pull, seeks, interruption, leaks.
#include <filesystem>
#include <thread>

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include "src/base/gst.h"
#include "tests/plugins/pulled_source.h"
#include "tests/plugins/reader_fixture.h"

using namespace butaca;
using namespace butaca::source;
using namespace butaca::test;

namespace {

struct Harness {
    explicit Harness(GstElement *element) : harness(gst_harness_new_with_element(element, nullptr, "src")) {}
    ~Harness() { gst_harness_teardown(harness); }
    Harness(const Harness &) = delete;
    Harness &operator=(const Harness &) = delete;

    // The bytes of the buffers up to the end of the stream.
    std::string drain()
    {
        std::string all;
        for (;;) {
            Owned<GstEvent> event;
            while ((event = adopt(gst_harness_try_pull_event(harness)))) {
                if (GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS)
                    return all + rest();
            }
            append(all, adopt(gst_harness_try_pull(harness)));
            std::this_thread::yield();
        }
    }
    GstHarness *harness;

private:
    static void append(std::string &all, Owned<GstBuffer> buffer)
    {
        if (!buffer)
            return;
        MappedBuffer map(buffer.get());
        EXPECT_EQ(GST_BUFFER_OFFSET_END(buffer.get()) - GST_BUFFER_OFFSET(buffer.get()), map.bytes().size());
        all.append(reinterpret_cast<const char *>(map.bytes().data()), map.bytes().size());
    }
    std::string rest()
    {
        std::string all;
        while (gst_harness_buffers_in_queue(harness) > 0)
            append(all, adopt(gst_harness_pull(harness)));
        return all;
    }
};

guint64 stat_of(GstElement *element, const char *field)
{
    Owned<GstStructure> stats;
    g_object_get(element, "stats", static_cast<GstStructure **>(Out(stats)), nullptr);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
}

std::size_t entries(const char *directory)
{
    std::error_code ignored;
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(directory, ignored))
        ++count;
    return count;
}

} // namespace

TEST(OriginSrc, PushesTheWholeOriginal)
{
    FaultyOrigin origin(noise(700'001));
    Owned<GstElement> element = make_source(origin);
    Harness harness(element.get());
    gst_harness_play(harness.harness);
    EXPECT_TRUE(same(harness.drain(), origin.bytes()));
    EXPECT_EQ(stat_of(element.get(), "bytes-received"), origin.bytes().size());
}

TEST(OriginSrc, PushesAllThroughFaults)
{
    FaultyOrigin origin(noise(700'001));
    origin.script({{.fault = Fault::reset, .after_bytes = 30'001},
                   {.fault = Fault::status, .status = 503},
                   {.fault = Fault::silent}});
    Owned<GstElement> element = make_source(origin);
    Harness harness(element.get());
    gst_harness_play(harness.harness);
    EXPECT_TRUE(same(harness.drain(), origin.bytes()));
    EXPECT_EQ(stat_of(element.get(), "retries"), 3u);
}

TEST(OriginSrc, EndsAtOnceOnAnEmptyOriginal)
{
    FaultyOrigin origin("");
    Owned<GstElement> element = make_source(origin, "assrc");
    Harness harness(element.get());
    gst_harness_play(harness.harness);
    EXPECT_EQ(harness.drain(), "");
}

TEST(OriginSrc, SeeksInPushMode)
{
    FaultyOrigin origin(noise(700'001));
    Owned<GstElement> element = make_source(origin);
    Harness harness(element.get());
    gst_harness_play(harness.harness);
    harness.drain();
    ASSERT_TRUE(gst_harness_push_upstream_event(
        harness.harness, gst_event_new_seek(1.0, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
                                            333'333, GST_SEEK_TYPE_NONE, -1)));
    EXPECT_TRUE(same(harness.drain(), origin.bytes().substr(333'333)));
}

TEST(OriginSrc, OffersRandomAccessWithoutBeingCalledSlow)
{
    FaultyOrigin origin(noise(1000));
    Pulled source(make_source(origin));
    Owned<GstQuery> query = adopt(gst_query_new_scheduling());
    ASSERT_TRUE(gst_pad_query(source.pad(), query.get()));
    EXPECT_TRUE(gst_query_has_scheduling_mode_with_flags(query.get(), GST_PAD_MODE_PULL,
                                                         GST_SCHEDULING_FLAG_SEEKABLE));
    GstSchedulingFlags flags = GST_SCHEDULING_FLAG_SEEKABLE;
    gst_query_parse_scheduling(query.get(), &flags, nullptr, nullptr, nullptr);
    EXPECT_FALSE(flags & GST_SCHEDULING_FLAG_BANDWIDTH_LIMITED);
    EXPECT_EQ(origin.requests().size(), 0u) << "a state change must not wait for a server";
}

TEST(OriginSrc, TellsItsLengthBeforeTheFirstRead)
{
    FaultyOrigin origin(noise(123'456));
    Pulled source(make_source(origin));
    gint64 length = 0;
    ASSERT_TRUE(gst_pad_query_duration(source.pad(), GST_FORMAT_BYTES, &length));
    EXPECT_EQ(length, 123'456);
}

TEST(OriginSrc, PullsAsFromAFile)
{
    FaultyOrigin origin(noise(500'000));
    Pulled source(make_source(origin, "assrc"));
    std::string bytes;
    for (std::uint64_t offset : {400'000u, 0u, 65'530u, 123'456u}) {
        ASSERT_EQ(source.read(offset, 20'000, bytes), GST_FLOW_OK);
        EXPECT_TRUE(same(bytes, origin.bytes().substr(offset, 20'000)));
    }
    ASSERT_EQ(source.read(499'990, 100, bytes), GST_FLOW_OK);
    EXPECT_TRUE(same(bytes, origin.bytes().substr(499'990)));
    EXPECT_EQ(source.read(500'000, 1, bytes), GST_FLOW_EOS);
    EXPECT_EQ(source.read(9'000'000, 1, bytes), GST_FLOW_EOS);
}

TEST(OriginSrc, EndsCleanlyWhenTheFirstPullIsPastTheEnd)
{
    FaultyOrigin origin(noise(1000));
    Pulled source(make_source(origin));
    std::string bytes;
    EXPECT_EQ(source.read(5000, 10, bytes), GST_FLOW_EOS);
    EXPECT_FALSE(source.error());
}

TEST(OriginSrc, UsesItsReplicas)
{
    FaultyOrigin origin(noise(300'000));
    FaultyOrigin replica(origin.bytes());
    origin.always({.fault = Fault::status, .status = 500});
    Owned<GstElement> element = make_source(origin);
    g_object_set(element.get(), "replicas", (refusing_host() + ", " + replica.host()).c_str(), nullptr);
    Pulled source(std::move(element));
    std::string bytes;
    ASSERT_EQ(source.read(0, 300'000, bytes), GST_FLOW_OK);
    EXPECT_TRUE(same(bytes, replica.bytes()));
    EXPECT_EQ(stat_of(source.element(), "failovers"), 2u);
}

TEST(OriginSrc, StopsAtOnceWhileTheServerIsSilent)
{
    FaultyOrigin origin(noise(1000));
    origin.always({.fault = Fault::silent});
    Owned<GstElement> element = make_source(origin);
    g_object_set(element.get(), "read-timeout-ms", 3600u * 1000, nullptr);
    Pulled source(std::move(element));
    GstFlowReturn flow = GST_FLOW_OK;
    std::string bytes;
    std::thread reading([&] { flow = source.read(0, 1, bytes); });
    origin.wait_for_requests(1);
    source.stop();
    reading.join();
    EXPECT_EQ(flow, GST_FLOW_FLUSHING);
    EXPECT_FALSE(source.error());
}

TEST(OriginSrc, HandlesItsScheme)
{
    const std::string uri = "vs://127.0.0.1:9/items/" + std::string(64, 'a') + "/bytes";
    Owned<GstElement> element = sink(gst_element_make_from_uri(GST_URI_SRC, uri.c_str(), nullptr, nullptr));
    ASSERT_TRUE(element);
    EXPECT_STREQ(GST_OBJECT_NAME(gst_element_get_factory(element.get())), "vssrc");
    Owned<char> back = adopt(gst_uri_handler_get_uri(GST_URI_HANDLER(element.get())));
    EXPECT_EQ(back.get(), uri);
    Owned<GError> error;
    EXPECT_FALSE(gst_uri_handler_set_uri(GST_URI_HANDLER(element.get()), "vs://u@h/x", Out(error)));
    EXPECT_TRUE(g_error_matches(error.get(), GST_URI_ERROR, GST_URI_ERROR_BAD_URI));
    element = sink(gst_element_make_from_uri(GST_URI_SRC, "as://h/x", nullptr, nullptr));
    ASSERT_TRUE(element);
    EXPECT_STREQ(GST_OBJECT_NAME(gst_element_get_factory(element.get())), "assrc");
}

TEST(OriginSrc, DoesNotShowItsTicket)
{
    Owned<GstElement> element = sink(gst_element_factory_make("vssrc", nullptr));
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), "ticket");
    ASSERT_TRUE(spec);
    EXPECT_FALSE(spec->flags & G_PARAM_READABLE);
}

TEST(OriginSrc, LeavesNoConnectionAndNoThreadBehind)
{
    auto cycle = [] {
        FaultyOrigin origin(noise(400'000));
        origin.script({{}, {.fault = Fault::stall, .after_bytes = 100}});
        Pulled source(make_source(origin));
        std::string bytes;
        for (std::uint64_t offset : {0u, 100'000u, 300'000u})
            EXPECT_EQ(source.read(offset, 50'000, bytes), GST_FLOW_OK);
    };
    for (int i = 0; i < 3; ++i)
        cycle();
    std::size_t files = entries("/proc/self/fd");
    std::size_t threads = entries("/proc/self/task");
    for (int i = 0; i < 10; ++i)
        cycle();
    EXPECT_EQ(entries("/proc/self/fd"), files);
    EXPECT_LE(entries("/proc/self/task"), threads);
}
