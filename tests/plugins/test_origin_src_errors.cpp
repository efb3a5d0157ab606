// SPDX-License-Identifier: LGPL-2.1-or-later
// How vssrc and assrc say what is wrong: errors on the bus, and refusals to start.
#include <string>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "src/base/gst.h"
#include "tests/plugins/pulled_source.h"
#include "tests/plugins/reader_fixture.h"

using namespace butaca;
using namespace butaca::test;

namespace {

// Reads one byte from an origin that answers so, and checks the error on the bus.
void fails_with(Step step, int code, const std::string &text)
{
    FaultyOrigin origin(noise(1000));
    origin.always(step);
    Pulled source(make_source(origin));
    std::string bytes;
    EXPECT_EQ(source.read(0, 1, bytes), GST_FLOW_ERROR);
    Owned<GstMessage> message = source.error();
    ASSERT_TRUE(message);
    Owned<GError> error;
    Owned<char> debug;
    gst_message_parse_error(message.get(), Out(error), Out(debug));
    EXPECT_TRUE(g_error_matches(error.get(), GST_RESOURCE_ERROR, code)) << error->message;
    EXPECT_EQ(error->message, text);
    EXPECT_NE(std::string(debug.get()).find(origin.host()), std::string::npos) << debug.get();
    EXPECT_EQ(std::string(debug.get()).find("t1cket"), std::string::npos);
}

} // namespace

TEST(OriginSrc, SaysWhyItCannotRead)
{
    fails_with({.fault = Fault::status, .status = 404}, GST_RESOURCE_ERROR_NOT_FOUND,
               "the original is no longer there");
    fails_with({.fault = Fault::status, .status = 401}, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
               "the original cannot be read: the ticket does not hold");
    fails_with({.fault = Fault::status, .status = 403}, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
               "the original cannot be read: the ticket is not for it");
    fails_with({.fault = Fault::other_etag}, GST_RESOURCE_ERROR_READ,
               "the original changed while it was being read");
    fails_with({.fault = Fault::status, .status = 503}, GST_RESOURCE_ERROR_READ,
               "the server of the original is busy or failing");
}

TEST(OriginSrc, CarriesTheCodeForApplications)
{
    FaultyOrigin origin(noise(1000));
    origin.always({.fault = Fault::status, .status = 503, .retry_after_s = 7});
    Owned<GstElement> element = make_source(origin);
    g_object_set(element.get(), "retries", 1u, nullptr);
    Pulled source(std::move(element));
    std::string bytes;
    source.read(0, 1, bytes);
    Owned<GstMessage> message = source.error();
    ASSERT_TRUE(message);
    const GstStructure *details = nullptr;
    gst_message_parse_error_details(message.get(), &details);
    ASSERT_TRUE(details);
    EXPECT_STREQ(gst_structure_get_string(details, "code"), "unavailable");
    guint retry_after_s = 0;
    EXPECT_TRUE(gst_structure_get_uint(details, "retry-after-s", &retry_after_s));
    EXPECT_EQ(retry_after_s, 7u);
}

TEST(OriginSrc, RefusesToStartWithoutAUsableLocationOrTicket)
{
    for (const char *description : {"vssrc ! fakesink", "vssrc location=http://127.0.0.1/x ! fakesink",
                                    "vssrc location=as://127.0.0.1/x ! fakesink",
                                    "vssrc location=vs://127.0.0.1/x replicas=a/b ! fakesink",
                                    "vssrc location=vs://127.0.0.1/x ticket=\"a b\" ! fakesink"}) {
        Owned<GstElement> pipeline = sink(gst_parse_launch(description, nullptr));
        EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE)
            << description;
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    }
}
